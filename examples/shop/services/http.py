"""Just enough HTTP to write a service as one function: a request in, an answer out."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from urllib.parse import urlsplit

MAX_BODY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Asked:
    """One request. ``headers`` has lower-case names; a repeated header keeps its first value."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    query: str = ""

    @property
    def origin(self) -> str | None:
        return self.headers.get("origin")

    def cookie(self, name: str) -> str | None:
        for pair in self.headers.get("cookie", "").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                return value
        return None


@dataclass(frozen=True)
class Answer:
    """One response. ``body`` is bytes, or an iterator of bytes for a stream."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | Iterator[bytes] = field(default=b"", repr=False)

    def with_headers(self, *headers: tuple[str, str]) -> Answer:
        return Answer(self.status, (*self.headers, *headers), self.body)


Service: TypeAlias = Callable[[Asked], Answer]


def as_json(value: object, *headers: tuple[str, str], status: int = 200) -> Answer:
    body = json.dumps(value).encode() + b"\n"
    return Answer(status, (("Content-Type", "application/json"), *headers), body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    service: Service

    def handle_one_request(self) -> None:
        # A browser that leaves while a stream is running is no error.
        with suppress(ConnectionError):
            super().handle_one_request()

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self._write(as_json({"error": "the body is too large"}, status=413))
            return
        url = urlsplit(self.path)
        names = {name.lower(): value for name, value in reversed(self.headers.items())}
        body = self.rfile.read(int(length))
        self._write(self.service(Asked(self.command, url.path, names, body, url.query)))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 -- http.server's names

    def _write(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if isinstance(answer.body, bytes):
            if answer.status not in {204, 304}:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)
            return
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        for piece in answer.body:
            self.wfile.write(piece)
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- inherited name
        """Quiet: the demo's output is its table."""


class Server(ThreadingHTTPServer):
    """A service on one port of 127.0.0.1; its threads end with the process."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, service: Service, port: int = 0) -> None:
        handler = type("Handler", (_Handler,), {"service": staticmethod(service)})
        super().__init__(("127.0.0.1", port), handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def running(service: Service, port: int = 0) -> Iterator[Server]:
    """The service, answering until the block ends. Raises OSError if the port is taken."""
    with Server(service, port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
