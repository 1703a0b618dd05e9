"""Servers that misbehave, one way each: on 127.0.0.1, gone at the end of the ``with``."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

_MEGABYTE = b"x" * 2**20

Fault: TypeAlias = Callable[[socket.socket, threading.Event], None]
"""Answers one connection after its request's head; the event is set when the server ends."""


def _hang(_: socket.socket, ended: threading.Event) -> None:
    ended.wait()


def _close(_: socket.socket, __: threading.Event) -> None:
    """Ends the connection without a byte."""


def _reset(connection: socket.socket, _: threading.Event) -> None:
    # Lingering for 0 seconds: closing sends RST.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _drip(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not ended.wait(0.05):
        connection.sendall(b"x")


def _drip_body(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 999999\r\n\r\n")
    while not ended.wait(0.05):
        connection.sendall(b"x")


def _flood(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 104857600\r\n\r\n")
    for _ in range(100):
        if ended.is_set():
            return
        connection.sendall(_MEGABYTE)


def _flood_head(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not ended.is_set():
        connection.sendall(b"X-More: " + b"y" * 8000 + b"\r\n")


def _interim(connection: socket.socket, ended: threading.Event) -> None:
    while not ended.is_set():
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def _fixed(answer: bytes) -> Fault:
    return lambda connection, _: connection.sendall(answer)


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "hangs": _hang,
        "closes": _close,
        "resets": _reset,
        "drips its head": _drip,
        "drips its body": _drip_body,
        "sends 100 MB": _flood,
        "sends an endless head": _flood_head,
        "sends endless interim answers": _interim,
        "speaks another protocol": _fixed(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        "sends a broken status line": _fixed(b"HTTP/1.1 abc\r\n\r\n"),
        "sends broken headers": _fixed(
            b"HTTP/1.1 200 OK\r\nno colon\r\n: no name\r\nAccess-Control-Allow-Origin\r\n"
            b"Vary: \xff\x00\x1b[31m\r\n\r\n"
        ),
        "breaks off in its head": _fixed(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Or"),
        "redirects to itself": _fixed(
            b"HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: /again\r\n"
            b"Content-Length: 0\r\n\r\n"
        ),
    }
)
"""Name -> what the server does, in the third person: "a server that ..."."""


@contextmanager
def faulty(name: str) -> Iterator[str]:
    """The origin of a server with this fault."""
    with _serving(FAULTS[name]) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def badly_certified(folder: Path) -> Iterator[str]:
    """The origin (https, localhost) of a server whose certificate nobody has signed."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    files = ["-nodes", "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with _serving(_fixed(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), context) as port:
        yield f"https://localhost:{port}"


@contextmanager
def refused() -> Iterator[str]:
    """An origin whose port is taken by what never listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def speaking_first() -> Iterator[str]:
    """The origin of a server that does not wait for what is asked: it is no web server."""
    with _serving(FAULTS["speaks another protocol"], reads=False) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _serving(
    fault: Fault, tls: ssl.SSLContext | None = None, *, reads: bool = True
) -> Iterator[int]:
    ended = threading.Event()
    threads: list[threading.Thread] = []

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(30)
            stream = connection
            if tls is not None:
                stream = tls.wrap_socket(connection, server_side=True)
            with stream:
                head = b""
                while reads and b"\r\n\r\n" not in head:
                    if not (piece := stream.recv(65536)):
                        return
                    head += piece
                fault(stream, ended)

    def accept() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=answer, args=(connection,), daemon=True))
            threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join(10)
