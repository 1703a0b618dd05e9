"""Nothing that a client writes into Origin comes back, and nothing looser than the policy does."""

from __future__ import annotations

import pytest

from tests.gateway.client import Asker, head, send
from tests.gateway.policies import APP, STRANGER
from tests.gateway.upstream import Upstream

pytestmark = pytest.mark.nginx

REFUSED = [("vary", "Origin")]


@pytest.mark.parametrize(
    "origin",
    [
        "HTTPS://APP.EXAMPLE.COM",
        "https://App.example.com",
        "https://app.example.com:443",
        "https://app.example.com/",
        "https://app.example.com.evil.example",
        "https://app.example.com@evil.example",
        "https://evil.example#https://app.example.com",
        f"{APP},{STRANGER}",
        f"{STRANGER}, {APP}",
        f"{APP} {STRANGER}",
        "null",
        "*",
        "$http_host",
        "${host}",
        '"',
        "'",
        '"; add_header X-Evil 1; #',
        "https://app.example.com\\r\\nX-Evil: 1",
        "https://app.example.com%0d%0aX-Evil:1",
        "https://app.example.com\xff",
        "https://\xe4pp.preview.example.com",
        "https://preview.example.com",
        "https://evilpreview.example.com",
        "https://x.preview.example.com.",
        "https://.preview.example.com",
        "https://x.preview.example.com:443",
        "https://x.preview.example.com:8443",
        "https://evil.example/.preview.example.com",
        "https://evil.example?.preview.example.com",
        "http://x.preview.example.com",
        "http://localhost:080",
        "http://localhost:65536",
        "http://localhost:80",
        "http://localhost:3000x",
        "http://localhost.evil.example:3000",
        "https://localhost:3000",
        "https://x." + "a" * 600 + ".preview.example.com",
    ],
)
def test_what_only_looks_like_an_allowed_origin_is_refused(ask: Asker, origin: str) -> None:
    answer = ask("GET", "/auth", origin=origin)
    assert (answer.status, answer.cors, answer.values("x-evil")) == (200, REFUSED, [])
    assert ask.preflight("/auth", origin).status == 403


@pytest.mark.parametrize("line", ["https://app.example.com\nX-Evil: 1", "https://a\r\nX-Evil: 1"])
def test_a_line_break_ends_the_header_and_reaches_no_response(ask: Asker, line: str) -> None:
    answer = ask("GET", "/auth", origin=line)
    assert answer.values("x-evil") == []


def test_a_null_byte_is_refused_outright(ask: Asker) -> None:
    answer = ask("GET", "/auth", origin=f"{APP}\0")
    assert answer.status == 400
    assert answer.values("access-control-allow-origin") in ([], ["*"])


@pytest.mark.parametrize("filler", ["a", ".a", "-", "[", "https://"])
def test_an_origin_of_64_kib_costs_nothing_and_gets_nothing(ask: Asker, filler: str) -> None:
    origin = "https://" + (filler * 65536)[:65536] + ".preview.example.com"
    answer = ask("GET", "/auth", origin=origin)
    assert answer.status in (400, 431)
    assert APP not in answer.values("access-control-allow-origin")


@pytest.mark.parametrize("filler", ["a", ".a", "-", "a-", "["])
def test_the_longest_origin_that_engines_take_is_refused_at_once(ask: Asker, filler: str) -> None:
    origin = "https://" + (filler * 8000)[:8000] + ".preview.example.com"
    assert ask("GET", "/auth", origin=origin).cors == REFUSED


def test_several_origin_lines_grant_nothing_to_the_second(ask: Asker, upstream: Upstream) -> None:
    answer = ask("GET", "/auth", ("Origin", STRANGER), ("Origin", APP))
    assert answer.cors == REFUSED
    answer = ask("GET", "/auth", ("Origin", APP), ("Origin", STRANGER))
    assert STRANGER not in answer.values("access-control-allow-origin")


def test_thousands_of_header_lines_are_refused_or_ignored(ask: Asker) -> None:
    lines = [("Access-Control-Request-Headers", "x" * 30)] * 2000
    raw = head(
        "OPTIONS", "/auth", [("Origin", APP), ("Access-Control-Request-Method", "PUT"), *lines]
    )
    assert send(ask.address, raw).status in (204, 400, 431)
