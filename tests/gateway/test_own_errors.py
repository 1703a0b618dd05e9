"""What the gateway says itself, a page that may read the route may read."""

from __future__ import annotations

import socket

import pytest

from tests.gateway.client import Asker, head, receive, send
from tests.gateway.policies import APP, STRANGER
from tests.gateway.test_responses import FULL
from tests.gateway.upstream import Upstream, reply

pytestmark = pytest.mark.nginx


def test_404_where_no_route_is(ask: Asker, upstream: Upstream) -> None:
    answer = ask("GET", "/nowhere", origin=APP)
    assert (answer.status, answer.cors) == (404, FULL)
    assert upstream.seen == []


def test_404_is_readable_by_everybody_if_some_route_is(ask: Asker) -> None:
    assert ask("GET", "/nowhere", origin=STRANGER).cors == [
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", "ETag, Link"),
        ("vary", "Origin"),
    ]


def test_413_for_a_body_that_is_too_large(ask: Asker, upstream: Upstream) -> None:
    answer = ask("POST", "/auth/small/x", origin=APP, body=b"x" * 1001)
    assert (answer.status, answer.cors) == (413, FULL)
    assert upstream.seen == []
    assert ask("POST", "/auth/small/x", origin=APP, body=b"x" * 1000).status == 200


def test_413_for_a_body_that_grows_too_large_on_the_way(ask: Asker) -> None:
    chunked = head("POST", "/auth/small/x", [("Origin", APP), ("Transfer-Encoding", "chunked")])
    with socket.create_connection(ask.address, timeout=10) as connection:
        connection.sendall(chunked + b"1000\r\n" + b"x" * 4096 + b"\r\n0\r\n\r\n")
        answer = receive(connection)
    assert (answer.status, answer.cors) == (413, FULL)


def test_the_gateway_s_own_limit_holds_where_a_route_has_none(ask: Asker) -> None:
    assert ask("POST", "/auth", origin=APP, body=b"x" * (1024 * 1024 + 1)).status == 413
    assert ask("POST", "/unlimited", origin=APP, body=b"x" * (1024 * 1024 + 1)).status == 200


def test_429_beyond_the_rate_limit(ask: Asker) -> None:
    answers = [ask("GET", "/limited", origin=APP) for _ in range(10)]
    assert {answer.status for answer in answers} == {200, 429}
    assert all(answer.cors == FULL for answer in answers)


def test_502_when_the_service_is_down(ask: Asker) -> None:
    answer = ask("GET", "/down", origin=APP)
    assert (answer.status, answer.cors) == (502, FULL)


def test_502_when_the_service_hangs_up(ask: Asker, upstream: Upstream) -> None:
    upstream.behaviour = lambda *_: None
    answer = ask("GET", "/auth", origin=APP)
    assert (answer.status, answer.cors) == (502, FULL)


def test_504_when_the_service_takes_longer_than_the_route_allows(
    ask: Asker, upstream: Upstream
) -> None:
    upstream.behaviour = lambda _, reader, __: reader.read(1)  # until the gateway hangs up
    answer = ask("GET", "/slow", origin=APP)
    assert (answer.status, answer.cors) == (504, FULL)


def test_503_of_a_service_is_passed_on_with_the_owner_s_headers(
    ask: Asker, upstream: Upstream
) -> None:
    upstream.answer = lambda _: reply(503, [("Retry-After", "3")])
    answer = ask("GET", "/auth", origin=APP)
    assert (answer.status, answer.cors, answer.values("retry-after")) == (503, FULL, ["3"])


@pytest.mark.parametrize(
    "broken",
    [
        b"GET /auth HTTP/1.1\r\nOrigin: https://app.example.com\r\n\r\n",  # no Host
        b"GET /auth HTTP/1.1\r\nHost: g\r\nOrigin: https://app.example.com\r\nX: "
        + b"x" * 65536
        + b"\r\n\r\n",
    ],
    ids=["no host", "too large a header"],
)
def test_400_for_what_is_not_http(ask: Asker, broken: bytes, nginx: bool) -> None:
    answer = send(ask.address, broken)
    if nginx:
        assert (answer.status, answer.cors) == (400, FULL)
    else:  # Envoy says so before it looks at anything, the owner's headers included
        assert (answer.status in (400, 431), answer.cors) == (True, [])


def test_403_to_a_stranger_s_preflight_can_be_told_from_the_service_s(ask: Asker) -> None:
    assert ask.preflight("/auth", STRANGER).status == 403


def test_no_owner_speaks_for_a_route_that_a_service_owns(ask: Asker, upstream: Upstream) -> None:
    upstream.behaviour = lambda *_: None
    answer = ask("GET", "/legacy", origin=APP)
    assert (answer.status, answer.cors) == (502, [])
