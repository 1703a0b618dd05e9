"""Findings in configuration: what is written wrongly, and what the whole of it causes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from corsage.chain.system import System
from corsage.chain.topology import unresolved
from corsage.check.cookies import check_cookies
from corsage.check.finding import Finding
from corsage.check.operations import check_operations
from corsage.check.paths import check_chain
from corsage.check.report import finding, of_slip
from corsage.check.sites import check_site
from corsage.layers import rules
from corsage.layers.source import Reading

_MOST_LINES = 5
T = TypeVar("T")

_INERT = rules.INERT.id
_CAUSES: Mapping[str, str] = {
    rules.EVERYBODY_BY_DEFAULT.id: rules.MISREAD.id,  # a list that was refused
    rules.PREFLIGHT_BEFORE_LOGIN.id: rules.MIDDLEWARE_ORDER.id,
    rules.METHOD_NOT_GRANTED.id: rules.INERT.id,  # a method that is none
}
"""What follows from what."""
_OF_FILES = {rules.MIDDLEWARE_ORDER.id}
_OF_ENTRIES = {
    rule.id
    for rule in (
        rules.STRANGER,
        rules.NEIGHBOUR,
        rules.INSECURE_ADMITTED,
        rules.NEVER_MATCHES,
        rules.DEAD_LIST,
    )
}
"""Of which a line may have several."""
_WORST = {"error": 0, "warning": 1, "note": 2}


def check_reading(reading: Reading, system: System) -> tuple[Finding, ...]:
    """Everything to be said about configuration, in the order of the files."""
    return said_once(check_part(reading, system))


def check_part(reading: Reading, system: System, part: int = 0, parts: int = 1) -> list[Finding]:
    """One of ``parts`` equal parts of the findings, some of which may say the same: so that
    several processes can share the work."""
    found: list[Finding] = []
    # Neighbours share their patterns, and what was found out of one is known of the next.
    for instance in _part_of(reading.instances, part, parts):
        for site in instance.sites:
            found.extend(check_site(instance, site))
    for chain in _part_of(system.chains, part, parts):
        found.extend(check_chain(chain))
    if part == 0:
        found[:0] = map(of_slip, reading.slips)
        found.extend(_unresolved(reading))
        found.extend(check_operations(system, reading.operations))
        found.extend(check_cookies(reading, system))
    return found


def _part_of(items: Sequence[T], part: int, parts: int) -> Sequence[T]:
    return items[len(items) * part // parts : len(items) * (part + 1) // parts]


def _unresolved(reading: Reading) -> Iterator[Finding]:
    for hop in unresolved(reading):
        message = f"no {hop.kind} `{hop.text}` among what was read"
        yield finding(rules.CHAIN_UNRESOLVED, message, hop.where)


def said_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What a reader saw in the text comes first, and running it says the same again; and what
    follows from a cause is not said beside it."""
    kept: dict[tuple[str | int, ...], Finding] = {}
    for one in findings:
        kept.setdefault(_key(one), one)
    causes = {_place(one.rule, one) for one in kept.values()}
    told = [
        one
        for one in kept.values()
        if one.rule not in _CAUSES or _place(_CAUSES[one.rule], one) not in causes
    ]
    told.sort(key=lambda one: (one.where.file, one.where.line, _WORST[one.severity], one.rule))
    return tuple(told)


def _place(rule: str, one: Finding) -> tuple[str | int, ...]:
    """Where something of a rule has its consequences: on its line, or in all of its file."""
    return (rule, one.where.file, 0 if rule in _OF_FILES else one.where.line)


def _key(one: Finding) -> tuple[str | int, ...]:
    if one.rule in _OF_ENTRIES:
        return one.rule, one.where.file, one.where.line, one.where.column
    if one.rule == rules.SEVERAL_IN_ONE.id:
        return one.rule, one.where.file
    return one.rule, one.where.file, one.where.line


def grouped(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of one cause as one: what is said of several places of a file in the same words, and
    settings without effect on lines that follow each other."""
    groups: list[list[Finding]] = []
    latest: dict[tuple[str, ...], list[Finding]] = {}
    for one in findings:
        adjacent = one.rule == _INERT and bool(one.why)
        key = one.rule, one.severity, one.where.file, one.why if adjacent else one.message
        group = latest.get(key)
        if (
            group is None
            or (one.severity == "error" and not adjacent)
            or (adjacent and one.where.line > group[-1].where.line + 1)
        ):
            group = latest[key] = []
            groups.append(group)
        group.append(one)
    return [_as_one(*group) for group in groups]


def _as_one(first: Finding, *others: Finding) -> Finding:
    if not others:
        return first
    shown = ", ".join(str(one.where.line) for one in others[:_MOST_LINES])
    rest = f" and {len(others) - _MOST_LINES} more" if len(others) > _MOST_LINES else ""
    word = "line" if len(others) == 1 else "lines"
    return replace(
        first,
        message=f"{first.message} (and on {word} {shown}{rest})",
        edits=tuple(edit for one in (first, *others) for edit in one.edits),
    )
