"""Whatever a deployment does, the run ends soon, says what happened, and goes on elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from corsage.live.verify import Target, Verifier
from corsage.policy import load_policy
from tests.live.faults import FAULTS, faulty, refused
from tests.verify.deployment import POLICY, deployed
from tests.verify.test_drift import told, verify, within

SHORT = 0.2  # seconds
PLACES = dict.fromkeys(("gateway", "orders", "search", "files"), "127.0.0.1:1")
TEXT = POLICY.format_map(PLACES)

# What is HTTP all the same, and so is an answer.
_ANSWERS = {
    "drips its body",
    "sends 100 MB",
    "sends broken headers",
    "redirects to itself",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_that_misbehaves_does_not_hold_the_run(name: str) -> None:
    with faulty(name) as url:
        target = Target(url, timeout=SHORT)
        found = Verifier(load_policy(TEXT), target, text=TEXT).round()
    assert found.seconds < 30
    assert found.asked >= found.chosen.total
    assert found.answered is (name in _ANSWERS)
    if not found.answered:
        assert {rule for rule, _ in told(found)} == {"CORS254"}


def test_nobody_listens() -> None:
    with refused() as url:
        found = Verifier(load_policy(TEXT), Target(url), text=TEXT).round()
    assert not found.answered
    assert "Connection refused" in found.findings[0].message


@pytest.mark.nginx
def test_one_route_that_hangs_leaves_the_others_judged(folder: Path) -> None:
    with faulty("hangs") as silent:
        change = within("/search", r"if \(\$gateway_preflight\).*?\}", "")
        hangs = within("/search", "http://search", silent)
        with deployed(folder, lambda text: hangs(change(text))) as deployment:
            found = verify(deployment, timeout=0.5)
    assert {rule for rule, _ in told(found)} == {"CORS254"}
    assert {place for drift in found.drifts for place in drift.places} == {"/search"}
    assert all("within 0.5 s" in message for _, message in told(found))


@pytest.mark.nginx
def test_a_redirect_to_a_stranger_is_judged_and_not_followed(folder: Path) -> None:
    change = within("/orders", r"proxy_pass http://orders", "return 302 http://127.0.0.1:1/login")
    with deployed(folder, change) as deployment:
        assert told(verify(deployment)) == []
    bare = "add_header X-None none; return 302 http://127.0.0.1:1/"
    change = within("/search", r"add_header [^\n]+\s+proxy_pass [^;]+", bare)
    with deployed(folder, change) as deployment:
        assert {rule for rule, _ in told(verify(deployment))} >= {"CORS250"}
