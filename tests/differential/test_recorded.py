"""The model agrees with what the browsers did, on machines that have none: recorded by
``python -m tests.differential --only directed --only single --only wpt --record DIR``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.directed import PLANS
from tests.differential.minimise import groups
from tests.differential.record import read
from tests.differential.run import replay

RECORDINGS = Path(__file__).parents[1] / "data" / "differential"


@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_agrees_with_what_was_recorded(name: str) -> None:
    recording = list(read(RECORDINGS / f"{name}.jsonl.xz"))
    result = replay(name, recording)
    assert [str(found) for group in groups(result.unexplained) for found in group] == []
    assert {f"d-{plan}" for plan in PLANS} <= {case.id for case, _ in recording}
