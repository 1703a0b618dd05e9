"""The manual of the policy file is kept to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corsage.check import RULES, check_policy
from corsage.policy import load_policy
from corsage.policy.format import GATEWAY, POLICY, ROUTE
from corsage.policy.origin_text import read_origin
from corsage.policy.origins import OriginSet

DOCS = Path(__file__).parents[2] / "docs"
MANUAL = (DOCS / "policy.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)


def _section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", MANUAL, re.DOTALL | re.MULTILINE)[1]


def test_the_example_of_the_manual_has_no_findings():
    assert BLOCKS[0].startswith("# cors.yaml\nversion: 1\n")
    assert check_policy(BLOCKS[0]) == ()


def test_the_expectations_of_the_manual_hold_for_its_example():
    example = next(block for block in BLOCKS if block.startswith("expect:"))
    text = BLOCKS[0].partition("expect:")[0] + example
    assert len(load_policy(text).expectations) == 4
    assert check_policy(text) == ()


def test_the_origins_of_web_views_that_the_manual_names_are_taken():
    [line] = [line for line in MANUAL.splitlines() if "web views" in line]
    named = re.findall(r"`((?:capacitor|chrome-extension)://\S+)`", line)
    assert [read_origin(text) for text in named] == named
    assert len(named) == 2


@pytest.mark.parametrize(
    ("title", "shape"), [("gateway", GATEWAY), ("policies", POLICY), ("routes", ROUTE)]
)
def test_every_key_stands_in_the_manual(title, shape):
    text = _section(title) + _section("origins")
    for key in shape.keys:
        assert f"`{key}`" in text or f"`{key}: true`" in text, key


def test_what_the_manual_says_of_patterns_is_so():
    rows = re.findall(r"^\| `(https://\S+)` \| (.*) \| (.*) \|$", MANUAL, re.MULTILINE)
    assert len(rows) == 4
    for text, admitted, refused in rows:
        origin = read_origin(text)
        exact, patterns = ((origin,), ()) if isinstance(origin, str) else ((), (origin,))
        origins = OriginSet(exact, patterns)
        assert all(each in origins for each in re.findall(r"`(\S+)`", admitted))
        assert not any(each in origins for each in re.findall(r"`(\S+)`", refused))


def test_the_rules_and_files_that_the_manual_names_exist():
    assert set(re.findall(r"CORS\d+", MANUAL)) <= set(RULES)
    for target in re.findall(r"\]\((?!https)([^)]+)\)", MANUAL):
        assert (DOCS / target).exists()
