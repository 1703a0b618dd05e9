"""The ways that origins can go where a decision depends on them, and who goes them.

An ``if`` parts the origins in two, a map into those of each row. What is found out is kept in a
:class:`Memo`: the locations of a server mostly ask the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from corsage.layers.nginx.read.apart import language_of, masked_origins, takes_apart
from corsage.layers.nginx.read.maps import Map, Row
from corsage.layers.nginx.read.origins import is_origin
from corsage.layers.nginx.read.pcre import UnknownRegex, regex
from corsage.layers.nginx.read.values import (
    ORIGIN,
    Piece,
    Unseen,
    Value,
    text_of,
)
from corsage.layers.nginx.read.world import MOST_CAPTURES, Answer, Chosen, Question
from corsage.layers.site import OriginEntry
from corsage.layers.where import Where
from corsage.patterns import (
    OriginLanguage,
    Undecided,
    anything,
    ends_with,
    exactly,
    starts_with,
)

_MOST_QUESTIONS = 2500
_PRICE_OF_A_HARD_ONE = 1200


@dataclass(frozen=True, slots=True)
class Way:
    """One way to go: the origins that go it (None: whoever came here) but for those ``besides``,
    the entries of the configuration that led there, and whether they say so themselves (a default
    does not). ``finite``: the origins, where they can be counted; ``origins``: that of each entry,
    where each has one."""

    language: OriginLanguage | None
    entries: tuple[OriginEntry, ...] = ()
    stated: bool = True
    finite: frozenset[str] | None = None
    origins: tuple[str, ...] = ()
    besides: tuple[OriginLanguage, ...] = ()

    def __contains__(self, origin: str) -> bool:
        if self.language is not None and origin not in self.language:
            return False
        return not any(origin in other for other in self.besides)


Languages: TypeAlias = tuple[OriginLanguage, ...]
_Ids: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
Options: TypeAlias = list[tuple[Way, "Chosen"]]


class TooManyPaths(Exception):  # noqa: N818 -- an answer: it is not known
    """The configuration has more ways through it than are followed."""


class Memo:
    """What has been worked out about origins. The locations of a server mostly ask the same."""

    def __init__(self) -> None:
        self._composed: dict[_Ids, tuple[Languages, Languages, OriginLanguage]] = {}
        self._ways: dict[tuple[str, str, bool], tuple[Way, Way]] = {}
        self._options: dict[tuple[int, Value], tuple[Map, Options | None]] = {}
        self._empty: dict[int, tuple[OriginLanguage, bool]] = {}
        self._left = _MOST_QUESTIONS

    def composed(self, within: Languages, besides: Languages) -> OriginLanguage:
        """The origins of all languages within, but for those besides. (The languages are kept,
        so that no id comes twice.)"""
        key = (tuple(map(id, within)), tuple(map(id, besides)))
        if key not in self._composed:
            language = within[0] if within else anything()
            for each in within[1:]:
                language = language & each
            if besides:
                union = besides[0]
                for each in besides[1:]:
                    union = union | each
                language = language - union
            self._composed[key] = (within, besides, language)
        return self._composed[key][2]

    def meet(self, one: OriginLanguage, within: Languages, besides: Languages, depth: int) -> bool:
        """Whether somebody is within and not besides. The first origin of one of the languages
        mostly shows it."""
        if not self.is_empty(one):
            try:
                sample = one.shortest()
            except Undecided:
                sample = None
            if (
                sample is not None
                and all(sample in each for each in within)
                and not any(sample in each for each in besides)
            ):
                return True
        return not self.is_empty(self.composed(within, besides), depth)

    def is_empty(self, language: OriginLanguage, depth: int = 1) -> bool:
        """Whether nobody is in it; what takes too long to decide may hold somebody. ``depth`` is
        how many regexes have had a say. Raises TooManyPaths where a configuration asks too much.
        """
        known = self._empty.get(id(language))
        if known is None:
            self._left -= depth * depth
            if self._left < 0:
                raise TooManyPaths
            try:
                known = (language, language.is_empty())
            except Undecided:
                self._left -= _PRICE_OF_A_HARD_ONE
                known = (language, False)
            self._empty[id(language)] = known
        return known[1]

    def split(self, question: Question, text: str) -> tuple[Way, Way]:
        """The ways of those for whom a question about the origin holds, and of the others."""
        key = (question.kind, text, question.caseless)
        if key not in self._ways:
            finite = frozenset({text}) if question.kind == "equal" else None
            language = exactly(text) if finite else language_of(text, question.caseless)
            yes = Way(language, _entries(text, question.where, language), finite=finite)
            self._ways[key] = (yes, Way(None, besides=(language,)))
        return self._ways[key]

    def options(self, table: Map, value: Value) -> Options | None:
        """The ways through a map, each with its row; None where they are not followed."""
        key = (id(table), value)
        if key not in self._options:
            of_pieces = any(isinstance(part, Piece) for part in value)
            found = _rows_of_pieces(table, value) if of_pieces else _rows(table, value)
            self._options[key] = (table, found)
        return self._options[key][1]


def _entries(text: str, where: Where, language: OriginLanguage) -> tuple[OriginEntry, ...]:
    return (OriginEntry(text, where, language),)


def around_origin(value: Value) -> tuple[str | None, str | None]:
    """The texts before and behind the origin in a value; None where they are not text."""
    at = value.index(ORIGIN)
    return text_of(value[:at]), text_of(value[at + 1 :])


def origin_captured(pattern: str, where: Where) -> Answer:
    """What the groups hold after a regex matched the origin."""
    unseen: Value = (Unseen("a part of the origin, which is not followed here", where),)
    apart = takes_apart(pattern)
    try:
        compiled = regex(pattern, True)
    except UnknownRegex:
        return Answer(True, (unseen,) * MOST_CAPTURES)
    values: list[Value] = [unseen] * MOST_CAPTURES
    if apart is not None:
        for number in apart.groups:
            whole = len(apart.items) == 1 and not apart.groups[number].endswith(")?")
            if number < MOST_CAPTURES:
                values[number] = (ORIGIN,) if whole else (Piece(pattern, number),)
    names = tuple(
        (name, values[number]) for name, number in compiled.numbers if number < MOST_CAPTURES
    )
    return Answer(True, tuple(values), names)


def _rows(table: Map, value: Value) -> list[tuple[Way, Chosen]] | None:
    """The rows for an origin, perhaps with constant text around it."""
    if value.count(ORIGIN) != 1:
        return None
    before, after = around_origin(value)
    if before is None or after is None:
        return None
    if (before or after) and (table.regexes or table.hostnames):
        return None
    options: list[tuple[Way, Chosen]] = []
    taken: list[tuple[str, OriginLanguage]] = []
    for result, group in _groups(table, before, after).items():
        origins = frozenset(origin for origin, _ in group)
        language = exactly(*origins)
        entries = tuple(OriginEntry(row.key, row.where, exactly(origin)) for origin, row in group)
        chosen = Chosen(group[0][1], Answer(False), (ORIGIN,) if result is None else None)
        each = tuple(origin for origin, _ in group)
        options.append((Way(language, entries, finite=origins, origins=each), chosen))
        taken.append((f"={result}", language))
    for row, language, answer in _open_rows(table):
        if language.is_empty():
            continue
        result = _result(row)
        besides = tuple(each for other, each in taken if other != result)
        entries = _entries(row.key, row.where, language)
        options.append((Way(language, entries, besides=besides), Chosen(row, answer)))
        taken.append((result, language))
    return [*options, _default(table, [language for _, language in taken])]


def _default(table: Map, taken: list[OriginLanguage]) -> tuple[Way, Chosen]:
    """The way of the origins that no row takes."""
    row = table.default
    entries = () if row is None else _entries("default", row.where, anything())
    return Way(None, entries, stated=False, besides=tuple(taken)), Chosen(row, Answer(False))


def _result(row: Row) -> str:
    # Captures differ from row to row.
    return f"{row.key}:{row.value}" if re.search(r"\$\{?[1-9]", row.value) else row.value


def _groups(table: Map, before: str, after: str) -> dict[str | None, list[tuple[str, Row]]]:
    """The exact keys by the value that they lead to; None: the key itself, which is the origin."""
    found: dict[str | None, list[tuple[str, Row]]] = {}
    for key, row in table.exact.items():
        inner = key[len(before) : len(key) - len(after)]
        if before.lower() + inner + after.lower() != key or not is_origin(inner):
            continue
        echo = not before and not after and row.value == key
        found.setdefault(None if echo else row.value, []).append((inner, row))
    return found


def _open_rows(table: Map) -> Iterator[tuple[Row, OriginLanguage, Answer]]:
    for mask, row in sorted(table.heads.items(), key=lambda item: -len(item[0])):
        yield row, ends_with(f".{mask}"), Answer(False)
    for mask, row in sorted(table.tails.items(), key=lambda item: -len(item[0])):
        yield row, starts_with(f"{mask}."), Answer(False)
    for row in table.regexes:
        text, caseless = row.pattern
        yield row, language_of(text, caseless), origin_captured(text, row.where)


def _rows_of_pieces(table: Map, value: Value) -> list[tuple[Way, Chosen]] | None:
    """The rows of a ``hostnames`` map that is asked for an origin turned round."""
    if table.regexes or table.tails:
        return None
    options: list[tuple[Way, Chosen]] = []
    taken: list[OriginLanguage] = []
    keys = [(key, False, row) for key, row in table.exact.items() if key]
    keys += [(key, True, row) for key, row in table.heads.items()]
    for key, mask, row in sorted(keys, key=lambda each: (each[1], -len(each[0]))):
        language = masked_origins(value, key, mask)
        if language is None:
            return None
        entries = _entries(row.key, row.where, language)
        way = Way(language, entries, besides=tuple(taken))
        options.append((way, Chosen(row, Answer(False))))
        taken.append(language)
    return [*options, _default(table, taken)]
