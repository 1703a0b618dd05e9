"""What only Spring Boot can get wrong: limits of Java, and Spring Security in front."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corsage.browser import WireRequest
from corsage.layers import load_target
from corsage.policy import CorsPolicy, Gateway, OriginPattern, OriginSet, Policy, Route, Service
from tests.conformance import engines
from tests.conformance.run import Run

pytestmark = pytest.mark.java

APP = "https://app.example.com"
TENANTS = tuple(f"https://tenant{number}.example.com" for number in range(10_000))
PATTERN = OriginPattern("https", "preview.example.com", True)

POLICY = Policy(
    gateway=Gateway(public="https://api.example.com"),
    services={"api": Service("api", "http://127.0.0.1:3000")},
    policies={
        "session": CorsPolicy("session", OriginSet((APP,), (PATTERN,)), allow_credentials=True),
        "tenants": CorsPolicy("tenants", OriginSet(TENANTS)),
    },
    routes=(
        Route("/", "api", "session", owner="service"),
        Route("/internal", "api", None),
        *(Route(f"/route{n}", "api", "tenants", owner="service") for n in range(2_000)),
    ),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    workspace = tmp_path_factory.mktemp("spring")
    target = load_target("spring")
    folder = workspace / "run"
    folder.mkdir()
    with (
        engines.start("spring", workspace) as launch,
        launch(engines.Rendered(POLICY, target.files(POLICY), folder, 0, lambda: 0)) as live,
    ):
        yield Run(target, POLICY, live)


def allowed(run: Run, path: str, origin: str) -> str | None:
    response = run.get(path, origin).response
    assert response is not None
    assert response.status == 200
    names = {name.lower(): value for name, value in response.headers}
    return names.get("access-control-allow-origin")


def test_ten_thousand_origins_and_two_thousand_routes_fit_into_a_class(run: Run) -> None:
    assert allowed(run, "/route1999/x", TENANTS[-1]) == TENANTS[-1]
    assert allowed(run, "/route1999/x", APP) is None
    assert allowed(run, "/route2000/x", APP) == APP


def test_an_origin_with_thousands_of_labels_costs_no_stack(run: Run) -> None:
    assert allowed(run, "/", f"https://{'a.' * 100}preview.example.com") is not None
    assert allowed(run, "/", f"https://{'a.' * 3500}preview.example.com") is None


@pytest.mark.parametrize("path", ["/internal", "/internal/", "/%69nternal/x", "/internal;a=1/x"])
def test_no_spelling_of_a_path_gets_round_its_rule(run: Run, path: str) -> None:
    response = run.get(path, APP).response
    assert response is not None
    names = {name.lower() for name, _ in response.headers}
    assert "access-control-allow-origin" not in names


def test_a_preflight_is_answered_where_spring_security_wants_a_login(run: Run) -> None:
    headers = (("Origin", APP), ("Access-Control-Request-Method", "PUT"))
    url = "https://api.example.com/login-first"
    response = run.ask(WireRequest("preflight", "OPTIONS", url, headers)).response
    assert response is not None
    assert response.status == 204
    assert ("Access-Control-Allow-Origin", APP) in response.headers
