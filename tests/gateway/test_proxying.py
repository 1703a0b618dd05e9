"""Beyond CORS the gateway is a plain, transparent proxy: nothing waits, nothing is rewritten."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import threading
from typing import BinaryIO

import pytest

from corsage.gateway import Gateway
from tests.gateway.client import Asker, head, receive
from tests.gateway.policies import APP
from tests.gateway.upstream import Seen, Upstream, body_of, reply

pytestmark = pytest.mark.nginx

MEGABYTE = 1024 * 1024
LARGE = 50 * MEGABYTE


def test_the_service_sees_the_public_host_and_who_called(
    ask: Asker, upstream: Upstream, nginx: bool
) -> None:
    ask("GET", "/auth/a%20b//c?d=%2F", host="api.example.com:8443")
    seen = upstream.seen[-1]
    # Envoy routes by the path that it sends on, and so normalises it.
    assert seen.target == ("/auth/a%20b//c?d=%2F" if nginx else "/auth/a%20b/c?d=%2F")
    assert seen.values("host") == ["api.example.com:8443"]
    assert seen.values("x-forwarded-host") == ["api.example.com:8443"]
    assert seen.values("x-forwarded-proto") == ["http"]
    assert seen.values("x-forwarded-for") == ["127.0.0.1"]


def test_the_caller_s_own_address_is_appended_to_what_proxies_said(
    ask: Asker, upstream: Upstream
) -> None:
    ask("GET", "/auth", ("X-Forwarded-For", "203.0.113.9"))
    (said,) = upstream.seen[-1].values("x-forwarded-for")
    assert said.replace(" ", "") == "203.0.113.9,127.0.0.1"


@pytest.mark.parametrize("given", ["abc-123", "01J:x/y+z=", "a" * 128])
def test_a_sane_request_id_is_kept(ask: Asker, upstream: Upstream, given: str) -> None:
    ask("GET", "/auth", ("X-Request-Id", given))
    assert upstream.seen[-1].values("x-request-id") == [given]


@pytest.mark.parametrize("given", [None, "", "a" * 129, 'x"y', "a b", "<script>", "${jndi:x}"])
def test_no_request_id_or_an_odd_one_is_replaced(
    ask: Asker, upstream: Upstream, given: str | None
) -> None:
    ask("GET", "/auth", *(() if given is None else (("X-Request-Id", given),)))
    ask("GET", "/auth")
    made = [value for seen in upstream.seen for value in seen.values("x-request-id")]
    assert len(set(made)) == 2
    assert all(re.fullmatch(r"[0-9a-f.-]{16,64}", each) for each in made)


def test_a_redirect_of_the_service_is_passed_on_as_it_is(ask: Asker, upstream: Upstream) -> None:
    location = f"{upstream.url}/elsewhere"
    upstream.says(302, ("Location", location))
    assert ask("GET", "/auth", origin=APP).values("location") == [location]


def test_a_service_cannot_send_the_gateway_elsewhere(ask: Asker, upstream: Upstream) -> None:
    upstream.says(200, ("X-Accel-Redirect", "/partners"), body=b"mine")
    answer = ask("GET", "/auth", origin=APP)
    assert (answer.status, answer.body, len(upstream.seen)) == (200, b"mine", 1)


def test_requests_share_connections_to_the_service(ask: Asker, upstream: Upstream) -> None:
    connections = set()

    def remember(seen: Seen) -> bytes:
        connections.add(threading.get_ident())  # the upstream has a thread for each connection
        return reply(200)

    upstream.answer = remember
    for _ in range(10):
        ask("GET", "/auth")
    assert len(connections) < 5


def test_the_first_event_of_a_stream_arrives_before_the_stream_ends(
    ask: Asker, upstream: Upstream
) -> None:
    received = threading.Event()

    def stream(_: Seen, __: BinaryIO, writer: BinaryIO) -> None:
        writer.write(reply(200, [("Content-Type", "text/event-stream"), ("Content-Length", "24")]))
        writer.write(b"data: first\n")
        assert received.wait(20)
        writer.write(b"data: last!\n")

    upstream.behaviour = stream
    with socket.create_connection(ask.address, timeout=20) as client:
        client.sendall(head("GET", "/auth/events", [("Origin", APP)]))
        text = b""
        while b"first" not in text:
            text += client.recv(4096)
        received.set()
        while b"last" not in text:
            text += client.recv(4096)
    assert f"access-control-allow-origin: {APP}".encode() in text.lower()


def test_50_mb_down_are_streamed(ask: Asker, upstream: Upstream) -> None:
    halfway = threading.Event()
    piece = b"x" * MEGABYTE

    def download(_: Seen, __: BinaryIO, writer: BinaryIO) -> None:
        writer.write(reply(200, [("Content-Length", str(LARGE))]))
        for number in range(LARGE // MEGABYTE):
            if number == 25:
                assert halfway.wait(20)  # the client has some before the service has sent all
            writer.write(piece)

    upstream.behaviour = download
    with socket.create_connection(ask.address, timeout=20) as client:
        client.sendall(head("GET", "/auth/file"))
        size = 0
        while size < LARGE:
            part = client.recv(MEGABYTE)
            assert part
            size += len(part)
            if size > 10 * MEGABYTE:
                halfway.set()


def test_50_mb_up_are_streamed(ask: Asker, upstream: Upstream) -> None:
    halfway = threading.Event()
    sizes = []

    def upload(seen: Seen, reader: BinaryIO, writer: BinaryIO) -> None:
        size = 0
        for part in body_of(seen.headers, reader):
            size += len(part)
            if size > 10 * MEGABYTE:
                halfway.set()
        sizes.append(size)
        writer.write(reply(201))

    upstream.behaviour = upload
    with socket.create_connection(ask.address, timeout=20) as client:
        client.sendall(head("PUT", "/unlimited/file", [("Content-Length", str(LARGE))]))
        for number in range(LARGE // MEGABYTE):
            if number == 25:
                assert halfway.wait(20)  # the service has some before the client has sent all
            client.sendall(b"x" * MEGABYTE)
        assert receive(client).status == 201
    assert sizes == [LARGE]


def test_nothing_of_a_large_body_is_left_on_the_disk(shared_gateway: Gateway, ask: Asker) -> None:
    assert ask("PUT", "/unlimited/file", body=b"x" * MEGABYTE).status == 200
    directory = shared_gateway.directory
    assert [path for path in directory.rglob("*_temp/*") if path.is_file()] == []


def test_a_websocket_is_passed_on_in_both_directions(ask: Asker, upstream: Upstream) -> None:
    upstream.behaviour = echo
    key = base64.b64encode(b"0123456789abcdef").decode()
    wanted = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", key)]
    with socket.create_connection(ask.address, timeout=20) as client:
        client.sendall(head("GET", "/auth/socket", [*wanted, ("Origin", APP)]))
        text = b""
        while b"\r\n\r\n" not in text:
            text += client.recv(4096)
        assert text.startswith(b"HTTP/1.1 101 ")
        assert accept_of(key).encode() in text
        client.sendall(b"\x81\x05hello")
        assert client.recv(4096) == b"\x81\x05hello"


def accept_of(key: str) -> str:
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    return base64.b64encode(digest).decode()


def echo(seen: Seen, reader: BinaryIO, writer: BinaryIO) -> None:
    assert seen.values("upgrade") == ["websocket"]
    assert [value.lower() for value in seen.values("connection")] == ["upgrade"]
    accept = accept_of(seen.values("sec-websocket-key")[0])
    headers = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", accept),
    ]
    writer.write(reply(101, headers))
    writer.write(reader.read(7))


def test_no_other_upgrade_tunnels_past_the_gateway(ask: Asker, upstream: Upstream) -> None:
    lines = [("Upgrade", "h2c"), ("Connection", "Upgrade, HTTP2-Settings"), ("HTTP2-Settings", "x")]
    assert ask("GET", "/auth", *lines).status == 200
    assert upstream.seen[-1].values("upgrade") == []
    assert upstream.seen[-1].values("connection") == []
