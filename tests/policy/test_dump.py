"""A policy written out as a file."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from corsage.policy import Gateway, Tls, load_policy
from corsage.policy.dump import dump_policy
from tests.policy.strategies import policies


def _without_lines(policy):
    lines = tuple(replace(line, line=0) for line in policy.expectations)
    return replace(policy, expectations=lines)


def test_the_fixed_policies_are_read_again_as_they_were(fixed_policy):
    again = load_policy(dump_policy(fixed_policy))
    assert _without_lines(again) == _without_lines(fixed_policy)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(policies())
def test_any_policy_is_read_again_as_it_was(policy):
    assert load_policy(dump_policy(policy)) == policy


def test_a_gateway_for_no_browser_needs_no_policies(fixed_policy):
    routes = tuple(replace(route, cors=None, owner="gateway") for route in fixed_policy.routes)
    policy = replace(fixed_policy, policies={}, routes=routes, expectations=(), origins={})
    assert load_policy(dump_policy(policy)) == policy


def test_awkward_texts_are_quoted(fixed_policy):
    gateway = Gateway(
        listen="[::1]:8443",
        tls=Tls('a "b" \\c.pem', "yes"),
        access_log="null",
        error_log="a: b # c",
    )
    policy = replace(fixed_policy, gateway=gateway)
    assert load_policy(dump_policy(policy)).gateway == gateway
