"""Every case of every policy through real servers and frameworks has the policy's verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import connect

from corsage.browser import Headers, Response, Server, WireRequest, judge
from corsage.live.client import Client
from corsage.policy import load_policy, serve
from corsage.policy.cases import cases
from tests.middleware.exchange import Answer
from tests.middleware.servers import running
from tests.middleware.test_routes import FILES, as_an_app_means, is_routed

# Each server, each framework and each interface at least once; not their product. Hypercorn 0.18
# answers 500 to a HEAD of any WSGI app, so only its ASGI side is asked.
PAIRS = [
    ("uvicorn", "tests.middleware.served.fastapi:app"),
    ("hypercorn", "tests.middleware.served.django:app"),
    ("granian", "tests.middleware.served.fastapi:app"),
    ("gunicorn", "tests.middleware.served.flask:app"),
    ("granian wsgi", "tests.middleware.served.django:wsgi"),
    ("granian wsgi", "tests.middleware.served.flask:app"),
]
BY_SETTINGS = [
    ("gunicorn", "tests.middleware.served.django:by_settings"),
    ("uvicorn", "tests.middleware.served.django:by_settings_async"),
]
EVERY_FEATURE = next(path for path in FILES if path.stem == "every-feature")
STRAY = (("Access-Control-Allow-Origin", "https://stray.example"), ("X-Reached", "GET"))


@dataclass
class Served:
    """A server that runs, and how it is asked about one policy."""

    name: str
    port: int

    def about(self, policy: str) -> Server:
        def ask(request: WireRequest) -> Response | None:
            headers = (*request.headers, ("X-Policy", policy))
            return self._client(request.url)(replace(request, headers=headers))

        return ask

    def ask(
        self,
        path: str,
        method: str = "GET",
        headers: Headers = (("Origin", "https://anyone.example"),),
        policy: str = "public-api",
    ) -> Answer:
        request = WireRequest(
            "actual",
            method,
            f"https://api.example.com{path}",
            (*headers, ("X-Policy", policy), ("Content-Length", "0")),
        )
        exchange = self._client(request.url).exchange(request, 4096)
        return Answer(exchange.response, exchange.body)

    def _client(self, url: str) -> Client:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        address = f"http://127.0.0.1:{self.port}"
        return Client([origin], resolve={origin: address}, timeout=30)


@pytest.fixture(scope="module", params=PAIRS, ids=lambda pair: f"{pair[0]} {pair[1][25:]}")
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    server, app = request.param
    log = tmp_path_factory.mktemp("server") / "log"
    with running(server, app, log, POLICIES=str(EVERY_FEATURE.parent)) as port:
        yield Served(f"{server} {app}", port)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_case_has_the_policys_verdict(served: Served, path: Path) -> None:
    count = compare(served.about(path.stem), path)

    print(f"{count} cases of {path.stem} through {served.name}")


@pytest.mark.parametrize(("server", "app"), BY_SETTINGS)
def test_every_case_has_the_policys_verdict_by_djangos_settings(
    server: str, app: str, tmp_path: Path
) -> None:
    with running(server, app, tmp_path / "log", CORSAGE_POLICY=str(EVERY_FEATURE)) as port:
        count = compare(Served(app, port).about("none"), EVERY_FEATURE)

    print(f"{count} cases of {EVERY_FEATURE.stem} through {server} {app}")


def compare(live: Server, path: Path) -> int:
    """Judge every case of a policy on what came back; returns their number."""
    policy = load_policy(path.read_text("utf-8"), path.name)
    meant = serve(as_an_app_means(policy), lambda request: Response(200, STRAY))
    count = 0
    for case in cases(policy):
        got = judge(case.request, live)
        expected = judge(case.request, meant)
        assert (got.allowed, got.reason) == (expected.allowed, expected.reason), (case, got.sent)
        if case.owner == "gateway" and is_routed(policy, case.request):
            assert got.allowed == case.allowed, (case, got.sent)
            for request, response in got.sent:
                reached = response is not None and bool(Answer(response).all("x-reached"))
                assert not (reached and request.kind == "preflight"), case
        count += 1
    return count


def test_a_crash_is_a_500_that_the_page_can_read(served: Served) -> None:
    """The app's own error page, not the server's: the wrapper is outermost."""
    answer = served.ask("/search/crash")

    assert answer.status == 500
    assert answer.cors()["access-control-allow-origin"] == "*"


def test_a_stream_arrives_whole_and_readable(served: Served) -> None:
    answer = served.ask("/search/stream")

    assert answer.body == b"part;" * 3
    assert answer.cors()["access-control-allow-origin"] == "*"


def test_options_that_are_no_preflight_reach_the_app(served: Served) -> None:
    assert served.ask("/search", "OPTIONS").all("x-reached") == ["OPTIONS"]


def test_two_origin_lines_are_refused_by_every_server(served: Served) -> None:
    """However a server hands them over: as lines, or joined."""
    anyone = ("Origin", "https://mobile.example.com")
    one = served.ask("/auth/token", headers=(anyone,), policy="every-feature")
    two = served.ask("/auth/token", headers=(anyone, anyone), policy="every-feature")

    assert one.cors()["access-control-allow-origin"] == anyone[1]
    # Some servers refuse the request themselves.
    assert two.cors() == {}


def test_websockets_background_tasks_and_lifespan_are_untouched(tmp_path: Path) -> None:
    app = "tests.middleware.served.fastapi:app"
    with running("uvicorn", app, tmp_path / "log", POLICIES=str(EVERY_FEATURE.parent)) as port:
        served = Served("uvicorn", port)
        served.ask("/search/later", "POST")
        state = json.loads(served.ask("/search/state").body)
        headers = {"X-Policy": "public-api", "Origin": "https://stranger.example"}
        with connect(f"ws://127.0.0.1:{port}/search/socket", additional_headers=headers) as socket:
            socket.send("echo")
            echoed = socket.recv(timeout=10)

    assert state == {"started": True, "background": 1}
    assert echoed == "echo"
