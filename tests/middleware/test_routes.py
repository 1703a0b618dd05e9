"""A policy file inside an app: which routes it answers for, and that it decides as the gateway."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corsage import Cors
from corsage.browser import Request, Response, Server, judge
from corsage.middleware.plan import standing_for
from corsage.policy import Policy, PolicyError, Route, load_policy, serve
from corsage.policy.cases import cases
from corsage.policy.permits import route_of
from tests.middleware.conftest import Interface
from tests.middleware.exchange import App, ask_asgi, ask_wsgi, preflight, server_of
from tests.policy.strategies import policies, requests

# The validator of WSGI knows no methods but HTTP's own.
pytestmark = pytest.mark.filterwarnings("ignore::wsgiref.validate.WSGIWarning")

FILES = sorted((Path(__file__).parents[1] / "data" / "policies").glob("*.yaml"))
TEXT = """\
version: 1
gateway: {public: https://api.example.com}
services: {billing: http://127.0.0.1:1, search: http://127.0.0.1:2, edge: http://127.0.0.1:3}
policies:
  session: {allow_origins: https://app.example.com, allow_credentials: true}
  public: {allow_origins: "*"}
routes:
  - {path: /billing, service: billing, cors: session, owner: service}
  - {path: /billing/reports, service: billing, cors: public}
  - {path: /billing/search, service: search, cors: public}
  - {exact: /billing/health, service: billing, cors: none}
  - {path: /search, service: search, cors: public}
  - {path: /tenant, service: billing, host: tenant.example.com, cors: public, owner: service}
"""
APP = "https://app.example.com"
STRAY = (("Access-Control-Allow-Origin", "https://stray.example"),)


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "cors.yaml"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.mark.parametrize(
    ("path", "host", "expected"),
    [
        ("/billing", "x.example", APP),
        ("/billing/invoices", "x.example", APP),
        ("/tenant", "tenant.example.com", "*"),
        ("/tenant/x", "TENANT.example.com:8080", "*"),
        # Not this service's to answer: the gateway owns it and edits what comes from here.
        ("/billing/reports", "x.example", "https://stray.example"),
        ("/billing/health", "x.example", "https://stray.example"),
        # Nobody's here.
        ("/billing/search", "x.example", None),
        ("/search", "x.example", None),
        ("/billingx", "x.example", None),
        ("/tenant", "x.example", None),
        ("/", "x.example", None),
    ],
)
def test_a_service_answers_for_the_routes_it_owns_and_no_others(
    interface: Interface, policy_file: Path, path: str, host: str, expected: str | None
) -> None:
    cors = interface.around(App(headers=STRAY), policy=policy_file, service="billing")

    answer = interface.ask(cors, path=path, headers=(("Host", host), ("Origin", APP)))

    assert answer.cors().get("access-control-allow-origin") == expected


@pytest.mark.parametrize(
    "path",
    [
        "/search/../billing",
        "/search/%2e%2e/billing",
        "/search/./x",
        "//search",
        "/search//x",
        "/search/..",
    ],
)
def test_a_path_that_can_be_read_in_two_ways_has_no_policy(
    interface: Interface, policy_file: Path, path: str
) -> None:
    """No browser sends dot segments; what the app makes of them, the route cannot know."""
    app = App(headers=STRAY)
    cors = interface.around(app, policy=policy_file)

    assert interface.ask(cors, path=path, headers=(("Origin", APP),)).cors() == {}
    assert interface.ask(cors, path=path, **preflight(APP)).status == 403
    assert interface.ask(cors, path="/search/.well-known/x").cors() != {}


def test_a_path_that_no_route_names_is_for_no_browser(
    interface: Interface, policy_file: Path
) -> None:
    """The gateway answers it with 404; an app may have anything there."""
    app = App(headers=STRAY)
    cors = interface.around(app, policy=policy_file)

    assert interface.ask(cors, path="/admin", **preflight(APP, "DELETE")).status == 403
    assert interface.ask(cors, path="/admin", headers=(("Origin", APP),)).cors() == {}
    assert app.reached == ["GET"]


def test_respect_does_not_open_a_route_for_no_browser(
    interface: Interface, policy_file: Path
) -> None:
    cors = interface.around(App(headers=STRAY), policy=policy_file, stray="respect")

    assert interface.ask(cors, path="/billing/health").cors() == {}


def test_wsgi_routes_by_the_path_as_text() -> None:
    """PEP 3333 carries its bytes as latin-1, and the mount point apart."""
    text = TEXT.replace("exact: /billing/health", "path: /shop")
    cors = Cors(App().wsgi, policy=load_policy(text))
    environ = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "/search", "PATH_INFO": "/caf\xc3\xa9"}
    started: list = []

    cors(environ, lambda *given: started.append(given))

    assert ("Access-Control-Allow-Origin", "*") in started[0][1]


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ("biling", 'there is no service named "biling"'),
        ("search", "the gateway answers for all routes of search"),
        ("edge", "the gateway answers for all routes of edge"),
    ],
)
def test_a_service_that_has_nothing_to_answer_is_refused(
    policy_file: Path, service: str, problem: str
) -> None:
    with pytest.raises(PolicyError, match=problem):
        Cors(App().asgi, policy=policy_file, service=service)


def test_a_policy_file_is_refused_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "cors.yaml"
    path.write_text(TEXT.replace("https://app.example.com", "https://app.example.com/"), "utf-8")

    with pytest.raises(PolicyError, match=r"cors\.yaml:5:28: "):
        Cors(App().asgi, policy=path)


def test_a_file_says_it_all(policy_file: Path) -> None:
    with pytest.raises(PolicyError, match="allow_origins, max_age cannot stand beside it"):
        Cors(App().asgi, policy=policy_file, allow_origins="*", max_age=3)


def test_lists_of_origins_are_read_beside_the_file(tmp_path: Path, interface: Interface) -> None:
    (tmp_path / "tenants.txt").write_text("https://tenant.example\n", "utf-8")
    path = tmp_path / "cors.yaml"
    text = TEXT.replace("services:", "origins: {tenants: {file: tenants.txt}}\nservices:", 1)
    path.write_text(text.replace("https://app.example.com", "tenants"), "utf-8")

    cors = interface.around(App(), policy=str(path))
    answer = interface.ask(cors, path="/billing/reports", headers=(("Origin", "x"),))

    assert answer.cors() == {"access-control-allow-origin": "*"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_case_of_a_policy_has_the_policys_verdict(path: Path, interface: Interface) -> None:
    """Standing where the gateway would; only what no route takes is the app's, not a 404."""
    policy = load_policy(path.read_text("utf-8"), path.name)
    app = App(headers=STRAY)
    live = server_of(interface.ask, interface.around(app, policy=policy))
    meant = as_an_app_means(policy)
    compared = 0

    for case in cases(policy):
        got = judge(case.request, live)
        expected = judge(case.request, serve(meant, _stray_service))
        assert (got.allowed, got.reason) == (expected.allowed, expected.reason), case
        if case.owner == "gateway" and is_routed(policy, case.request):
            assert got.allowed == case.allowed, case
        compared += 1

    assert compared >= 30


@given(st.data())
def test_random_policies_have_the_verdicts_of_the_decision(data: st.DataObject) -> None:
    policy = data.draw(policies())
    assume(any(route.owner == "gateway" and route.cors for route in policy.routes))
    request: Request = data.draw(requests(policy))
    expected = judge(request, serve(as_an_app_means(policy), _stray_service))
    app = App(headers=STRAY)

    for server in _both_interfaces(app, policy):
        got = judge(request, server)
        assert (got.allowed, got.reason) == (expected.allowed, expected.reason)


def _both_interfaces(app: App, policy: Policy) -> list[Server]:
    return [
        server_of(ask_asgi, Cors(app.asgi, policy=policy)),
        server_of(ask_wsgi, Cors(app.wsgi, policy=policy)),
    ]


def as_an_app_means(policy: Policy, service: str | None = None) -> Policy:
    """What the middleware has to do, as a policy that :func:`serve` enforces: a path that no
    route takes is ``none``."""
    own = standing_for(policy, service)
    nothing = Route("/", next(iter(policy.services)), None)
    if any((r.path, r.match, r.host) == ("/", "prefix", None) for r in own.routes):
        return own
    return replace(own, routes=(*own.routes, nothing))


def is_routed(policy: Policy, request: Request) -> bool:
    """Whether a route takes the request."""
    url = urlsplit(request.url)
    return route_of(policy, url.hostname or "", url.path) is not None


def _stray_service(_: object) -> Response:
    return Response(200, STRAY)
