"""What a check finds, as values."""

from __future__ import annotations

from dataclasses import dataclass

from corsage.layers.site import Edit
from corsage.layers.where import Where
from corsage.policy.rules import Severity

__all__ = ["Finding", "Where"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. ``rule`` is a stable id; ``message`` says what; ``why`` the reason;
    ``evidence`` what proves it (the verdict on a request); ``witness`` an origin or a request on
    which it shows; ``fix`` the text to write instead, None where only the author can know;
    ``edits`` the same as changes of files, where they are safe to make; ``reproduce`` a command
    that shows it again."""

    rule: str
    severity: Severity
    message: str
    where: Where
    evidence: str = ""
    fix: str | None = None
    why: str = ""
    witness: str | None = None
    edits: tuple[Edit, ...] = ()
    reproduce: str = ""
