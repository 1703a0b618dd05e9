"""A policy that is written for httpd and read again has the verdicts and origins that it had."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest

from corsage.browser import Response, WireRequest, judge
from corsage.layers import load_target
from corsage.layers.hops import host_of
from corsage.layers.httpd.read import READER
from corsage.layers.httpd.read.run import Host
from corsage.layers.source import Reading, Source
from corsage.policy import serve
from corsage.policy.cases import cases
from tests.conformance import service
from tests.conformance.policies import POLICIES
from tests.layers.gateways_read import round_trip

EVERY = 4
"""Of the cases of a policy; the origins are compared exactly."""


@pytest.mark.parametrize("policy", POLICIES)
def test_it_has_the_verdicts_of_the_policy(policy):
    (file,) = load_target("httpd").files(POLICIES[policy])
    parsed = READER.parse(Source(file.path, file.text))
    base = tuple(each for each in parsed if each.name != "virtualhost")
    hosts = [Host(base, each.block) for each in parsed if each.name == "virtualhost"]
    named = {d.text(0): host for host in hosts for d in host.own if d.name == "servername"}
    behind = service.model(POLICIES[policy], "gateway")

    def server(request: WireRequest) -> Response | None:
        return named.get(host_of(request), hosts[0]).hop(request, behind)

    for case in islice(cases(POLICIES[policy]), 0, None, EVERY):
        ours = judge(case.request, server)
        meant = judge(case.request, serve(POLICIES[policy], behind))
        assert (ours.allowed, ours.reason) == (meant.allowed, meant.reason), case.request


@pytest.mark.parametrize("policy", POLICIES)
def test_it_has_the_origins_of_the_policy(policy):
    """They are proved equal, not sampled, as far as that can be decided."""
    reading = round_trip.read_back("httpd", READER, POLICIES[policy])
    first, *others = reading.instances

    def route(request: WireRequest):
        named = (each for each in others if host_of(request) in each.reached_at)
        return next(named, first).route(request)

    together = Reading(instances=(replace(first, route=route),))
    assert not round_trip.unequal_grants(together, POLICIES[policy])
