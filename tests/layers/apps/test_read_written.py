"""What is written for an application reads back as the policy that it was written from."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from corsage.browser import Request, judge
from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers import every_target
from corsage.layers.javascript_apps import READER as JAVASCRIPT
from corsage.layers.python_apps import READER as PYTHON
from corsage.layers.source import Reader
from corsage.layers.spring.read import READER as SPRING
from corsage.layers.target import FidelityError, Hop
from corsage.policy import Policy
from corsage.policy.cases import cases
from tests.conformance.policies import AS_WRITTEN, OWNER, POLICIES, for_target, roles
from tests.layers.apps.asked import only, read
from tests.policy.strategies import policies, requests

_READERS: dict[str, Reader] = {
    "express": JAVASCRIPT,
    "fastify": JAVASCRIPT,
    "fastapi": PYTHON,
    "flask": PYTHON,
    "django": PYTHON,
    "spring": SPRING,
}
_TARGETS = {target.name: target for target in every_target() if target.name in _READERS}


def _served(hop: Hop) -> Server:
    return lambda request: hop(request, _service)


def _service(_request: WireRequest) -> Response:
    """A service that writes CORS headers of its own, which must not be seen."""
    headers = (("Access-Control-Allow-Origin", "*"), ("Vary", "Accept-Encoding"))
    return Response(200, headers)


def _same_verdicts(name: str, policy: Policy, requests: list[Request]) -> None:
    target = _TARGETS[name]
    files = [(file.path, file.text) for file in target.files(policy)]
    hop = only(read(_READERS[name], *files)).hop
    meant = target.behave(policy)
    for request in requests:
        was = judge(request, _served(meant))
        assert judge(request, _served(hop)).allowed == was.allowed, request


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", _READERS)
def test_a_written_file_reads_as_its_policy(name: str, policy: str) -> None:
    for role in roles(_TARGETS[name], policy):
        rendered = for_target(POLICIES[policy], role)
        _same_verdicts(name, rendered, [case.request for case in cases(rendered)])


@st.composite
def _questions(draw: st.DrawFn) -> tuple[Policy, list[Request]]:
    policy = for_target(draw(policies()), draw(st.sampled_from([OWNER, AS_WRITTEN])))
    return policy, draw(st.lists(requests(policy), min_size=4, max_size=8))


@pytest.mark.parametrize("name", _READERS)
def test_any_written_file_reads_as_its_policy(name: str) -> None:
    @settings(
        max_examples=25,
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(question=_questions())
    def reads_as_its_policy(question: tuple[Policy, list[Request]]) -> None:
        with suppress(FidelityError):
            _same_verdicts(name, *question)

    reads_as_its_policy()
