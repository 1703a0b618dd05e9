"""A policy that is written for a gateway and read again has the verdicts that it had."""

from __future__ import annotations

import pytest

from corsage.layers.readers import load_reader
from corsage.policy.cases import cases
from tests.conformance.policies import POLICIES, REFUSED
from tests.layers.gateways_read import round_trip

EVERY = 4
"""Of the cases of a policy; the origins are compared exactly."""
TARGETS = {
    "haproxy": "haproxy",
    "caddy": "caddy",
    "envoy": "envoy",
    "traefik": "traefik",
    "traefik/labels": "traefik",
}


@pytest.mark.parametrize(
    ("target", "policy"),
    [
        (target, policy)
        for target in TARGETS
        for policy in POLICIES
        if policy not in REFUSED.get(target.replace("/", "-"), {})
    ],
)
def test_it_has_the_verdicts_and_the_origins_of_the_policy(target, policy):
    """The origins are proved equal, not sampled, as far as that can be decided."""
    reading = round_trip.read_back(target, load_reader(TARGETS[target]), POLICIES[policy])
    asked = [case.request for case in cases(POLICIES[policy])]
    assert not round_trip.differences(reading, POLICIES[policy], asked[::EVERY])
    assert not round_trip.unequal_grants(reading, POLICIES[policy])
