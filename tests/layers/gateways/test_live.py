"""What the conformance suite does not ask of gateways, asked of the real servers: spellings of
paths and hosts, odd but legal names, two Origins, limits, long lists."""

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

GATEWAYS = ("haproxy", "caddy", "httpd", "traefik")

APP = "https://app.example.com"
ODD = "X-!#$%&'*+.^_`|~"
ODD_PATH = "/it's(odd),$1&+;=:@!~x"
TENANTS = tuple(f"https://tenant{number}.example.com" for number in range(10_000))

POLICY = Policy(
    gateway=Gateway(public="https://api.example.com", max_body=1000),
    services={"api": Service("api", "http://127.0.0.1:3000")},
    policies={
        "it's": CorsPolicy("it's", OriginSet((APP,)), ("PUT", ODD), (ODD, "X-A"), (ODD,), True, 60),
        "tenants": CorsPolicy(
            "tenants",
            OriginSet(TENANTS, (OriginPattern("https", "preview.example.com", True),)),
        ),
        "public": CorsPolicy("public", OriginSet(any_origin=True), ("GET",)),
    },
    routes=(
        Route("/", "api", "it's"),
        Route("/internal", "api", None),
        Route("/Health", "api", None, match="exact"),
        Route(ODD_PATH, "api", "public"),
        Route("/tenants", "api", "tenants"),
        Route("/", "api", "public", host="tenant.example.com"),
    ),
)

Headers = dict[str, list[str]]
Ask = Callable[..., tuple[int, Headers]]


@pytest.fixture(scope="module", params=GATEWAYS)
def ask(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Sends a request as it is, to the character, and returns the status and the headers."""
    workspace = tmp_path_factory.mktemp(request.param)
    folder, port = workspace / "run", free_port()
    folder.mkdir()
    with upstream() as behind, engines.start(request.param, workspace) as launch:
        policy = on_this_machine(POLICY, port, behind.url)
        files = load_target(request.param).files(policy)
        rendered = engines.Rendered(policy, files, folder, port, lambda: behind.seen)
        with launch(rendered) as live:

            def send(
                path: str,
                *lines: tuple[str, str],
                method: str = "GET",
                host: str = "api.example.com",
                body: bytes = b"",
            ) -> tuple[int, Headers]:
                connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=20)
                connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
                for line in (("Host", host), *lines):
                    connection.putheader(*line)
                if body:
                    connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body or None)
                response = connection.getresponse()
                found: Headers = {}
                for name, value in response.getheaders():
                    found.setdefault(name.lower(), []).append(value)
                response.read()
                connection.close()
                return response.status, found

            yield send


@pytest.mark.parametrize(
    "path",
    [
        "/internal",
        "/internal/",
        "/internal/x",
        "/%69nternal",
        "/a/../internal",
        "/a/%2e%2e/internal",
        "/a/%2E./internal/x",
        "//internal",
        "/./internal",
        "/%2e/internal",
        "/internal%2Fx",
        "/a%2F..%2Finternal",
        "/a/..%2finternal",
        "/internal/.",
        "/internal?x=/../..",
        "/Health",
        "/%48ealth",
        "/a/../Health",
        "/Health?x",
    ],
)
def test_no_spelling_of_a_path_gets_round_its_rule(ask: Ask, path: str) -> None:
    _, headers = ask(path, ("Origin", APP))
    assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/internalx", "/Healthy", "/health", "/a/internal", "/Health/"])
def test_its_neighbours_have_the_rule_of_their_own_route(ask: Ask, path: str) -> None:
    _, headers = ask(path, ("Origin", APP))
    assert headers["access-control-allow-origin"] == [APP]


@pytest.mark.parametrize("tail", ["", "/", "/x?y"])
def test_a_path_of_odd_characters_is_that_path(ask: Ask, tail: str) -> None:
    _, headers = ask(ODD_PATH + tail, ("Origin", "https://anyone.example"))
    assert headers["access-control-allow-origin"] == ["*"]


@pytest.mark.parametrize(
    "host", ["tenant.example.com", "TENANT.example.com", "tenant.example.com:8443"]
)
def test_a_host_is_found_however_it_is_written(ask: Ask, host: str) -> None:
    _, headers = ask("/x", ("Origin", "https://anyone.example"), host=host)
    assert headers["access-control-allow-origin"] == ["*"]


@pytest.mark.parametrize("host", ["tenant.example.com.evil.io", "xtenant.example.com", "evil.io"])
def test_another_host_has_not_its_rules(ask: Ask, host: str) -> None:
    _, headers = ask("/x", ("Origin", "https://anyone.example"), host=host)
    assert "access-control-allow-origin" not in headers


def test_odd_names_come_back_to_the_letter(ask: Ask) -> None:
    asked = (("Origin", APP), ("Access-Control-Request-Method", "PUT"))
    status, headers = ask("/x", *asked, method="OPTIONS")
    assert status in {200, 204}
    assert headers["access-control-allow-headers"] == [f"{ODD}, X-A"]
    assert headers["access-control-allow-methods"] == [f"PUT, {ODD}"]
    _, headers = ask("/x", ("Origin", APP))
    assert headers["access-control-expose-headers"] == [ODD]


@pytest.mark.parametrize(
    "origins",
    [
        (APP, "https://evil.example"),
        ("https://evil.example", APP),
        (f"{APP}, https://evil.example",),
        (f"https://evil.example, {APP}",),
        (f"https://evil.example {APP}",),
        (APP.upper(),),
        (f"{APP}.",),
        (f"{APP}/",),
        (f"{APP}:443",),
        ("",),
    ],
)
@pytest.mark.parametrize("path", ["/", "/tenants"])
def test_only_the_one_origin_itself_is_admitted(
    ask: Ask, path: str, origins: tuple[str, ...]
) -> None:
    _, headers = ask(path, *(("Origin", origin) for origin in origins))
    assert "evil" not in str(headers.get("access-control-allow-origin"))
    if len(origins) == 1:
        assert "access-control-allow-origin" not in headers
        assert "access-control-allow-credentials" not in headers


def test_a_body_that_is_too_large_is_refused_readably(ask: Ask) -> None:
    status, headers = ask("/x", ("Origin", APP), method="POST", body=b"x" * 2000)
    assert status == 413
    assert headers["access-control-allow-origin"] == [APP]
    assert {"Origin", "*"} & set(headers["vary"])


def test_the_first_and_the_last_of_ten_thousand_origins_are_admitted(ask: Ask) -> None:
    for origin in (TENANTS[0], TENANTS[-1], "https://a.preview.example.com"):
        _, headers = ask("/tenants", ("Origin", origin))
        assert headers["access-control-allow-origin"] == [origin]
    for origin in ("https://tenant10000.example.com", "https://preview.example.com"):
        _, headers = ask("/tenants", ("Origin", origin))
        assert "access-control-allow-origin" not in headers
