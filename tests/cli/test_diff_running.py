"""``corsage diff`` with something that runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.cli.configuration import MEANT, write

APP = "https://app.example.com"


class _Api(BaseHTTPRequestHandler):
    """Does what the policy says, but for one method."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.server.asked.append(self.command)
        preflight = self.command == "OPTIONS"
        self.send_response(204 if preflight else 200)
        if self.headers.get("Origin") == APP and self.path.startswith("/orders"):
            self.send_header("Access-Control-Allow-Origin", APP)
            self.send_header("Access-Control-Allow-Credentials", "true")
            if preflight:
                self.send_header("Access-Control-Allow-Methods", "GET")
                self.send_header("Access-Control-Allow-Headers", "Content-Type")
        self.send_header("Vary", "Origin")
        if not preflight:
            self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_OPTIONS = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = _answer  # noqa: N815 -- names of http.server

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Api) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_running_server_is_compared_and_nothing_is_changed_on_it(corsage, tmp_path, api):
    policy = f"{write(tmp_path, cors_yaml=MEANT)}/cors.yaml"
    url = f"http://127.0.0.1:{api.server_port}"
    ran = corsage("diff", policy, url)
    assert ran.code == 1
    assert f"{policy} allows, {url} blocks: PUT /orders from {APP} with credentials" in ran.out
    assert "GET /orders" not in ran.out
    assert set(api.asked) <= {"GET", "HEAD", "OPTIONS"}


def test_a_server_that_is_not_there_is_a_difference_that_says_so(corsage, tmp_path, api):
    policy = f"{write(tmp_path, cors_yaml=MEANT)}/cors.yaml"
    port = api.server_port
    api.server_close()
    ran = corsage("diff", policy, f"http://127.0.0.1:{port}", "--timeout", "1")
    assert ran.code in {1, 2}
    assert "no difference" not in ran.out
