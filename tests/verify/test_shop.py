"""The shop as it runs: the gateway, six services, and not one drift."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corsage.live.verify import Scope, Target, Verifier
from corsage.policy import Policy
from examples.shop.addresses import free_base
from examples.shop.demo import open_shop, shop_policy

pytestmark = pytest.mark.nginx


@pytest.fixture(scope="module")
def shop() -> Iterator[Policy]:
    policy = shop_policy(free_base(14_000))
    with open_shop(policy):
        yield policy


@pytest.mark.parametrize("send", [False, True])
def test_the_shop_is_as_its_policy_says(shop: Policy, send: bool) -> None:
    found = Verifier(shop, Target(shop.gateway.public_origin, send=send)).round()
    assert [finding.message for finding in found.findings] == []
    assert found.asked > 300
    assert bool(found.judged) is bool(found.unasked) is not send


def test_a_sample_of_the_shop_finds_no_drift_either(shop: Policy) -> None:
    target = Target(shop.gateway.public_origin)
    found = Verifier(shop, target, Scope(sample=50, seed=7)).round()
    assert (found.findings, found.asked) == ([], 50)
