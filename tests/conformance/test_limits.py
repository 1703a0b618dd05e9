"""What gateways do beside CORS: WebSockets pass, and what a limit answers is readable."""

from __future__ import annotations

import base64
import hashlib
import http.client
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service
from tests.conformance import engines
from tests.conformance.conftest import EVERY_TARGET
from tests.conformance.engines.process import free_port

APP = "https://app.example.com"
POLICY = Policy(
    Gateway(public="https://api.example.com"),
    {"api": Service("api", "http://127.0.0.1:3000")},
    {"session": CorsPolicy("session", OriginSet((APP,)), allow_credentials=True)},
    (
        Route("/socket", "api", "session"),
        Route("/slow", "api", "session", timeout=1),
        Route("/limited", "api", "session", rate_limit=1),
    ),
)
JAVA = pytest.param("spring-cloud-gateway", marks=pytest.mark.java)
TRAEFIK = ("traefik", "traefik-labels", "traefik-crd")
NGINX = pytest.param("nginx", marks=pytest.mark.nginx)
WITH_SOCKETS = [NGINX, "envoy", "haproxy", "caddy", "httpd", *TRAEFIK, JAVA]
WITH_TIMEOUTS = [NGINX, "envoy", "haproxy", "caddy", "httpd", "traefik", "traefik-crd", JAVA]
WITH_RATES = [NGINX, "envoy", "haproxy", *TRAEFIK]


FRAME = b"\x81\x85\x00\x00\x00\x00hello"
"""What a client sends: a text of five bytes, masked with zeros."""
ANSWER = b"\x81\x05world"


def _switch(key: str) -> bytes:
    accept = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(accept) + b"\r\n\r\n"
    )


@contextmanager
def service() -> Iterator[str]:
    """A service that says hello, answers a WebSocket's first frame, and sleeps on /slow."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while request := stream.readline():
                lines = itertools.takewhile(lambda line: line.strip(), stream)
                pairs = (line.decode("latin-1").rstrip().partition(": ") for line in lines)
                headers = {name.lower(): value for name, _, value in pairs}
                if b"/slow" in request:
                    over.wait(20)
                    return
                if headers.get("upgrade", "").lower() == "websocket":
                    connection.sendall(_switch(headers["sec-websocket-key"]))
                    stream.read(len(FRAME))
                    connection.sendall(ANSWER)
                    over.wait(20)
                    return
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], int]]:
    """Starts a target once and says where it listens."""
    ports: dict[str, int] = {}
    with ExitStack() as stack:
        url = stack.enter_context(service())

        def started(name: str) -> int:
            if name not in ports:
                ports[name] = stack.enter_context(_running(name, url, tmp_path_factory))
            return ports[name]

        yield started


@contextmanager
def _running(name: str, url: str, folders: pytest.TempPathFactory) -> Iterator[int]:
    workspace: Path = folders.mktemp(name)
    folder = workspace / "run"
    folder.mkdir()
    listen = free_port()
    gateway = replace(POLICY.gateway, listen=f"127.0.0.1:{listen}")
    here = replace(POLICY, gateway=gateway, services={"api": Service("api", url)})
    files = EVERY_TARGET[name].files(here)
    rendered = engines.Rendered(here, files, folder, listen, lambda: 0)
    with engines.start(name, workspace) as launch, launch(rendered) as live:
        yield live.port


def ask(port: int, path: str) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Host": "api.example.com", "Origin": APP})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}


@pytest.mark.parametrize("name", WITH_SOCKETS)
def test_a_websocket_passes_both_ways(port: Callable[[str], int], name: str) -> None:
    with socket.create_connection(("127.0.0.1", port(name)), timeout=20) as connection:
        connection.sendall(
            b"GET /socket HTTP/1.1\r\nHost: api.example.com\r\nOrigin: https://app.example.com\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        with connection.makefile("rb") as stream:
            assert b" 101 " in stream.readline()
            while stream.readline().strip():
                pass
            connection.sendall(FRAME)
            assert stream.read(len(ANSWER)) == ANSWER


@pytest.mark.parametrize("name", WITH_TIMEOUTS)
def test_a_service_that_is_too_slow_is_a_readable_error(
    port: Callable[[str], int], name: str
) -> None:
    status, headers = ask(port(name), "/slow")
    assert status in {502, 504}
    assert headers["access-control-allow-origin"] == APP
    assert headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize("name", WITH_RATES)
def test_one_request_too_many_is_a_readable_error(port: Callable[[str], int], name: str) -> None:
    for _ in range(100):  # one a second is few, however slow the machine
        status, headers = ask(port(name), "/limited")
        if status != 200:
            break
    assert status == 429
    assert headers["access-control-allow-origin"] == APP
    assert headers["access-control-allow-credentials"] == "true"
