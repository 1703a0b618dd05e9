"""A service behind the gateway that keeps what it was asked and answers exactly as told."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import parse_headers
from typing import BinaryIO

Header = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; ``size`` is the number of body bytes."""

    method: str
    target: str
    headers: tuple[Header, ...]
    size: int

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


def reply(status: int, headers: Iterable[Header] = (), body: bytes = b"") -> bytes:
    """The bytes of a response, header lines as given."""
    lines = [f"HTTP/1.1 {status} Told", *(f"{name}: {value}" for name, value in headers)]
    if not any(name.lower() in ("content-length", "upgrade") for name, _ in headers):
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


Behaviour = Callable[[Seen, BinaryIO, BinaryIO], None]
"""Takes over the connection after the request's head: (seen, from gateway, to gateway)."""


class Upstream:
    """``answer`` makes the reply to each request; ``behaviour`` replaces reading and replying."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.address = ("", 0)
        self.reset()

    def reset(self) -> None:
        self.seen.clear()
        self.answer: Callable[[Seen], bytes] = lambda _: reply(200)
        self.behaviour: Behaviour | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.address[1]}"

    def says(self, status: int = 200, *headers: Header, body: bytes = b"") -> None:
        """Answer every request like this from now on."""
        self.answer = lambda _: reply(status, headers, body)


@contextmanager
def serving(upstream: Upstream, tls: ssl.SSLContext | None = None) -> Iterator[Upstream]:
    """The service on a free port of this machine."""

    class Handler(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            while _answer(upstream, self.rfile, self.wfile):
                pass

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 512

        def get_request(self) -> tuple[socket.socket, object]:
            connection, address = super().get_request()
            if tls is not None:
                # The handshake waits for the first read, in the connection's own thread.
                connection = tls.wrap_socket(
                    connection, server_side=True, do_handshake_on_connect=False
                )
            return connection, address

        def handle_error(self, *_: object) -> None:
            return  # the gateway hung up, as it may

    with Server(("127.0.0.1", 0), Handler) as server:
        upstream.address = server.server_address
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield upstream
        finally:
            server.shutdown()
            thread.join()


def _answer(upstream: Upstream, reader: BinaryIO, writer: BinaryIO) -> bool:
    line = reader.readline(65536)
    if not line.strip():
        return False
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = tuple(parse_headers(reader).items())
    behaviour = upstream.behaviour
    if behaviour is not None:
        behaviour(Seen(method, target, headers, 0), reader, writer)
        return False
    seen = Seen(method, target, headers, sum(map(len, body_of(headers, reader))))
    upstream.seen.append(seen)
    writer.write(upstream.answer(seen))
    return True


def body_of(headers: Iterable[Header], reader: BinaryIO) -> Iterator[bytes]:
    """The pieces of a request's body."""
    named = {name.lower(): value for name, value in headers}
    if named.get("transfer-encoding") == "chunked":
        while size := int(reader.readline(), 16):
            yield reader.read(size)
            reader.readline()
        reader.readline()
    left = int(named.get("content-length", 0))
    while left > 0:
        piece = reader.read(min(left, 65536))
        if not piece:
            return
        left -= len(piece)
        yield piece
