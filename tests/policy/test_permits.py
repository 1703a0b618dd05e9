from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsage.browser import Request, judge
from corsage.policy import cases, load_policy, serve
from corsage.policy.permits import permits
from tests.policy.strategies import policies, requests


def _faithful(policy):
    owned = tuple(replace(route, owner="gateway") for route in policy.routes)
    return serve(policy, serve(replace(policy, routes=owned)))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_browsers_let_pages_read_exactly_what_the_policy_means(data):
    policy = data.draw(policies())
    request = data.draw(requests(policy))
    assert judge(request, _faithful(policy)).allowed == permits(policy, request)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(policies())
def test_every_case_of_any_policy_comes_out_as_the_policy_means(policy):
    server = _faithful(policy)
    for case in cases(policy):
        assert judge(case.request, server).allowed == case.allowed, case


def test_every_case_of_the_fixed_policies_comes_out_as_they_mean(fixed_policy, faithful):
    server = faithful(fixed_policy)
    for case in cases(fixed_policy):
        verdict = judge(case.request, server)
        assert verdict.allowed == case.allowed, (case, verdict.sentence)


def test_the_decision_can_fail_the_cases(fixed_policy, faithful):
    """A server that echoes every origin is told from the policy."""
    wrong = faithful(fixed_policy)

    def echoing(request):
        answer = wrong(request)
        origin = dict(request.headers).get("Origin", "*")
        grant = (("Access-Control-Allow-Origin", origin),)
        return replace(answer, status=200, headers=(*answer.headers, *grant))

    found = [judge(c.request, echoing).allowed != c.allowed for c in cases(fixed_policy)]
    assert any(found)


def test_a_page_of_the_gateways_own_origin_needs_no_cors(fixed_policy):
    own = fixed_policy.gateway.public_origin
    assert permits(fixed_policy, Request(f"{own}/internal", own))
    assert not permits(fixed_policy, Request(f"{own}/internal", own, method="TRACE"))


def test_a_pattern_for_any_port_leaves_the_default_port_out_as_browsers_do():
    policy = load_policy(
        "version: 1\nservices: {a: 'http://a'}\nroutes: [{path: /, service: a, cors: p}]\n"
        "policies: {p: {allow_origins: 'https://app.example.com:*'}}\n"
    )
    url = policy.gateway.public_origin
    assert permits(policy, Request(f"{url}/", "https://app.example.com"))
    assert not permits(policy, Request(f"{url}/", "https://app.example.com:443"))
