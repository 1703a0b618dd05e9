"""Every dangerous server of the zoo is found for what it is, and nothing else is said."""

from __future__ import annotations

import pytest

from corsage.check import RULES
from corsage.live.audit import Settings, Target
from tests.audit.conftest import Visited, Zoo, run_audit
from tests.audit.zoo import ZOO


@pytest.mark.parametrize("name", ZOO)
def test_a_cage_has_the_findings_that_it_should_have_and_no_others(visited: Visited, name: str):
    outcome = visited.outcomes[name]
    assert outcome.problem is None
    assert {finding.rule for finding in outcome.findings} == ZOO[name].rules, [
        (finding.rule, finding.message, finding.evidence) for finding in outcome.findings
    ]


@pytest.mark.parametrize("name", [name for name, cage in ZOO.items() if cage.rules])
def test_a_finding_is_as_severe_as_what_it_lets_be_read(visited: Visited, name: str):
    worst = max(
        (finding.severity for finding in visited.findings(name)),
        key=["note", "warning", "error"].index,
    )
    expected = max(
        (RULES[rule].severity for rule in ZOO[name].rules), key=["note", "warning", "error"].index
    )
    assert worst == (ZOO[name].severity or expected)


def test_what_a_server_says_at_length_is_told_in_short(visited: Visited):
    (finding,) = visited.findings("two-thousand-lines")
    assert len(finding.message) < 400
    assert len(finding.evidence) < 2000


def test_all_probes_find_the_same_as_those_that_are_needed(visited: Visited, zoo: Zoo):
    """What is left out where the first answers tell enough would have told nothing more."""
    names = [name for name, cage in ZOO.items() if not cage.options]
    targets = [Target(zoo.url(name), ZOO[name].trust) for name in names]
    outcomes = run_audit(targets, zoo.resolve, settings=Settings(probes=5000, exhaustive=True))
    for name, outcome in zip(names, outcomes, strict=True):
        assert {finding.rule for finding in outcome.findings} == ZOO[name].rules, name
