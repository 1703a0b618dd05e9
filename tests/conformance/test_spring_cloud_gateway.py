"""What only Spring Cloud Gateway can get wrong: its own pages, spellings of paths, sizes."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator

import pytest

from corsage.layers import load_target
from corsage.policy import CorsPolicy, Gateway, OriginPattern, OriginSet, Policy, Route, Service
from tests.conformance import engines
from tests.conformance.engines.process import free_port
from tests.conformance.policies import on_this_machine
from tests.conformance.upstream import upstream

pytestmark = pytest.mark.java

APP = "https://app.example.com"
OWN = "https://api.example.com"
PATTERN = OriginPattern("https", "preview.example.com", True)
POLICY = Policy(
    gateway=Gateway(public=OWN, max_body=1000),
    services={"api": Service("api", "http://127.0.0.1:3000")},
    policies={
        "session": CorsPolicy("session", OriginSet((APP,), (PATTERN,)), ("PUT",), (), (), True),
        "public": CorsPolicy("public", OriginSet(any_origin=True), allow_timing=True),
    },
    routes=(
        Route("/", "api", "session"),
        Route("/internal", "api", None),
        Route("/public", "api", "public", host="tenant.example.com"),
        Route("/public", "api", "public"),
    ),
)

Answer = tuple[int, dict[str, str]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Answer]]:
    """Sends a GET (or a POST, with a body) as it is, to the character."""
    workspace = tmp_path_factory.mktemp("spring-cloud-gateway")
    folder, port = workspace / "run", free_port()
    folder.mkdir()
    with upstream() as behind, engines.start("spring-cloud-gateway", workspace) as launch:
        here = on_this_machine(POLICY, port, behind.url)
        files = load_target("spring-cloud-gateway").files(here)
        with launch(engines.Rendered(here, files, folder, port, lambda: behind.seen)):

            def send(path: str, body: bytes = b"", **headers: str) -> Answer:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                connection.request(
                    "POST" if body else "GET",
                    path,
                    body or None,
                    {"Host": "api.example.com", **named},
                )
                response = connection.getresponse()
                response.read()
                connection.close()
                return response.status, {n.lower(): v for n, v in response.getheaders()}

            yield send


def test_its_own_pages_are_no_strangers_behind_a_proxy_that_ends_tls(
    ask: Callable[..., Answer],
) -> None:
    assert ask("/", b"x", Origin=OWN, X_Forwarded_Proto="https")[0] == 200
    assert ask("/", b"x", Origin="https://stranger.example", X_Forwarded_Proto="https")[0] == 403


@pytest.mark.parametrize(
    "path", ["/internal", "/internal/", "/internal/x", "/%69nternal", "/internal;a=1/x"]
)
def test_no_spelling_of_a_segment_gets_round_its_rule(
    ask: Callable[..., Answer], path: str
) -> None:
    status, headers = ask(path, Origin=APP)
    assert status == 403
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", ["/internalx", "/Internal", "/a/internal"])
def test_its_neighbours_have_the_rule_of_their_own_route(
    ask: Callable[..., Answer], path: str
) -> None:
    assert ask(path, Origin=APP)[1]["access-control-allow-origin"] == APP


@pytest.mark.parametrize("origin", [f"https://{'a.' * 100}preview.example.com", APP])
def test_an_origin_is_echoed_once(ask: Callable[..., Answer], origin: str) -> None:
    assert ask("/", Origin=origin)[1]["access-control-allow-origin"] == origin


@pytest.mark.parametrize(
    "origin",
    [
        f"{APP}.stranger.example",
        f"https://stranger.example/.{'preview.example.com'}:1",
        "https://preview.example.com",
        f"{APP}, https://stranger.example",
        "::not an origin::",
    ],
)
def test_any_other_origin_is_refused(ask: Callable[..., Answer], origin: str) -> None:
    assert "access-control-allow-origin" not in ask("/", Origin=origin)[1]


def test_a_body_that_is_too_large_is_refused_readably(ask: Callable[..., Answer]) -> None:
    status, headers = ask("/", b"x" * 2000, Origin=APP)
    assert status == 413
    assert headers["access-control-allow-origin"] == APP


def test_timings_are_open_where_everybody_may_read(ask: Callable[..., Answer]) -> None:
    assert ask("/public", Origin=APP)[1]["timing-allow-origin"] == "*"
    assert "timing-allow-origin" not in ask("/", Origin=APP)[1]
