"""Entries of allow-lists: the origins that they admit, and those that never can."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corsage.layers import rules
from corsage.layers.apps import tree
from corsage.layers.apps.values import Const
from corsage.layers.site import Edit, OriginEntry, Slip
from corsage.patterns import OriginLanguage, Undecided, anything, exactly, nothing
from corsage.policy.origin_text import read_origin
from corsage.policy.problems import Fault

_QUOTES = "\"'`"


def entry(module: tree.Module, at: tree.At, text: str, language: OriginLanguage) -> OriginEntry:
    """An entry of a list."""
    return OriginEntry(text, module.where(at), language)


def exact(module: tree.Module, at: tree.At, text: str) -> OriginEntry:
    """An entry that is compared as it is written."""
    return entry(module, at, text, exactly(text))


def everybody(module: tree.Module, at: tree.At, text: str = "*") -> OriginEntry:
    """An entry that admits every origin."""
    return entry(module, at, text, anything())


def union(entries: tuple[OriginEntry, ...]) -> OriginLanguage:
    """The origins that any of the entries admits."""
    language = nothing()
    for one in entries:
        language = language | one.language
    return language


def never_matching(module: tree.Module, product: str, text: Const) -> Iterator[Slip]:
    """The slip of a text that ``product`` compares with origins, if no origin is like it."""
    value = text.value
    if not isinstance(value, str) or value == "null":
        return
    try:
        if not exactly(value).is_empty():
            return
    except Undecided:
        return
    why = f"{product} compares it with origins as browsers send them."
    fix: str | None = None
    try:
        read_origin(value)
        problem = f'"{value}" is a wildcard to people, and a plain text to {product}'
        why = f"{product} compares entries as they are; a wildcard is written as a regex there."
    except Fault as fault:
        problem = fault.message
        why = fault.why or why
        fix = fault.fix
    is_same = fix is not None and _same_origin(value, fix)
    yield Slip(
        rules.NEVER_MATCHES,
        problem,
        module.where(text.at),
        why,
        fix if fix and not fix.startswith("[") else None,
        edits=tuple(_edits(module, text.at, value, fix)) if fix and is_same else (),
    )


def _same_origin(written: str, fix: str) -> bool:
    """Whether the fix names the origin that was written: the slash, the case or the default port
    that browsers leave out is all that goes."""
    plain = re.sub(r":(?:80|443)$", "", written.strip().rstrip("/").lower())
    return plain == re.sub(r":(?:80|443)$", "", fix)


def _edits(module: tree.Module, at: tree.At, written: str, fix: str) -> Iterator[Edit]:
    module = module.home(at)
    if at.line != at.end_line or not 0 < at.line <= len(module.lines):
        return
    source = module.lines[at.line - 1][at.column - 1 : at.end_column - 1]
    quote = source[:1] if source[:1] in _QUOTES and source[:1] == source[-1:] else ""
    if source == f"{quote}{written}{quote}":
        start, end = (at.line, at.column), (at.line, at.end_column)
        yield Edit(module.path, start, end, f"{quote}{fix}{quote}")
