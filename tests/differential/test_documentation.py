"""What docs/browsers.md says can be looked up, and is counted right."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.differential.directed import PLANS, directed_cases
from tests.differential.explained import EXPLANATIONS
from tests.differential.generate import pairwise_cases, single_cases
from tests.differential.memory import SCENARIOS
from tests.differential.wpt.table import rows

TEXT = (Path(__file__).parents[2] / "docs" / "browsers.md").read_text(encoding="utf-8")


def test_every_case_named_as_evidence_exists() -> None:
    table = TEXT.partition("## Where they leave the standard")[2].partition("### The memory")[0]
    evidence = [line.rpartition(" | ")[2] for line in table.splitlines() if line.startswith("|")]
    named = set(re.findall(r"`([a-z0-9-]+)`", " ".join(evidence)))
    assert len(named) >= 30
    assert named - PLANS.keys() == set()


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("directed", len(list(directed_cases()))),
        ("single", len(list(single_cases()))),
        ("pairwise", len(list(pairwise_cases()))),
        ("wpt", len(rows())),
    ],
)
def test_the_sets_have_as_many_cases_as_it_says(name: str, count: int) -> None:
    assert f"| {name} | {count:,} |" in TEXT


def test_every_page_of_the_web_platform_tests_stands_there_with_its_rows() -> None:
    for page, count in Counter(row.page for row in rows()).items():
        assert f"| `{page}` | {count} |" in TEXT


def test_every_explanation_stands_there() -> None:
    for entry in EXPLANATIONS:
        assert entry.name in TEXT


def test_the_scenarios_of_the_memory_are_counted() -> None:
    assert f"{len(SCENARIOS)} scenarios" in TEXT
