"""The requests that exercise a policy."""

from __future__ import annotations

from collections import Counter

import pytest

from corsage.policy import cases, load_policy
from corsage.policy.cases import USUAL, Extent
from corsage.policy.near_misses import STRANGER, near_misses
from corsage.policy.origins import OriginSet


def _policy(origins, routes="[{path: /, service: s, cors: p}]", more=""):
    return load_policy(
        "version: 1\ngateway: {public: 'https://api.example.com'}\nservices: {s: http://s}\n"
        f"policies: {{p: {{allow_origins: {origins}{more}}}}}\nroutes: {routes}\n"
    )


def test_cases_have_ids_of_their_own_that_last(fixed_policy):
    first, second = list(cases(fixed_policy)), list(cases(fixed_policy))
    assert first == second
    assert len({case.id for case in first}) == len({case.request for case in first}) == len(first)


def test_the_fixed_policies_give_rise_to_hundreds_of_cases_of_both_kinds(fixed_policy):
    found = Counter(case.allowed for case in cases(fixed_policy))
    assert 10 <= found[True] <= 1000
    assert 10 <= found[False] <= 1000


def test_every_listed_name_is_asked():
    policy = _policy("https://app.example.com", more=", allow_methods: [PUT], allow_headers: [X-A]")
    requests = [case.request for case in cases(policy) if case.allowed]
    assert {"GET", "HEAD", "POST", "PUT"} == {request.method for request in requests}
    assert "X-A" in {name for request in requests for name, _ in request.headers}
    blocked = [case.request for case in cases(policy) if not case.allowed]
    assert {"PATCH", "DELETE", "patch"} <= {request.method for request in blocked}
    assert "Authorization" in {name for request in blocked for name, _ in request.headers}
    assert any(request.upload_listeners for request in requests)


def test_a_long_list_is_sampled_and_says_so():
    origins = ", ".join(f"https://t{n}.example.com" for n in range(10_000))
    found = list(cases(_policy(f"[{origins}]")))
    assert len(found) < 1000
    samples = {case.sample for case in found}
    assert {f"{USUAL.origins} of 10000", f"{USUAL.mistaken} of {USUAL.origins}"} <= samples
    asked = {case.request.origin for case in found if case.allowed}
    assert {"https://t0.example.com", "https://t9999.example.com"} <= asked


def test_many_routes_are_sampled_and_say_so():
    routes = ", ".join(f"{{path: /r{n}, service: s, cors: p}}" for n in range(1000))
    found = list(cases(_policy("https://app.example.com", f"[{routes}]")))
    assert len(found) < 10 * USUAL.routes
    assert f"{USUAL.routes} of 1000" in {case.sample for case in found}


def test_lists_can_be_asked_on_every_route_of_a_policy():
    origins = ", ".join(f"https://t{n}.example.com" for n in range(100))
    routes = ", ".join(f"{{path: /r{n}, service: s, cors: p}}" for n in range(10))
    policy = _policy(f"[{origins}]", f"[{routes}]", ", allow_methods: [PUT]")
    asked = Counter(c.request.url[-2:] for c in cases(policy, Extent(elsewhere=3)) if c.allowed)
    assert asked["r0"] > 100
    assert min(asked[f"r{n}"] for n in range(1, 10)) > 3
    assert max(asked[f"r{n}"] for n in range(1, 10)) < 20


def test_each_origin_can_be_asked_with_a_preflight_too():
    policy = _policy(
        "[https://a.example.com, https://b.example.com]", more=", allow_methods: [PUT]"
    )
    found = [c for c in cases(policy, Extent(by_hand=True)) if c.kind.startswith("the origin")]
    assert Counter((c.request.origin, c.request.method) for c in found) == {
        ("https://a.example.com", "GET"): 1,
        ("https://a.example.com", "PUT"): 1,
        ("https://b.example.com", "GET"): 1,
        ("https://b.example.com", "PUT"): 1,
    }


def test_what_is_written_by_hand_is_asked_more():
    policy = _policy(
        "https://a.example.com",
        "[{path: /r, service: s, cors: p}]",
        ", allow_methods: [PUT], allow_credentials: true",
    )
    more = {c.request for c in cases(policy, Extent(by_hand=True))} - {
        c.request for c in cases(policy)
    }
    asked = {(r.method, r.url[-4:], r.origin, r.credentials) for r in more}
    assert ("PUT", "/r/x", "https://a.example.com", "include") in asked
    assert ("GET", "om/r", STRANGER, "omit") in asked


def test_cases_say_who_answers():
    routes = "[{path: /, service: s, cors: p}, {path: /own, service: s, cors: p, owner: service}]"
    owners = {
        case.request.url.rpartition(".com")[2]: case.owner
        for case in cases(_policy("https://app.example.com", routes))
    }
    assert owners["/own"] == "service"
    assert owners["/"] == owners["/no-such-route"] == "gateway"


def test_a_policy_that_no_route_has_is_not_asked():
    policy = _policy("https://app.example.com", "[{path: /, service: s, cors: none}]")
    assert not any(case.allowed for case in cases(policy))
    assert not any(case.clause.startswith("p: ") for case in cases(policy))


def test_a_policy_that_only_its_service_follows_is_asked_there():
    routes = "[{path: /own, service: s, cors: p, owner: service}]"
    found = [c for c in cases(_policy("https://app.example.com", routes)) if c.clause[:2] == "p:"]
    assert {case.owner for case in found} == {"service"}


def test_the_gateways_own_origin_is_not_the_one_to_ask_with():
    policy = _policy("[https://api.example.com, https://app.example.com]")
    methods = [case for case in cases(policy) if "the method" in case.clause]
    assert {case.request.origin for case in methods} == {"https://app.example.com"}


def test_a_policy_for_the_gateways_own_origin_alone_is_asked_by_a_stranger():
    found = list(cases(_policy("https://api.example.com")))
    assert {case.request.origin for case in found if case.allowed} == {"https://api.example.com"}


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com",
        "https://app.example.com:8443",
        "http://localhost:3000",
        "http://127.0.0.1",
        "http://[::1]:3000",
        "https://example.co",
        "chrome-extension://abcdef",
        "http://a.example:443",
    ],
)
def test_near_misses_are_other_origins_than_the_one_allowed(origin):
    misses = [miss.origin for miss in near_misses(origin)]
    assert "null" in misses
    assert len(set(misses)) == len(misses) > 2
    assert not any(miss in OriginSet((origin,)) for miss in misses)


def test_near_misses_are_the_classic_ways_in():
    misses = {miss.origin for miss in near_misses("https://app.example.com")}
    assert {
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://sub.app.example.com",
        "https://example.com",
        "https://app.example.com.stranger.example",
        "https://evilapp.example.com",
        "https://evil-app.example.com",
        "https://appxexample.com",
        "https://app.example.co",
        "https://app.example.com.",
    } <= misses


def test_what_no_browser_sends_is_marked():
    marked = {m.origin for m in near_misses("https://app.example.com") if not m.browser}
    assert marked == {
        "HTTPS://APP.EXAMPLE.COM",
        "https://app.example.com/",
        "https://app.example.com:443",
    }


def test_the_null_origin_has_no_neighbours():
    assert [miss.origin for miss in near_misses("null")] == ["null"]
    assert STRANGER not in OriginSet(("null",))
