"""A client that sends exactly the bytes that a test means, and shows exactly what came back."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPResponse

Header = tuple[str, str]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[Header, ...]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def cors(self) -> list[Header]:
        return cors_lines(self.headers)


def cors_lines(headers: Iterable[Header]) -> list[Header]:
    """What decides who may read an answer: every CORS header, in lower case, and Vary, which may
    stand on one line or on several."""
    lines = [(name.lower(), value) for name, value in headers]
    named = [v.strip() for name, value in lines if name == "vary" for v in value.split(",")]
    return sorted(
        [
            *(line for line in lines if line[0].startswith("access-control-")),
            *(line for line in lines if line[0] == "timing-allow-origin"),
            *([("vary", ", ".join(named))] if named else []),
        ]
    )


def head(method: str, path: str, headers: Iterable[Header] = (), host: str = "gateway") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{n}: {v}" for n, v in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def send(address: tuple[str, int], raw: bytes, method: str = "GET") -> Answer:
    """Send these bytes on a connection of their own, and read one answer."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(raw)
        return receive(connection, method)


def receive(connection: socket.socket, method: str = "GET") -> Answer:
    response = HTTPResponse(connection, method=method)
    try:
        response.begin()
        return Answer(response.status, tuple(response.headers.items()), response.read())
    finally:
        response.close()


class Asker:
    """Asks one gateway. Headers may be given as keywords: ``origin=...``."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address

    def __call__(
        self,
        method: str,
        path: str,
        *lines: Header,
        origin: str | None = None,
        host: str = "gateway",
        body: bytes = b"",
    ) -> Answer:
        headers = list(lines)
        if origin is not None:
            headers.append(("Origin", origin))
        if body:
            headers.append(("Content-Length", str(len(body))))
        return send(self.address, head(method, path, headers, host) + body, method)

    def preflight(
        self, path: str, origin: str, *lines: Header, method: str = "PUT", host: str = "gateway"
    ) -> Answer:
        wanted = ("Access-Control-Request-Method", method)
        return self("OPTIONS", path, wanted, *lines, origin=origin, host=host)
