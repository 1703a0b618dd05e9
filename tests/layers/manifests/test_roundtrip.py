"""What Corsage writes of a policy for Kubernetes, it reads back with the same behaviour."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from corsage.browser import Response, WireRequest, judge
from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.policy import Policy
from corsage.policy.cases import cases
from tests.conformance import service
from tests.conformance.policies import POLICIES, REFUSED
from tests.layers.manifests.served import predicted, read, seen
from tests.policy.strategies import policies, requests

TARGETS = ("ingress-nginx", "gateway-api", "envoy-gateway", "istio", "traefik-crd")


def compare(name: str, policy: Policy, asked: list[object]) -> int:
    """Compares every exchange on the wire, and returns how many there were."""
    target = load_target(name)
    instances = read(*(file.text for file in target.files(policy))).instances
    behaviour = target.behave(policy)
    behind = service.model(policy, target.family)
    compared = 0

    def server(request: WireRequest) -> Response | None:
        nonlocal compared
        expected = behaviour(request, behind)
        got = predicted(instances, request, behind)
        assert seen(got) == seen(expected), (request, got, expected)
        compared += 1
        return expected

    for request in asked:
        judge(request, server)
    return compared


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        (name, policy)
        for name in TARGETS
        for policy in POLICIES
        if policy not in REFUSED.get(name, {})
    ],
)
def test_a_policy_that_was_written_is_read_back(name, policy):
    asked = [case.request for case in cases(POLICIES[policy])]
    assert compare(name, POLICIES[policy], asked) >= len(asked)


@pytest.mark.parametrize("name", TARGETS)
def test_any_policy_that_can_be_written_is_read_back(name):
    compared = 0

    @settings(
        max_examples=25,
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(data=st.data())
    def read_back(data):
        nonlocal compared
        policy = data.draw(policies())
        asked = data.draw(st.lists(requests(policy), min_size=8, max_size=8))
        try:
            compared += compare(name, policy, asked)
        except FidelityError:
            return

    read_back()
    assert compared > 10
