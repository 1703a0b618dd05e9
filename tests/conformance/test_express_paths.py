"""Express takes /Health and /health/ for /health, unless told otherwise, and so does its policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corsage.layers import load_target
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service
from tests.conformance.engines import Rendered
from tests.conformance.engines.node_modules import prepare
from tests.conformance.engines.worker import worker
from tests.conformance.run import Run

APP = "https://app.example.com"

POLICY = Policy(
    gateway=Gateway(public="https://api.example.com"),
    services={"api": Service("api", "http://127.0.0.1:3000")},
    policies={"session": CorsPolicy("session", OriginSet((APP,)), allow_credentials=True)},
    routes=(
        Route("/", "api", "session", owner="service"),
        Route("/Health", "api", None, match="exact"),
        Route("/internal", "api", None),
    ),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    workspace = tmp_path_factory.mktemp("express-defaults")
    prepare(workspace)
    target = load_target("express")
    folder = workspace / "run"
    folder.mkdir()
    command = ["env", "ROUTING=default", "node", "express.js"]
    with (
        worker(command, workspace, "cors.js") as launch,
        launch(Rendered(POLICY, target.files(POLICY), folder, 0, lambda: 0)) as live,
    ):
        yield Run(target, POLICY, live)


@pytest.mark.node
@pytest.mark.parametrize(
    "path", ["/Health", "/health", "/HEALTH", "/health/", "/Internal/x", "/INTERNAL", "/%69nternal"]
)
def test_no_spelling_of_a_path_gets_round_its_rule(run: Run, path: str) -> None:
    exchange = run.get(path, APP)
    assert exchange.reached == 1
    assert exchange.response is not None
    names = {name.lower() for name, _ in exchange.response.headers}
    assert "access-control-allow-origin" not in names


@pytest.mark.node
def test_every_other_path_has_the_rule_of_its_route(run: Run) -> None:
    response = run.get("/Healthy", APP).response
    assert response is not None
    assert ("Access-Control-Allow-Origin", APP) in response.headers
