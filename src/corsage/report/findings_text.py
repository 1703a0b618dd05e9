"""Findings for people: the source line with the place underlined, why, and what to write."""

from __future__ import annotations

from rich.console import Console

from corsage.check import Finding
from corsage.report.findings import Checked
from corsage.report.terminal import printable, styled

_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_WIDEST_LINE = 160


def write(out: Console, checked: Checked) -> None:
    """All findings, then one line that sums them up."""
    for finding in checked.findings:
        _write_one(out, finding)
        out.print()
    for one in checked.unreadable:
        out.print(styled("error:", _STYLES["error"]), styled(f"{one.file}: {one.message}"))
    out.print(styled(summary(checked), "bold"))


def summary(checked: Checked) -> str:
    """``2 errors, 1 warning in cors.yaml`` or ``cors.yaml: no findings; 10 expectations hold``."""
    few = len(checked.files) < 4
    names = ", ".join(checked.files) if few else f"{len(checked.files)} {checked.things}"
    counted = [
        f"{count} {severity}{'s' if count > 1 else ''}"
        for severity, count in checked.counts().items()
        if count
    ]
    if counted:
        return f"{', '.join(counted)} in {names}"
    if not checked.files:
        return "nothing could be checked" if checked.unreadable else "nothing was checked"
    if checked.unreadable:
        return f"{names}: no findings"
    hold = checked.expectations
    proved = f"; {hold} expectation{'s hold' if hold > 1 else ' holds'}" if hold else ""
    return f"{names}: no findings{proved}"


def _write_one(out: Console, finding: Finding) -> None:
    where = finding.where
    place = f"{where.file}:{where.line}:{where.column}:" if where.line else f"{where.file}:"
    out.print(
        styled(place, "bold"),
        styled(f"{finding.severity}:", _STYLES[finding.severity]),
        styled(finding.message),
        styled(f"[{finding.rule}]", "dim"),
    )
    if where.source.strip() and len(where.source) <= _WIDEST_LINE:
        number = f"{where.line:>5} | "
        # Escapes make a line longer than its columns: underline where the text really stands.
        before = len(printable(where.source[: where.column - 1]))
        out.print(styled(number, "dim"), styled(where.source), sep="")
        out.print(styled(" " * 5 + " | ", "dim"), styled(" " * before + "^", "bold"), sep="")
    for text in (finding.why, finding.evidence):
        if text:
            out.print(styled(f"  {text}"))
    if finding.fix is not None:
        out.print(styled("  write:", "green"), styled(finding.fix))
    if finding.reproduce:
        out.print(styled("  try:", "green"), styled(finding.reproduce))
