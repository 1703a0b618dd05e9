"""Every rule has a page, and its examples are proved."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from corsage.check import RULES, check_policy

PAGES = files("corsage") / "pages" / "rules"
INDEX = Path(__file__).parents[2] / "docs" / "rules" / "README.md"
HEADINGS = ["What breaks", "How a browser shows it", "The fix", "Fails", "Passes"]

# What an example does not speak of.
REST = {
    "version": "version: 1",
    "services": "services: {api: 'http://127.0.0.1:3000'}",
    "policies": "policies: {app: {allow_origins: 'https://app.example.com'}}",
    "routes": "routes: [{path: /api, service: api, cors: app}]",
}


def _page(rule: str) -> str:
    return (PAGES / f"{rule}.md").read_text("utf-8")


def _example(rule: str, heading: str) -> str:
    """The example under a heading, as a whole file."""
    fragment = re.search(rf"## {heading}\n\n```yaml\n(.*?)\n```", _page(rule), re.DOTALL)[1]
    missing = [
        text for key, text in REST.items() if not re.search(rf"^{key}:", fragment, re.MULTILINE)
    ]
    return "\n".join([*missing, fragment, ""])


@pytest.mark.parametrize("rule", RULES)
def test_the_page_says_what_the_rule_is_and_what_to_do(rule):
    page = _page(rule)
    assert page.startswith(f"# {rule}: {RULES[rule].title}\n\nSeverity: {RULES[rule].severity}\n")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == HEADINGS


@pytest.mark.parametrize("rule", RULES)
def test_the_failing_example_is_found(rule):
    found = {finding.rule: finding.severity for finding in check_policy(_example(rule, "Fails"))}
    assert found.get(rule) == RULES[rule].severity


@pytest.mark.parametrize("rule", RULES)
def test_the_passing_example_has_no_error_and_not_this_finding(rule):
    found = check_policy(_example(rule, "Passes"))
    assert [f for f in found if f.rule == rule or f.severity == "error"] == []


@pytest.mark.parametrize("rule", RULES)
def test_the_index_lists_the_rule(rule):
    row = rf"\| \[{rule}\]\(\S+\) \| {RULES[rule].severity} \| {re.escape(RULES[rule].title)} \|"
    assert re.search(row, INDEX.read_text("utf-8"))


def test_no_page_is_left_of_a_rule_that_is_gone():
    assert {entry.name for entry in PAGES.iterdir()} == {f"{rule}.md" for rule in RULES}
