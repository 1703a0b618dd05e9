"""Whatever a deployment answers: no crash, and every wrong verdict is counted, in its direction."""

from __future__ import annotations

import json
import random
from collections import Counter
from xml.etree import ElementTree

import pytest

from corsage.browser import Response, WireRequest, judge
from corsage.live.verify import Round, Target, Verifier
from corsage.live.verify.answer import readable
from corsage.live.verify.ask import Asker, Pace
from corsage.policy import load_policy, serve
from corsage.report.findings import FORMATS, Checked
from corsage.report.verify_junit import as_junit
from tests.verify.deployment import POLICY

TEXT = POLICY.format_map(dict.fromkeys(("gateway", "orders", "search", "files"), "127.0.0.1:1"))
PUBLISHED = load_policy(TEXT)
ODD = ("", " ", "*", "null", "true", "TRUE", "é\x1b[31m", "a, b", ",,", "'\"<&>", "x" * 5000, "\0")
NAMES = (
    "Access-Control-Allow-Origin",
    "access-control-allow-origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Timing-Allow-Origin",
    "Vary",
    "Transfer-Encoding",
    "X-Odd\x07",
)
LOCATIONS = ("/orders", "//[", "http://a b/", "https://other.example/", "\x80", "/\x01", "?")


class Whim:
    """Answers as the policy says, but for some headers, which depend on the seed and the request.
    ``keeps``: statuses stay what they are."""

    def __init__(self, seed: int, *, keeps: bool) -> None:
        self._seed = seed
        self._keeps = keeps
        self._meant = serve(PUBLISHED, lambda _: Response(200))

    def __call__(self, request: WireRequest) -> Response:
        chance = random.Random(f"{self._seed} {request}")
        response = self._meant(request)
        assert response is not None
        lines = [line for line in response.headers if chance.random() < 0.9]
        for _ in range(chance.choice((0, 0, 1, 3))):
            origin = next((value for name, value in request.headers if name == "Origin"), "*")
            value = chance.choice((*ODD, origin, "GET, PATCH"))
            if "\0" not in value or not self._keeps:  # a broken response, which is not CORS
                lines.append((chance.choice(NAMES), value))
        status = response.status
        if not self._keeps and chance.random() < 0.2:
            status = chance.choice((200, 301, 304, 307, 401, 404, 407, 421, 429, 500, 503))
            lines.append(("Location", chance.choice(LOCATIONS)))
        return Response(status, tuple(lines))


def verify(whim: Whim) -> Round:
    target = Target(PUBLISHED.gateway.public_origin, connections=1)
    verifier = Verifier(PUBLISHED, target, text=TEXT)
    return verifier.round(asker=Asker(whim, Pace(None)))


@pytest.mark.parametrize("seed", range(12))
def test_any_answers_lead_to_findings_that_every_format_can_hold(seed: int) -> None:
    found = verify(Whim(seed, keeps=False))
    assert found.findings
    checked = Checked(["cors.yaml"], found.findings)
    whole = json.loads(FORMATS["json"](checked))
    assert len(whole["findings"]) == len(found.findings)
    json.loads(FORMATS["sarif"](checked))
    ElementTree.fromstring(FORMATS["junit"](checked).encode())
    ElementTree.fromstring(as_junit(found).encode())
    assert len(FORMATS["github"](checked).splitlines()) == len(found.findings)
    assert all(len(finding.message) < 20_000 for finding in found.findings)


@pytest.mark.parametrize("seed", range(8))
def test_every_wrong_verdict_is_counted_in_its_direction(seed: int) -> None:
    whim = Whim(seed, keeps=True)

    def server(request: WireRequest) -> Response:
        safe = request.kind == "preflight" or request.method in ("GET", "HEAD")
        return whim(request) if safe else readable(request)

    found = verify(whim)
    wrong = Counter()
    for question in found.chosen.questions:
        case = question.case
        allowed = judge(case.request, server).allowed
        # What a case means is said by `permits`, of which verify knows nothing.
        if allowed != case.allowed and question.place != "/files":  # a service's own is not here
            unrouted = question.route is None and not allowed
            wrong["CORS266" if unrouted else "CORS251" if allowed else "CORS250"] += 1
    counted = Counter()
    for drift in found.drifts:
        if drift.rule.id in ("CORS250", "CORS251", "CORS266"):
            counted[drift.rule.id] += sum(
                count for place, count in drift.places.items() if place != "/files"
            )
    assert wrong.total() > 5
    extra = found.asked - found.chosen.asked  # what the answers' lists gave rise to
    assert all(wrong[r] <= counted[r] <= wrong[r] + extra for r in wrong), (wrong, counted)
