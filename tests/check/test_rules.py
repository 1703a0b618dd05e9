"""Every rule has a page, and its examples are proved."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from corsage.chain.system import System
from corsage.check import RULES, check_policy
from corsage.check.configuration import check_reading
from corsage.check.drift import check_drift
from corsage.layers import rules as configuration_rules
from corsage.layers.reading import read
from corsage.layers.source import Source
from corsage.policy import load_policy
from corsage.policy import rules as policy_rules

PAGES = files("corsage") / "pages" / "rules"
INDEX = Path(__file__).parents[2] / "docs" / "rules" / "README.md"
HEADINGS = ["What breaks", "How a browser shows it", "The fix", "Fails", "Passes"]
POLICY = policy_rules.RULES
CONFIGURATION = configuration_rules.RULES
# What is served is proved where real servers are asked: tests/audit, tests/verify.

# What an example does not speak of.
REST = {
    "version": "version: 1",
    "services": "services: {api: 'http://127.0.0.1:3000'}",
    "policies": "policies: {app: {allow_origins: 'https://app.example.com'}}",
    "routes": "routes: [{path: /api, service: api, cors: app}]",
}


def _page(rule: str) -> str:
    return (PAGES / f"{rule}.md").read_text("utf-8")


def _section(rule: str, heading: str) -> str:
    return re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", _page(rule), re.DOTALL | re.MULTILINE)[1]


def _policy(rule: str, heading: str) -> str:
    """The example under a heading, as a whole policy file."""
    fragment = re.search(r"```yaml\n(.*?)\n```", _section(rule, heading), re.DOTALL)[1]
    missing = [
        text for key, text in REST.items() if not re.search(rf"^{key}:", fragment, re.MULTILINE)
    ]
    return "\n".join([*missing, fragment, ""])


def _found_in_configuration(rule: str, heading: str):
    """What is found in the files under a heading; each is a fence with a language and a path."""
    fences = re.findall(r"```\w+ (\S+)\n(.*?)\n```", _section(rule, heading), re.DOTALL)
    assert fences
    sources = [Source(path, text + "\n") for path, text in fences if path != "cors.yaml"]
    reading = read(sources)
    system = System(reading)
    found = list(check_reading(reading, system))
    for path, text in fences:
        if path == "cors.yaml":
            found += check_drift(load_policy(text, path), path, system)
    return found


@pytest.mark.parametrize("rule", RULES)
def test_the_page_says_what_the_rule_is_and_what_to_do(rule):
    page = _page(rule)
    assert page.startswith(f"# {rule}: {RULES[rule].title}\n\nSeverity: {RULES[rule].severity}\n")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == HEADINGS


@pytest.mark.parametrize("rule", POLICY)
def test_the_failing_policy_is_found(rule):
    found = {finding.rule: finding.severity for finding in check_policy(_policy(rule, "Fails"))}
    assert found.get(rule) == RULES[rule].severity


@pytest.mark.parametrize("rule", POLICY)
def test_the_passing_policy_has_no_error_and_not_this_finding(rule):
    found = check_policy(_policy(rule, "Passes"))
    assert [f for f in found if f.rule == rule or f.severity == "error"] == []


@pytest.mark.parametrize("rule", CONFIGURATION)
def test_the_failing_configuration_is_found(rule):
    found = [(one.rule, one.severity) for one in _found_in_configuration(rule, "Fails")]
    assert (rule, RULES[rule].severity) in found


@pytest.mark.parametrize("rule", CONFIGURATION)
def test_the_passing_configuration_has_no_error_and_not_this_finding(rule):
    found = _found_in_configuration(rule, "Passes")
    assert [f for f in found if f.rule == rule or f.severity == "error"] == []


@pytest.mark.parametrize("rule", RULES)
def test_the_index_lists_the_rule(rule):
    row = rf"\| \[{rule}\]\(\S+\) \| {RULES[rule].severity} \| {re.escape(RULES[rule].title)} \|"
    assert re.search(row, INDEX.read_text("utf-8"))


def test_no_page_is_left_of_a_rule_that_is_gone():
    assert {entry.name for entry in PAGES.iterdir()} == {f"{rule}.md" for rule in RULES}
