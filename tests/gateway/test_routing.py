"""A request finds the route that the policy says, by its normalised path, and keeps its own."""

from __future__ import annotations

import pytest

from tests.gateway.client import Asker
from tests.gateway.policies import APP
from tests.gateway.upstream import Upstream

pytestmark = pytest.mark.nginx


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/auth", 200),
        ("/auth/", 200),
        ("/auth/a/b?c=d", 200),
        ("/auth?next=/search", 200),
        ("/authx", 404),
        ("/aut", 404),
        ("/Auth", 404),
        ("/exact", 200),
        ("/exact/", 404),
        ("/exact/more", 404),
        ("/folder/", 200),
        ("/folder", 404),
        ("/folder/x", 404),
        ("/", 404),
    ],
)
def test_prefixes_end_at_a_slash_and_exact_paths_are_exact(
    ask: Asker, path: str, status: int
) -> None:
    assert ask("GET", path).status == status


@pytest.mark.parametrize(
    "spelled",
    [
        "//internal///x",
        "/auth/../internal/x",
        "/./internal/x",
        "/%69nternal/x",
        "/auth%2F..%2Finternal/x",
        "/nowhere/%2e%2e/internal",
    ],
)
def test_no_spelling_of_a_path_gets_the_policy_of_another_route(
    ask: Asker, upstream: Upstream, nginx: bool, spelled: str
) -> None:
    answer = ask("GET", spelled, origin=APP)
    assert (answer.status, answer.cors) == (200, [])  # /internal is for no browser
    # And the service sees what was asked, or what that was taken for.
    assert upstream.seen[-1].target in ([spelled] if nginx else ["/internal/x", "/internal"])


@pytest.mark.parametrize("path", ["/../auth", "/../../auth", "/%2e%2e/auth"])
def test_a_path_above_the_root_is_refused_or_begins_at_the_root(
    ask: Asker, nginx: bool, path: str
) -> None:
    assert ask("GET", path).status == (400 if nginx else 200)


def test_the_most_specific_route_wins(ask: Asker) -> None:
    assert ask("POST", "/auth/smaller", body=b"x" * 1001).status == 200
    assert ask("POST", "/auth/small", body=b"x" * 1001).status == 413


@pytest.mark.parametrize(
    "host", ["public.example.com", "PUBLIC.example.com", "public.example.com:81"]
)
def test_a_named_host_s_own_routes_come_first(ask: Asker, host: str) -> None:
    answer = ask("GET", "/auth/small", origin=APP, host=host)
    assert answer.values("access-control-allow-origin") == ["*"]


def test_a_named_host_has_the_routes_of_every_host_too(ask: Asker) -> None:
    assert ask("GET", "/partners", host="public.example.com").status == 200
    assert ask("GET", "/nowhere", host="public.example.com").status == 404


def test_nobody_is_redirected_to_a_trailing_slash(ask: Asker) -> None:
    for path in ("/auth", "/folder", "/auth/small", "/search"):
        assert ask("GET", path).status in (200, 404)
