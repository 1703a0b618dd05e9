"""Every target, with every policy, on the real server."""

from __future__ import annotations

import pytest

from tests.conformance.checks import CHECKS, report
from tests.conformance.run import Run
from tests.conformance.table import Table


@pytest.mark.parametrize("check", CHECKS)
def test_the_target_keeps_the_policy(run: Run, check: str, table: Table) -> None:
    """Verdicts, preflights, caches, duplicates, errors and predictions are all as they must be."""
    outcome = report(CHECKS[check], run)
    table.add(run.target.name, check, outcome)
    few = "\n".join(outcome.failures[:5])
    assert not outcome.failures, f"{len(outcome.failures)} of {outcome.compared}:\n{few}"
    assert outcome.compared or check == "preflights"
