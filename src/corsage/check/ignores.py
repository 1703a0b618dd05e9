"""Comments that silence a rule on one line: ``# corsage: ignore[CORS043] kept for the summer``.

The comment stands on the line itself or alone on the line above, after ``#`` or ``//``. It needs
a reason, and it cannot silence an error of a policy file: what that is refused for must be
changed, or allowed by its own ``dangerously_`` key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from corsage.check.finding import Finding, Where
from corsage.policy import rules as policy_rules
from corsage.policy.problems import quoted
from corsage.policy.rules import BAD_IGNORE, Rule

_COMMENT = re.compile(
    r"(?:^|(?<=\s))(?:#|//)\s*corsage:\s*ignore\[(?P<ids>[^\]]{0,200})\]\s*(?P<reason>.*)"
)


@dataclass(frozen=True, slots=True)
class _Ignore:
    """A comment at ``where`` that speaks of ``line``."""

    where: Where
    line: int
    ids: tuple[str, ...]
    reason: str


def silence(
    findings: Iterable[Finding], file: str, text: str, known: Mapping[str, Rule]
) -> tuple[Finding, ...]:
    """The findings that no comment of ``text`` silences, and what is wrong with the comments.

    Findings in other files than ``file`` are left alone.
    """
    ignores = list(_ignores(file, text))
    kept = []
    used = set()
    for finding in findings:
        silencing = [
            (ignore, finding.rule)
            for ignore in ignores
            if (file, ignore.line) == (finding.where.file, finding.where.line)
            and finding.rule in ignore.ids
        ]
        used.update(silencing)
        if not silencing or _refuses(finding):
            kept.append(finding)
    errors = {(f.where.line, f.rule) for f in kept if _refuses(f)}
    for ignore in ignores:
        kept.extend(_faults(ignore, known, used, errors))
    return tuple(kept)


def _refuses(finding: Finding) -> bool:
    return finding.severity == "error" and finding.rule in policy_rules.RULES


def _ignores(file: str, text: str) -> Iterator[_Ignore]:
    for number, line in enumerate(text.split("\n"), 1):
        match = _COMMENT.search(line)
        if match is not None:
            alone = not line[: match.start()].strip()
            ids = tuple(match["ids"].replace(",", " ").split())
            where = Where(file, number, match.start() + 1, line.rstrip("\r"))
            yield _Ignore(where, number + alone, ids, match["reason"].strip())


def _faults(
    ignore: _Ignore,
    known: Mapping[str, Rule],
    used: set[tuple[_Ignore, str]],
    errors: set[tuple[int, str]],
) -> Iterator[Finding]:
    messages = []
    if not ignore.ids:
        messages.append("it names no rule")
    if not ignore.reason:
        messages.append("it gives no reason")
    for rule in ignore.ids:
        if rule not in known:
            messages.append(f"there is no rule {quoted(rule)}")
        elif (ignore.line, rule) in errors:
            messages.append(f"{rule} is an error here, which no comment silences")
        elif (ignore, rule) not in used:
            messages.append(f"{rule} is not found on line {ignore.line}")
    fix = "# corsage: ignore[CORS043] the reason"
    for message in messages:
        yield Finding(BAD_IGNORE.id, BAD_IGNORE.severity, message, ignore.where, fix=fix)
