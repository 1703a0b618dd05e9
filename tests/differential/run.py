"""One run: cases to a browser, verdicts from the model, and what they disagree on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.differential.case import Case, Observed
from tests.differential.compare import Difference, differences
from tests.differential.explained import explanation
from tests.differential.minimise import Disagreement
from tests.differential.observe import Observer

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Result:
    """``explained`` counts disagreements by the name of their explanation; ``outcomes`` what the
    browser did, so that a run in which nothing happened does not pass for agreement."""

    browser: str
    cases: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    unexplained: list[Disagreement] = field(default_factory=list)

    def add(self, case: Case, observed: Observed) -> None:
        """Compares one observation."""
        self.cases += 1
        self.outcomes[observed.type or observed.outcome] += 1
        self.reasons[observed.cors_error or "none"] += 1
        found = differences(case, self.browser, observed)
        if observed.name == "AbortError" or observed.outcome == "pending":
            # The harness gave up waiting, which is not what the page would have seen.
            found = [Difference("answer", "one", "none")]
        if not found:
            return
        known = explanation(case, self.browser, observed, found)
        if known is None:
            self.unexplained.append(Disagreement(case, observed, tuple(found)))
        else:
            self.explained[known.name] += 1


def _ignore(done: int, wrong: int) -> None: ...


async def run(
    observer: Observer,
    cases: Iterable[Case],
    progress: Progress = _ignore,
    keep: Callable[[Case, Observed], None] | None = None,
) -> Result:
    """Puts cases to a browser and compares. ``keep`` gets every observation."""
    result = Result(observer.name)
    async for case, observed in observer.observe(cases):
        result.add(case, observed)
        if keep is not None:
            keep(case, observed)
        progress(result.cases, len(result.unexplained))
    return result


def replay(browser: str, recording: Iterable[tuple[Case, Observed]]) -> Result:
    """Compares with what was recorded, without a browser."""
    result = Result(browser)
    for case, observed in recording:
        result.add(case, observed)
    return result
