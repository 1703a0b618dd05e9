"""A client that keeps its connections asks as one that does not, and faster."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from corsage.browser.exchange import WireRequest
from corsage.live.client import Client, NoAnswerError

Handler = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Counts the connections that were made and the requests that came."""

    def __init__(self, handle: Handler) -> None:
        self.connections = 0
        self.requests: list[str] = []
        server = self

        class Answers(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                server.connections += 1
                super().setup()

            def do_GET(self) -> None:
                server.requests.append(self.command)
                handle(self)

            do_POST = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 -- http.server's names

            def log_message(self, *_: object) -> None:
                """Not a word."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.http.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.http.server_address[1]}"


@contextmanager
def serving(handle: Handler) -> Iterator[Server]:
    server = Server(handle)
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def ask(client: Client, server: Server, method: str = "GET") -> int:
    request = WireRequest("actual", method, f"{server.origin}/", ())
    return client.exchange(request).response.status


def answer(handler: BaseHTTPRequestHandler, *headers: tuple[str, str], body: bytes = b"") -> None:
    handler.send_response(200)
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def plain(handler: BaseHTTPRequestHandler) -> None:
    answer(handler, ("Content-Length", "5"), body=b"" if handler.command == "HEAD" else b"hello")


def chunked(handler: BaseHTTPRequestHandler) -> None:
    answer(handler, ("Transfer-Encoding", "chunked"), body=b"5\r\nhello\r\n0\r\n\r\n")


@pytest.mark.parametrize("handle", [plain, chunked])
def test_one_connection_carries_all_requests(handle: Handler) -> None:
    with serving(handle) as server:
        client = Client([server.origin], keep_alive=True)
        methods = ["GET", "OPTIONS", "GET"] + (["HEAD"] if handle is plain else [])
        assert [ask(client, server, method) for method in methods] == [200] * len(methods)
        client.close()
    assert server.connections == 1


def test_without_it_each_request_has_its_own() -> None:
    with serving(plain) as server:
        client = Client([server.origin])
        ask(client, server)
        ask(client, server)
    assert server.connections == 2


def test_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    def once(handler: BaseHTTPRequestHandler) -> None:
        plain(handler)
        handler.close_connection = True  # without saying so

    with serving(once) as server:
        client = Client([server.origin], keep_alive=True)
        assert [ask(client, server) for _ in range(3)] == [200, 200, 200]
        client.close()
    assert server.requests == ["GET"] * 3


def test_what_must_not_be_sent_twice_has_a_connection_of_its_own() -> None:
    with serving(plain) as server:
        client = Client([server.origin], keep_alive=True)
        ask(client, server)
        ask(client, server, "POST")
        client.close()
    assert server.connections == 2


def test_a_stream_and_a_large_body_are_not_waited_for() -> None:
    def large(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, ("Content-Length", "999999999"), body=b"x" * 1000)

    def stream(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, ("Transfer-Encoding", "chunked"), body=b"5\r\nhello\r\n")
        released.wait(20)

    released = threading.Event()
    for handle in (large, stream):
        with serving(handle) as server:
            client = Client([server.origin], keep_alive=True, timeout=20)
            exchange = client.exchange(WireRequest("actual", "GET", f"{server.origin}/", ()))
            client.close()
            released.set()
            assert exchange.response.status == 200
            assert exchange.seconds < 10


def test_bytes_beyond_the_answer_are_never_taken_for_the_next_one() -> None:
    def smuggles(handler: BaseHTTPRequestHandler) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        handler.wfile.write(head + b"HTTP/1.1 299 Smuggled\r\n\r\n")

    with serving(smuggles) as server:
        client = Client([server.origin], keep_alive=True)
        assert [ask(client, server) for _ in range(5)] == [200] * 5
        client.close()


def test_no_answer_is_told_as_without_it() -> None:
    def silent(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    with serving(silent) as server:
        client = Client([server.origin], keep_alive=True)
        with pytest.raises(NoAnswerError, match="closed without an answer"):
            ask(client, server)
