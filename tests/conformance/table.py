"""The table that a run prints: targets, and what was compared by each check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.conformance.checks import CHECKS, Report


class Table:
    """Counts by target and check."""

    def __init__(self) -> None:
        self._compared: Counter[tuple[str, str]] = Counter()
        self._failed: Counter[tuple[str, str]] = Counter()
        self._targets: dict[str, None] = {}

    def add(self, target: str, check: str, report: Report) -> None:
        """Add the outcome of one check of one run."""
        self._targets[target] = None
        self._compared[target, check] += report.compared
        self._failed[target, check] += len(report.failures)

    def numbers(self) -> dict[str, dict[str, int]]:
        """Target -> check -> how many comparisons came out right."""
        return {
            target: {
                check: self._compared[target, check] - self._failed[target, check]
                for check in CHECKS
            }
            for target in self._targets
        }

    def lines(self) -> Iterator[str]:
        """The table as text; nothing if nothing was added."""
        if not self._targets:
            return
        yield ""
        yield "conformance of targets on their real servers: comparisons (failures)"
        yield "".join(["".ljust(22), *(check.rjust(16) for check in CHECKS)])
        for target in self._targets:
            yield "".join([target.ljust(22), *(self._cell(target, c).rjust(16) for c in CHECKS)])

    def _cell(self, target: str, check: str) -> str:
        failed = self._failed[target, check]
        return f"{self._compared[target, check]:,}" + (f" ({failed:,})" if failed else "")
