"""TLS on both sides: HTTP/2 for browsers, verified certificates for services."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

import h2.connection
import h2.events
import pytest

from corsage.gateway import Engine, Gateway, running
from corsage.gateway.supervisor import AnyEngine
from corsage.policy.model import Policy, Tls
from tests.gateway.certificates import certify
from tests.gateway.client import Asker, cors_lines
from tests.gateway.policies import APP, every_kind_of_route
from tests.gateway.test_preflights import GRANT
from tests.gateway.test_responses import FULL
from tests.gateway.upstream import Upstream, serving

pytestmark = pytest.mark.nginx


@contextmanager
def over_tls(policy: Policy, engine: AnyEngine, folder: Path) -> Iterator[Gateway]:
    certificate, key = certify(folder)
    tls = Tls(str(certificate), str(key))
    policy = replace(policy, gateway=replace(policy.gateway, tls=tls))
    with running(policy, engine=engine, listen="127.0.0.1:0") as gateway:
        yield gateway


class Http2:
    """One HTTP/2 connection."""

    def __init__(self, address: tuple[str, int]) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(address, timeout=20)
        self._socket = context.wrap_socket(plain, server_hostname="localhost")
        assert self._socket.selected_alpn_protocol() == "h2"
        self._http = h2.connection.H2Connection()
        self._http.initiate_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(
        self, method: str, path: str, *lines: tuple[str, str], body: bytes = b""
    ) -> tuple[int, list[tuple[str, str]]]:
        """Status and headers of the answer."""
        stream = self._http.get_next_available_stream_id()
        head = [(":method", method), (":path", path), (":scheme", "https")]
        self._http.send_headers(stream, [*head, (":authority", "gateway"), *lines], not body)
        if body:
            self._http.send_data(stream, body, end_stream=True)
        self._socket.sendall(self._http.data_to_send())
        headers: list[tuple[str, str]] = []
        while True:
            for event in self._http.receive_data(self._socket.recv(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    headers = [(name.decode(), value.decode()) for name, value in event.headers]
                if isinstance(event, h2.events.StreamEnded):
                    return int(headers[0][1]), headers[1:]
            self._socket.sendall(self._http.data_to_send())


def test_http_2_is_answered_like_http_1(
    engine: AnyEngine, upstream: Upstream, dead_url: str, tmp_path: Path
) -> None:
    policy = every_kind_of_route(upstream.url, dead_url)
    with over_tls(policy, engine, tmp_path) as gateway, Http2(gateway.address) as client:
        wanted = ("access-control-request-method", "PUT")
        status, headers = client.ask("OPTIONS", "/auth", ("origin", APP), wanted)
        assert (status, cors_lines(headers)) == (204, GRANT)
        status, headers = client.ask("POST", "/auth", ("origin", APP), body=b"x" * 1000)
        assert (status, cors_lines(headers)) == (200, FULL)
        assert upstream.seen[-1].size == 1000
        assert upstream.seen[-1].values("host") == ["gateway"]
        assert upstream.seen[-1].values("x-forwarded-proto") == ["https"]
        status, headers = client.ask("GET", "/nowhere", ("origin", APP))
        assert (status, cors_lines(headers)) == (404, FULL)


def test_plain_http_on_the_tls_port_is_refused(
    engine: AnyEngine, nginx: bool, upstream: Upstream, dead_url: str, tmp_path: Path
) -> None:
    policy = every_kind_of_route(upstream.url, dead_url)
    with over_tls(policy, engine, tmp_path) as gateway:
        ask = Asker(gateway.address)
        if nginx:
            assert ask("GET", "/auth").status == 400
        else:  # Envoy hangs up
            with pytest.raises(ConnectionError):
                ask("GET", "/auth")


def test_a_public_https_origin_is_what_services_are_told(
    quick_engine: Engine, upstream: Upstream, dead_url: str
) -> None:
    policy = every_kind_of_route(upstream.url, dead_url)
    policy = replace(policy, gateway=replace(policy.gateway, public="https://api.example.com"))
    with running(policy, engine=quick_engine, listen="127.0.0.1:0") as gateway:
        Asker(gateway.address)("GET", "/auth")
        assert upstream.seen[-1].values("x-forwarded-proto") == ["https"]


@pytest.mark.parametrize(("trusted", "status"), [(True, 200), (False, 502)])
def test_an_https_service_is_verified(
    engine: AnyEngine, tmp_path: Path, dead_url: str, trusted: bool, status: int
) -> None:
    certificate, key = certify(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    with serving(Upstream(), context) as service:
        url = f"https://localhost:{service.address[1]}"
        if trusted:
            features = replace(engine.features, trusted_ca=str(certificate))
            engine = replace(engine, features=features)
        policy = every_kind_of_route(url, dead_url)
        with running(policy, engine=engine, listen="127.0.0.1:0") as gateway:
            answer = Asker(gateway.address)("GET", "/auth", origin=APP)
    assert (answer.status, answer.cors) == (status, FULL)
    assert set(names) == {"localhost"}
