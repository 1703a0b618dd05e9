"""What is wrong with a policy file, in sentences that say where, why, and what to write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from corsage.policy.rules import Rule, Severity

_LONGEST_QUOTE = 120
_USERINFO = re.compile(r"//\S*@")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at ``file``:``line``:``column`` (1-based; line 0 is the whole file).

    ``rule`` is a stable id. ``message`` says what, ``why`` the reason, ``fix`` the text to
    write instead (None where only the author can know).
    """

    rule: str
    severity: Severity
    message: str
    why: str
    fix: str | None
    file: str
    line: int
    column: int

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        lines = [f"{where}: {self.message} [{self.rule}]"]
        if self.why:
            lines.append(f"  {self.why}")
        if self.fix is not None:
            lines.append(f"  write: {self.fix}")
        return "\n".join(lines)


class PolicyError(ValueError):
    """A policy file that is refused. ``problems`` holds everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class Fault(Exception):  # noqa: N818 -- a value on its way to a place in the file, not an error yet
    """What a reader of one value has against it; the loader knows where it stands."""

    def __init__(self, rule: Rule, message: str, why: str = "", fix: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.why = why
        self.fix = fix


def quoted(text: str) -> str:
    """The user's text inside a message: bounded, without control characters or passwords."""
    text = _USERINFO.sub("//…@", text)
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE] + "…"
    return '"' + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text) + '"'
