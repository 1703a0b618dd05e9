"""Preflights are answered at the edge, before anything else, and never reach a service."""

from __future__ import annotations

import pytest

from corsage.policy.decide import PREFLIGHT_VARY
from tests.gateway.client import Answer, Asker
from tests.gateway.policies import APP, PARTNER, STRANGER
from tests.gateway.upstream import Upstream

pytestmark = pytest.mark.nginx

GRANT = [
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-headers", "Authorization, Content-Type, X-Request-Id"),
    ("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE"),
    ("access-control-allow-origin", APP),
    ("access-control-max-age", "600"),
    ("vary", PREFLIGHT_VARY),
]


def assert_refused(answer: Answer) -> None:
    assert answer.status == 403
    assert answer.cors == [("vary", PREFLIGHT_VARY)]


def test_an_allowed_preflight_gets_the_whole_policy_and_no_service_hears_of_it(
    ask: Asker, upstream: Upstream
) -> None:
    answer = ask.preflight("/auth/login", APP)
    assert (answer.status, answer.cors, answer.body) == (204, GRANT, b"")
    assert upstream.seen == []


def test_a_method_or_header_outside_the_policy_gets_the_lists_so_that_devtools_can_name_it(
    ask: Asker,
) -> None:
    wanted = ("Access-Control-Request-Headers", "x-unknown")
    assert ask.preflight("/auth", APP, wanted, method="BREW").cors == GRANT


def test_a_stranger_s_preflight_is_refused_with_vary_and_nothing_else(
    ask: Asker, upstream: Upstream
) -> None:
    assert_refused(ask.preflight("/auth/login", STRANGER))
    assert upstream.seen == []


def test_a_public_route_answers_everybody_with_a_star(ask: Asker) -> None:
    assert ask.preflight("/search", "null").cors == [
        ("access-control-allow-methods", "GET"),
        ("access-control-allow-origin", "*"),
        ("vary", PREFLIGHT_VARY),
    ]


def test_a_requested_method_that_nginx_takes_for_false_is_a_preflight_too(
    ask: Asker, upstream: Upstream
) -> None:
    assert ask.preflight("/auth", APP, method="0").cors == GRANT
    assert upstream.seen == []


def test_options_without_an_origin_or_without_a_requested_method_is_the_service_s(
    ask: Asker, upstream: Upstream
) -> None:
    upstream.says(299)
    wanted = ("Access-Control-Request-Method", "PUT")
    assert ask("OPTIONS", "/auth", wanted).status == 299
    assert ask("OPTIONS", "/auth", origin=APP).status == 299
    assert ask("OPTIONS", "/auth", wanted, ("Origin", "")).status == 299
    assert ask("OPTIONS", "/auth", ("Access-Control-Request-Method", ""), origin=APP).status == 299


@pytest.mark.parametrize("path", ["/auth", "/partners", "/search", "/nowhere", "/internal"])
def test_without_an_origin_nothing_is_a_preflight(ask: Asker, path: str) -> None:
    wanted = ("Access-Control-Request-Method", "PUT")
    answers = {ask("OPTIONS", path, wanted, *more).status for more in ((), (("Origin", ""),))}
    assert answers == {404 if path == "/nowhere" else 200}


def test_a_rate_limit_does_not_count_preflights(ask: Asker) -> None:
    assert {ask.preflight("/limited", APP).status for _ in range(20)} == {204}


def test_a_service_that_is_down_does_not_fail_a_preflight(ask: Asker) -> None:
    assert ask.preflight("/down", APP).cors == GRANT


def test_a_route_for_no_browser_refuses_every_preflight(ask: Asker, upstream: Upstream) -> None:
    assert_refused(ask.preflight("/internal/x", APP))
    assert upstream.seen == []


def test_a_route_that_its_service_owns_leaves_preflights_to_it(
    ask: Asker, upstream: Upstream
) -> None:
    upstream.says(299, ("Access-Control-Allow-Origin", "https://other.example"))
    answer = ask.preflight("/legacy/x", APP)
    assert (answer.status, answer.cors) == (
        299,
        [("access-control-allow-origin", "https://other.example")],
    )


def test_where_no_route_is_the_first_policy_that_admits_the_origin_answers(ask: Asker) -> None:
    app, partner, stranger = (ask.preflight("/nowhere", who) for who in (APP, PARTNER, STRANGER))
    assert app.cors == GRANT
    assert partner.cors == [
        ("access-control-allow-headers", "X-Key"),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-origin", PARTNER),
        ("timing-allow-origin", PARTNER),
        ("vary", PREFLIGHT_VARY),
    ]
    assert stranger.cors == ask.preflight("/search", STRANGER).cors
