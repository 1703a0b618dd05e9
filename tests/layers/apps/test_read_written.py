"""What is written for an application reads back as the policy that it was written from."""

from __future__ import annotations

import pytest

from corsage.browser import judge
from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers import every_target
from corsage.layers.javascript_apps import READER as JAVASCRIPT
from corsage.layers.python_apps import READER as PYTHON
from corsage.layers.source import Reader
from corsage.layers.spring.read import READER as SPRING
from corsage.layers.target import Hop
from corsage.policy.cases import cases
from tests.conformance.policies import POLICIES, for_target, roles
from tests.layers.apps.asked import only, read

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


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", _READERS)
def test_a_written_file_reads_as_its_policy(name: str, policy: str) -> None:
    target = _TARGETS[name]
    for role in roles(target, policy):
        rendered = for_target(POLICIES[policy], role)
        files = [(file.path, file.text) for file in target.files(rendered)]
        hop = only(read(_READERS[name], *files)).hop
        meant = target.behave(rendered)
        for case in cases(rendered):
            was = judge(case.request, _served(meant))
            assert judge(case.request, _served(hop)).allowed == was.allowed, case
