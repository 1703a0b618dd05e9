"""The engine does what ``decide`` says, header for header, whatever the policy."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from corsage.browser.exchange import Headers, Response, WireRequest
from corsage.gateway import Gateway, running
from corsage.gateway.supervisor import AnyEngine
from corsage.policy.decide import UPSTREAM_CORS_HEADERS, serve
from corsage.policy.model import Policy
from tests.gateway.client import Asker, cors_lines
from tests.gateway.generated import policies, requests
from tests.gateway.policies import policy_of
from tests.gateway.upstream import Upstream, reply, serving

pytestmark = pytest.mark.nginx

CARELESS: Headers = (*((name, "*") for name in UPSTREAM_CORS_HEADERS), ("Vary", "Accept"))


@pytest.fixture(scope="module")
def careless() -> Iterator[Upstream]:
    """A service that sends every CORS header on everything."""
    with serving(Upstream()) as upstream:
        upstream.answer = lambda _: reply(299, CARELESS)
        yield upstream


@pytest.fixture(scope="module")
def reloaded(engine: AnyEngine, careless: Upstream) -> Iterator[Gateway]:
    """A gateway that takes one policy after the other."""
    with running(policy_of((), {}), engine=engine, listen="127.0.0.1:0") as gateway:
        yield gateway


@settings(
    max_examples=25,
    deadline=None,
    # Shrinking would reload the engine a thousand times; the first example says enough.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_generated_policy_is_what_the_engine_does(
    reloaded: Gateway, careless: Upstream, data: st.DataObject
) -> None:
    policy = data.draw(policies(careless.url))
    reloaded.reload(policy)
    assert differences(policy, Asker(reloaded.address)) == []


def differences(policy: Policy, ask: Asker) -> list[tuple[WireRequest, object, object]]:
    expected = serve(policy, lambda _: Response(299, CARELESS))
    found = []
    for request in requests(policy):
        meant = expected(request)
        assert meant is not None
        url = urlsplit(request.url)
        path = quote(url.path, safe="/")
        got = ask(request.method, path, *request.headers, host=url.netloc)
        both = (_shown(meant), (got.status, got.cors))
        if both[0] != both[1]:
            found.append((request, *both))
    return found


def _shown(response: Response) -> tuple[int, list[tuple[str, str]]]:
    return response.status, cors_lines(response.headers)
