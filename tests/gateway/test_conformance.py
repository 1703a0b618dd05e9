"""The running gateway gives every page the answer that the policy means, and a browser agrees."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corsage.browser import Response, Server, Verdict, WireRequest, judge
from corsage.gateway import running
from corsage.gateway.supervisor import AnyEngine
from corsage.layers.envoy.features import HTTP_1_METHODS
from corsage.policy.cases import cases
from corsage.policy.decide import serve
from corsage.policy.load import load_policy
from corsage.policy.model import Policy
from tests.gateway.client import cors_lines, head, send
from tests.gateway.test_equals_decide import CARELESS
from tests.gateway.upstream import Upstream, reply

pytestmark = pytest.mark.nginx

_NGINX_METHOD = re.compile("[A-Z_-]+")

_ROOT = Path(__file__).parents[2]
FILES = [_ROOT / "examples/shop/cors.yaml", *sorted(_ROOT.glob("tests/data/policies/*.yaml"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_case_of_a_policy_is_answered_as_the_policy_means(
    path: Path, engine: AnyEngine, nginx: bool, upstream: Upstream, tell: Callable[[str], None]
) -> None:
    takes = _NGINX_METHOD.fullmatch if nginx else HTTP_1_METHODS.__contains__
    policy = _here(load_policy(path.read_text(encoding="utf-8"), str(path)), upstream)
    upstream.answer = lambda _: reply(200, CARELESS)
    meant = serve(policy, lambda _: Response(200, CARELESS))
    asked, beyond, differences = 0, 0, []
    with running(policy, engine=engine, listen="127.0.0.1:0") as gateway:
        served = live(gateway.address)
        for case in cases(policy):
            asked += 1
            got, expected = judge(case.request, served), judge(case.request, meant)
            if not takes(case.request.method):
                # The engine's parser answers 400 to `patch`; nothing looser may come of that.
                beyond += 1
                assert got.allowed <= expected.allowed
                continue
            if _shown(got) != _shown(expected):
                differences.append((case.clause, _shown(got), _shown(expected)))
            if case.owner == "gateway" and got.allowed != case.allowed:
                differences.append((case.clause, got.allowed, case.allowed))
    assert differences == []
    assert asked > 20
    tell(
        f"{path.name}: {asked} cases, {engine.name} {engine.version} differs from the policy in "
        f"none ({beyond} of a method that it does not take)"
    )


def live(address: tuple[str, int]) -> Server:
    """The gateway, asked over the wire under its public name."""

    def ask(request: WireRequest) -> Response | None:
        url = urlsplit(request.url)
        body = (request.body or "").encode()
        length = [("Content-Length", str(len(body)))] if body else []
        target = url.path + (f"?{url.query}" if url.query else "")
        raw = head(request.method, target or "/", [*request.headers, *length], url.netloc)
        answer = send(address, raw + body, request.method)
        return Response(answer.status, answer.headers)

    return ask


def _here(policy: Policy, upstream: Upstream) -> Policy:
    """The policy with its services on this machine, and without what is not CORS."""
    routes = tuple(replace(route, rate_limit=None) for route in policy.routes)
    services = {name: replace(each, url=upstream.url) for name, each in policy.services.items()}
    gateway = replace(policy.gateway, tls=None, access_log=None, error_log=None)
    return replace(policy, services=services, gateway=gateway, routes=routes)


def _shown(verdict: Verdict) -> tuple[object, ...]:
    """The verdict, and header for header what came over the wire to give rise to it."""
    sent = [
        (request.method, None if r is None else (r.status, cors_lines(r.headers)))
        for request, r in verdict.sent
    ]
    return verdict.allowed, verdict.outcome, verdict.reason, verdict.value, sent
