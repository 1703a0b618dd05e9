"""Every response of an owned route carries the owner's headers, once, and nobody else's."""

from __future__ import annotations

import pytest

from corsage.policy.decide import UPSTREAM_CORS_HEADERS
from tests.gateway.client import Asker
from tests.gateway.policies import APP, PARTNER, STRANGER
from tests.gateway.upstream import Upstream

pytestmark = pytest.mark.nginx

FULL = [
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-origin", APP),
    ("access-control-expose-headers", "ETag, X-Request-Id"),
    ("vary", "Origin"),
]
CARELESS = tuple((name, "*") for name in UPSTREAM_CORS_HEADERS)


def test_a_service_that_sends_a_star_as_well_does_not_double_the_origin(
    ask: Asker, upstream: Upstream
) -> None:
    upstream.says(200, ("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Origin", APP))
    assert ask("GET", "/auth/me", origin=APP).cors == FULL


@pytest.mark.parametrize("spelled", [str.lower, str.upper, str.swapcase])
@pytest.mark.parametrize("path", ["/auth", "/search", "/partners", "/internal"])
def test_no_cors_header_of_a_service_survives_on_a_route_that_it_does_not_own(
    ask: Asker, upstream: Upstream, path: str, spelled: type[str]
) -> None:
    upstream.says(200, *((spelled(name), "smuggled") for name, _ in CARELESS))
    answer = ask("GET", path, origin=APP)
    assert answer.status == 200
    assert "smuggled" not in dict(answer.cors).values()


@pytest.mark.parametrize("status", [200, 201, 301, 302, 304, 307, 400, 401, 404, 418, 500, 503])
def test_the_headers_are_on_every_status(ask: Asker, upstream: Upstream, status: int) -> None:
    upstream.says(status, *CARELESS, ("Location", "https://elsewhere.example/"))
    answer = ask("GET", "/auth", origin=APP)
    assert (answer.status, answer.cors) == (status, FULL)
    assert answer.values("location") == ["https://elsewhere.example/"]


@pytest.mark.parametrize("origin", [None, STRANGER, "null", ""])
def test_who_is_not_allowed_gets_vary_and_nothing_else(
    ask: Asker, upstream: Upstream, origin: str | None
) -> None:
    upstream.says(200, *CARELESS)
    answer = ask("GET", "/auth", origin=origin)
    assert (answer.status, answer.cors) == (200, [("vary", "Origin")])


def test_a_service_s_vary_is_kept_beside_ours(ask: Asker, upstream: Upstream) -> None:
    upstream.says(200, ("Vary", "Accept-Encoding"))
    assert ask("GET", "/auth").cors == [("vary", "Accept-Encoding, Origin")]
    upstream.says(200, ("Vary", "Accept-Encoding, X-Original"))
    assert ask("GET", "/auth").cors == [("vary", "Accept-Encoding, X-Original, Origin")]


@pytest.mark.parametrize("value", ["Origin", "origin", "Accept, ORIGIN ,X", "*", "Accept,  *"])
def test_vary_is_not_said_twice(ask: Asker, upstream: Upstream, value: str) -> None:
    upstream.says(200, ("Vary", value))
    assert ask("GET", "/auth", origin=APP).values("vary") == [value]


def test_a_public_route_says_the_same_to_everybody(ask: Asker, upstream: Upstream) -> None:
    upstream.says(200, *CARELESS, ("Vary", "Accept-Encoding"))
    for origin in (None, APP, STRANGER, "null"):
        assert ask("GET", "/search", origin=origin).cors == [
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", "ETag, Link"),
            ("vary", "Accept-Encoding"),
        ]


def test_timing_is_opened_to_whom_the_policy_names(ask: Asker) -> None:
    assert ask("GET", "/partners", origin=PARTNER).values("timing-allow-origin") == [PARTNER]
    assert ask("GET", "/partners", origin=APP).values("timing-allow-origin") == []


def test_a_route_that_its_service_owns_is_not_touched(ask: Asker, upstream: Upstream) -> None:
    upstream.says(200, *CARELESS, ("Vary", "Cookie"))
    answer = ask("GET", "/legacy/orders", origin=APP)
    expected = [(name.lower(), value) for name, value in (*CARELESS, ("Vary", "Cookie"))]
    assert answer.cors == sorted(expected)


def test_a_route_for_no_browser_can_be_read_by_none(ask: Asker, upstream: Upstream) -> None:
    upstream.says(200, *CARELESS, ("Vary", "Cookie"))
    answer = ask("GET", "/internal/ledger", origin=APP)
    assert (answer.status, answer.cors) == (200, [("vary", "Cookie")])


@pytest.mark.parametrize(
    "origin", ["https://x.preview.example.com", "https://a.b-c.preview.example.com"]
)
def test_subdomains_of_a_pattern_are_echoed(ask: Asker, origin: str) -> None:
    assert ask("GET", "/auth", origin=origin).values("access-control-allow-origin") == [origin]


@pytest.mark.parametrize("port", ["", ":1", ":3000", ":65535"])
def test_any_port_of_a_pattern_is_echoed(ask: Asker, port: str) -> None:
    origin = f"http://localhost{port}"
    assert ask("GET", "/auth", origin=origin).values("access-control-allow-origin") == [origin]
