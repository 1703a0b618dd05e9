"""A policy that is written for nginx and read again is the same policy."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsage.browser import Request, Response, Server, WireRequest, judge
from corsage.layers.nginx import write
from corsage.layers.source import Reading
from corsage.patterns import from_policy, nothing
from corsage.policy import Policy, serve
from corsage.policy.cases import cases
from tests.conformance import service
from tests.conformance.policies import POLICIES
from tests.layers.nginx_read.conftest import read
from tests.policy.strategies import policies, requests


def server_of(reading: Reading, behind: Server) -> Server:
    """All servers of a configuration, by host, in front of a service."""

    def answer(request: WireRequest) -> Response | None:
        host = urlsplit(request.url).hostname
        named = [each for each in reading.instances if host in each.reached_at]
        return (named or list(reading.instances))[0].hop(request, behind)

    return answer


def differences(policy: Policy, asked: list[Request]) -> list[str]:
    reading = read(write(policy))
    behind = service.model(policy, "gateway")
    found = []
    for request in asked:
        ours = judge(request, server_of(reading, behind))
        meant = judge(request, serve(policy, behind))
        if (ours.allowed, ours.reason) != (meant.allowed, meant.reason):
            found.append(f"{request}: {ours.allowed} {ours.reason}, meant {meant.allowed}")
    return found


@pytest.mark.parametrize("name", POLICIES)
def test_it_has_the_verdicts_of_the_policy(name):
    policy = POLICIES[name]
    assert not differences(policy, [case.request for case in cases(policy)])


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_policy_has_the_verdicts_that_it_had(data):
    policy = data.draw(policies())
    asked = data.draw(st.lists(requests(policy), min_size=5, max_size=20))
    assert not differences(policy, asked)


@pytest.mark.parametrize("name", POLICIES)
def test_the_origins_are_exactly_those_of_the_policy(name):
    """Proved, not sampled: for each route with an owner here, whom it lets read."""
    policy = POLICIES[name]
    reading = read(write(policy))
    proved = 0
    for instance in reading.instances:
        for route in policy.routes:
            if route.owner != "gateway" or (route.host or "") not in (*instance.reached_at, ""):
                continue
            if route.host is None and instance is not reading.instances[0]:
                continue
            host = route.host or "localhost"
            site = instance.route(WireRequest("actual", "GET", f"https://{host}{route.path}", ()))
            assert site is not None
            meant = policy.policies[route.cors].allow_origins if route.cors else None
            language = nothing()
            for entry in site.grant.entries if site.grant else ():
                language = language | entry.language
            assert not (site.grant and site.grant.unknown), site.name
            assert language == (nothing() if meant is None else from_policy(meant)), site.name
            proved += 1
    assert proved
