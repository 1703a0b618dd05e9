"""What a check finds, as values."""

from __future__ import annotations

from dataclasses import dataclass

from corsage.policy.rules import Severity


@dataclass(frozen=True, slots=True)
class Where:
    """A place: ``line`` and ``column`` are 1-based (line 0: the whole file). ``source`` is the
    text of the line, to be shown with the place underlined."""

    file: str
    line: int = 0
    column: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. ``rule`` is a stable id; ``message`` says what; ``why`` the reason;
    ``evidence`` what proves it (the verdict on a request, a witness); ``fix`` the text to write
    instead, None where only the author can know."""

    rule: str
    severity: Severity
    message: str
    where: Where
    evidence: str = ""
    fix: str | None = None
    why: str = ""
