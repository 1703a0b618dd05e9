"""What `corsage audit` knows so far, and how it is shown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from corsage.check import Finding
from corsage.cli.errors import UsageError
from corsage.live.audit import Outcome, Target, sources
from corsage.report import findings_text
from corsage.report.findings import FORMATS as COMMON_FORMATS
from corsage.report.findings import SEVERITIES, Checked, Unreadable
from corsage.report.html import as_html
from corsage.report.terminal import console, styled

FORMATS = {**COMMON_FORMATS, "html": as_html}


class Report:
    """What is known so far; complete at any moment, so that Ctrl-C leaves a report."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.unreadable: list[Unreadable] = []
        self.requests = 0
        self.found = 0

    def add(self, outcome: Outcome) -> None:
        """Keep what a target came to."""
        self.outcomes.append(outcome)
        self.found += len(outcome.findings)
        if outcome.problem is not None:
            self.unreadable.append(Unreadable(outcome.name, outcome.problem))

    def broken(self, message: str) -> None:
        """Keep why not all targets were asked."""
        self.unreadable.append(Unreadable("targets", message))

    def taking(self, each: Iterable[Iterator[Target]]) -> Iterator[Target]:
        """The targets of all sources; one that breaks off keeps none of the others back."""
        for targets in each:
            try:
                yield from targets
            except (UsageError, sources.SourceError) as error:
                self.broken(str(error))

    @property
    def findings(self) -> list[Finding]:
        """The worst first."""
        found = [finding for outcome in self.outcomes for finding in outcome.findings]
        return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))

    def checked(self) -> Checked:
        """What the formats know."""
        names = sorted({o.name for o in self.outcomes if o.problem is None or o.findings})
        return Checked(names, self.findings, self.unreadable, verb="audit", things="targets")

    def print(self, form: str) -> None:
        """Write everything to standard output."""
        if form != "text":
            sys.stdout.write(FORMATS[form](self.checked()))
            return
        out = console()
        findings_text.write(out, self.checked())
        for outcome in self.outcomes:
            for note in outcome.notes:
                out.print(styled(f"{outcome.name}: {note}", "dim"))
        out.print(styled(f"{self.requests} request{'s' if self.requests != 1 else ''}", "dim"))


class Bar:
    """A progress bar on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        if sys.stderr.isatty():
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(file=sys.stderr),
                transient=True,
            )

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._progress.start()
            self._task = self._progress.add_task("targets", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def step(self, report: Report) -> None:
        """One target more is done."""
        if self._progress is not None:
            described = f"{report.found} findings, targets"
            self._progress.update(self._task, advance=1, description=described)
