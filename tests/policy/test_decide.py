"""The reference semantics, one promise a test."""

from __future__ import annotations

import time

import pytest

from corsage.browser import Response, WireRequest
from corsage.policy import Decisions, Edit, load_policy, serve
from corsage.policy.decide import PREFLIGHT_VARY, UPSTREAM_CORS_HEADERS

APP = "https://app.example.com"
EVIL = "https://app.example.com.evil.example"
VARY_PREFLIGHT = ("Vary", PREFLIGHT_VARY)

POLICY = load_policy(
    """\
version: 1
gateway: {public: https://api.example.com}
services: {s: http://s.internal}
policies:
  session:
    allow_origins: [https://app.example.com, https://*.preview.example.com]
    allow_credentials: true
    allow_methods: [PUT, PATCH]
    allow_headers: [Authorization, X-Request-Id]
    expose_headers: [ETag]
    max_age: 600
    allow_timing: true
  public:
    allow_origins: "*"
    allow_methods: ["*"]
    max_age: 0
  bare:
    allow_origins: https://app.example.com
routes:
  - {path: /session, service: s, cors: session}
  - {path: /public, service: s, cors: public}
  - {path: /bare, service: s, cors: bare}
  - {path: /none, service: s, cors: none}
  - {path: /own, service: s, cors: session, owner: service}
  - {exact: /session/exact, service: s, cors: public}
  - {path: /session/deep/er, service: s, cors: none}
  - {path: /, host: other.example.com, service: s, cors: bare}
  - {exact: /session, host: other.example.com, service: s, cors: none}
"""
)
DECISIONS = Decisions(POLICY)


def _decide(path, origin=APP, method="GET", host="api.example.com", **headers):
    given = {} if origin is None else {"origin": origin}
    return DECISIONS.decide(method, host, path, given | headers)


def _preflight(path, origin=APP, host="api.example.com"):
    return _decide(path, origin, "OPTIONS", host, **{"access-control-request-method": "PUT"})


def _path(path, host="api.example.com"):
    route = DECISIONS.route(host, path)
    return None if route is None else (route.match, route.path)


def test_an_allowed_preflight_gets_everything_that_the_policy_grants():
    assert _preflight("/session").preflight == Response(
        204,
        (
            ("Access-Control-Allow-Origin", APP),
            ("Timing-Allow-Origin", APP),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Allow-Methods", "PUT, PATCH"),
            ("Access-Control-Allow-Headers", "Authorization, X-Request-Id"),
            ("Access-Control-Max-Age", "600"),
            VARY_PREFLIGHT,
        ),
    )


def test_a_preflight_of_an_any_origin_policy_gets_the_constant_wildcard():
    assert _preflight("/public", EVIL).preflight == Response(
        204,
        (
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Methods", "*"),
            ("Access-Control-Max-Age", "0"),
            VARY_PREFLIGHT,
        ),
    )


def test_what_a_policy_does_not_list_is_not_sent():
    headers = (("Access-Control-Allow-Origin", APP), VARY_PREFLIGHT)
    assert _preflight("/bare").preflight == Response(204, headers)


@pytest.mark.parametrize("path", ["/session", "/bare", "/none", "/nowhere"])
@pytest.mark.parametrize("origin", [EVIL, "null", "https://APP.example.com"])
def test_a_preflight_of_another_origin_is_refused_without_any_grant(path, origin):
    if path != "/nowhere":  # where an any-origin policy lets everybody read the 404
        assert _preflight(path, origin).preflight == Response(403, (VARY_PREFLIGHT,))


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("OPTIONS", {"origin": APP}),
        ("OPTIONS", {"access-control-request-method": "PUT"}),
        ("OPTIONS", {"origin": "", "access-control-request-method": "PUT"}),
        ("OPTIONS", {"origin": APP, "access-control-request-method": ""}),
        ("GET", {"origin": APP, "access-control-request-method": "PUT"}),
        ("options", {"origin": APP, "access-control-request-method": "PUT"}),
    ],
)
def test_anything_but_a_preflight_is_the_services(method, headers):
    decision = DECISIONS.decide(method, "api.example.com", "/session", headers)
    assert decision.preflight is None
    assert decision.route is not None


def test_an_allowed_origin_may_read():
    edit = _decide("/session").edit
    assert edit == Edit(
        own=True,
        headers=(
            ("Access-Control-Allow-Origin", APP),
            ("Timing-Allow-Origin", APP),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", "ETag"),
        ),
        vary=True,
    )


def test_a_member_of_a_pattern_is_echoed_and_not_kept():
    origin = "https://a.b.preview.example.com"
    assert _decide("/session", origin).edit.headers[0] == ("Access-Control-Allow-Origin", origin)
    ruleset = DECISIONS._rulesets["session"]
    for number in range(1000):
        _decide("/session", f"https://p{number}.preview.example.com")
    assert len(ruleset._edits) <= len(ruleset.policy.allow_origins.exact)


def test_the_answer_for_an_exact_origin_is_made_once():
    assert _decide("/session").edit is _decide("/session").edit


@pytest.mark.parametrize("origin", [EVIL, None, "", "null"])
def test_others_get_nothing_but_vary(origin):
    assert _decide("/session", origin).edit == Edit(own=True, headers=(), vary=True)


@pytest.mark.parametrize("origin", [APP, EVIL, None, "null"])
def test_an_any_origin_policy_answers_everybody_alike_and_does_not_vary(origin):
    edit = Edit(own=True, headers=(("Access-Control-Allow-Origin", "*"),), vary=False)
    assert _decide("/public", origin).edit == edit


def test_on_a_route_for_no_browser_every_cors_header_is_removed():
    assert _decide("/none").edit == Edit(own=True)


def test_on_a_route_that_the_service_owns_nothing_is_touched():
    response = Response(200, (("Access-Control-Allow-Origin", "*"),))
    assert _decide("/own").edit.apply(response) == response
    assert _preflight("/own").preflight is None


def test_the_gateways_own_404_is_readable_for_whoever_may_read_something():
    assert _decide("/nowhere").route is None
    assert dict(_decide("/nowhere").edit.headers)["Access-Control-Allow-Credentials"] == "true"
    stranger = _decide("/nowhere", EVIL).edit
    assert stranger.headers == (("Access-Control-Allow-Origin", "*"),)
    assert stranger.vary
    assert _preflight("/nowhere").preflight.status == 204
    assert _preflight("/nowhere", EVIL).preflight.status == 204


def test_the_404_of_a_gateway_for_no_browser_has_no_grant():
    source = "version: 1\nservices: {s: http://s}\nroutes: [{path: /a, service: s, cors: none}]"
    decision = Decisions(load_policy(source)).decide("GET", "h", "/b", {"origin": APP})
    assert decision.edit == Edit(own=True)


@pytest.mark.parametrize("name", UPSTREAM_CORS_HEADERS)
def test_every_cors_header_of_the_service_is_removed_in_any_case(name):
    response = Response(500, ((name, "x"), (name.lower(), "y"), ("Content-Type", "text/plain")))
    edited = _decide("/none").edit.apply(response)
    assert edited == Response(500, (("Content-Type", "text/plain"),))


@pytest.mark.parametrize(
    ("upstream", "vary"),
    [
        ((), ["Origin"]),
        (("Accept-Encoding",), ["Accept-Encoding", "Origin"]),
        (("Origin",), ["Origin"]),
        (("Accept, origin",), ["Accept, origin"]),
        (("*",), ["*"]),
        (("Accept", "Cookie"), ["Accept", "Cookie", "Origin"]),
        (("X-Origin",), ["X-Origin", "Origin"]),
    ],
)
def test_vary_is_merged_and_what_the_service_says_is_kept(upstream, vary):
    response = Response(200, tuple(("vary", value) for value in upstream))
    edited = _decide("/session", EVIL).edit.apply(response)
    assert [value for name, value in edited.headers if name.lower() == "vary"] == vary


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/session", ("prefix", "/session")),
        ("/session/", ("prefix", "/session")),
        ("/session/x/y", ("prefix", "/session")),
        ("/session/exact", ("exact", "/session/exact")),
        ("/session/exact/", ("prefix", "/session")),
        ("/session/deep", ("prefix", "/session")),
        ("/session/deep/er/x/y/z", ("prefix", "/session/deep/er")),
        ("/sessionx", None),
        ("/Session", None),
        ("/", None),
        ("", None),
    ],
)
def test_the_most_specific_route_wins_on_whole_segments(path, route):
    assert _path(path) == route


@pytest.mark.parametrize(
    "host",
    ["other.example.com", "OTHER.example.com", "other.example.com:8443", "other.example.com."],
)
def test_a_named_host_takes_all_its_requests(host):
    assert _path("/session", host) == ("exact", "/session")
    assert _path("/session/exact", host) == ("prefix", "/")


@pytest.mark.parametrize("host", ["", "api.example.com", "another.example.com", "[::1]", "[::1]:8"])
def test_other_hosts_take_the_routes_without_one(host):
    assert _path("/session/exact", host) == ("exact", "/session/exact")
    assert _path("/nowhere", host) is None


def test_a_host_falls_back_to_the_routes_without_one():
    policy = load_policy(
        "version: 1\nservices: {s: http://s}\nroutes:\n"
        "  - {path: /a, host: x.example, service: s, cors: none}\n"
        "  - {path: /b, service: s, cors: none}\n"
    )
    assert Decisions(policy).route("x.example", "/b").path == "/b"


def test_a_path_of_a_million_segments_costs_little():
    start = time.process_time()
    assert _path("/x" * 1_000_000) is None
    assert time.process_time() - start < 2


def _served(url, method="GET", service=None, **headers):
    lines = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    server = serve(POLICY) if service is None else serve(POLICY, service)
    return server(WireRequest("actual", method, url, lines))


def test_a_served_policy_answers_preflights_itself():
    def unreachable(_):
        raise AssertionError("the preflight reached the service")

    url = "https://api.example.com/session"
    grant = {"Origin": APP, "Access_Control_Request_Method": "PUT"}
    assert _served(url, "OPTIONS", unreachable, **grant).status == 204


def test_a_served_policy_edits_what_the_service_answers_on_every_status():
    for status in (200, 302, 404, 500):
        response = _served(
            "https://api.example.com/session?q",
            service=lambda _, status=status: Response(
                status, (("Access-Control-Allow-Origin", "*"),)
            ),
            Origin=APP,
        )
        assert response.status == status
        grants = [v for n, v in response.headers if n == "Access-Control-Allow-Origin"]
        assert grants == [APP]


def test_a_served_policy_knows_paths_as_they_are_meant():
    for path in ("/session/deep/er", "//session//deep/er", "/session/deep/%65r/"):
        response = _served(f"https://api.example.com{path}", Origin=APP)
        assert response.headers == ()


def test_a_served_policy_says_404_itself_and_passes_silence_on():
    assert _served("https://api.example.com/nowhere", Origin=APP).status == 404
    url = "https://api.example.com/session"
    assert _served(url, service=lambda _: None, Origin=APP) is None
