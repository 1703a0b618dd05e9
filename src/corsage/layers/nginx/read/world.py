"""What is asked of values while a request runs, and who answers.

:class:`Known` answers for one request. :class:`Possible` answers for every origin at once: where
the answer depends on the origin it takes one way and leaves the others to :func:`explore`, which
runs the program again for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, TypeVar

from corsage.layers.nginx.read.apart import language_of, masked_origins, takes_apart
from corsage.layers.nginx.read.maps import Map, Row
from corsage.layers.nginx.read.origins import is_origin
from corsage.layers.nginx.read.pcre import UnknownRegex, regex
from corsage.layers.nginx.read.values import (
    EMPTY,
    ORIGIN,
    Piece,
    Unseen,
    Value,
    joined,
    text_of,
    unseen_in,
    value_of,
)
from corsage.layers.site import OriginEntry
from corsage.layers.where import Where
from corsage.patterns import (
    OriginLanguage,
    Undecided,
    UnsupportedPattern,
    anything,
    ends_with,
    exactly,
    starts_with,
)

Captures: TypeAlias = tuple[Value, ...]
Result = TypeVar("Result")

_MOST_PATHS = 1000
_MOST_QUESTIONS = 2500
_MOST_QUESTIONS_ON_A_PATH = 24
_PRICE_OF_A_HARD_ONE = 1200
_MOST_CAPTURES = 10


@dataclass(frozen=True, slots=True)
class Question:
    """``if``: whether a value is ``set`` (neither empty nor ``0``), ``equal`` to or ``matches``
    an operand."""

    kind: Literal["set", "equal", "matches"]
    operand: Value
    where: Where = field(compare=False)
    caseless: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it holds, and what the groups of a regex captured."""

    holds: bool
    captures: Captures | None = None
    names: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The row of a map that was chosen; ``value`` where it is not what the row says, but the
    origin itself."""

    row: Row | None
    answer: Answer
    value: Value | None = None


class World(Protocol):
    """Answers to what depends on more than the configuration."""

    @property
    def origin(self) -> Value:
        """The request's ``Origin``."""

    def settle(self, value: Value) -> Value:
        """A value as it is used."""

    def ask(self, value: Value, question: Question) -> Answer:
        """An ``if``."""

    def choose(self, table: Map, value: Value) -> Chosen:
        """A ``map``."""


class Known:
    """One request. A value that is not known counts as empty."""

    def __init__(self, origin: str) -> None:
        self.origin = value_of(origin)

    def settle(self, value: Value) -> Value:
        """The text of it; what is not known is empty."""
        return joined([(part,) for part in value if isinstance(part, str)])

    def ask(self, value: Value, question: Question) -> Answer:
        """The answer, and "no" where a regex cannot be followed."""
        try:
            return _asked(text_of(value) or "", question)
        except UnknownRegex:
            return Answer(False)

    def choose(self, table: Map, value: Value) -> Chosen:
        """The row, and the default's where a regex cannot be followed."""
        try:
            row, match = table.lookup(text_of(value) or "")
        except UnknownRegex:
            row, match = table.default, None
        return Chosen(row, _captured(match))


def _asked(text: str, question: Question) -> Answer:
    if question.kind == "set":
        return Answer(text not in ("", "0"))
    operand = text_of(question.operand)
    if question.kind == "equal":
        return Answer(text == (operand or ""))
    return _captured(regex(operand or "", question.caseless).search(text))


def _captured(match: re.Match[str] | None) -> Answer:
    if match is None:
        return Answer(False)
    groups = (match[0], *match.groups())[:_MOST_CAPTURES]
    names = tuple((name, value_of(text or "")) for name, text in match.groupdict().items())
    return Answer(True, tuple(value_of(text or "") for text in groups), names)


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


_Languages: TypeAlias = tuple[OriginLanguage, ...]
_Ids: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
Options: TypeAlias = list[tuple[Way, "Chosen"]]


class TooManyPaths(Exception):  # noqa: N818 -- an answer: it is not known
    """The configuration has more ways through it than are followed."""


class Memo:
    """What has been worked out about origins. The locations of a server mostly ask the same."""

    def __init__(self) -> None:
        self._composed: dict[_Ids, tuple[_Languages, _Languages, OriginLanguage]] = {}
        self._ways: dict[tuple[str, str, bool], tuple[Way, Way]] = {}
        self._options: dict[tuple[int, Value], tuple[Map, Options | None]] = {}
        self._empty: dict[int, tuple[OriginLanguage, bool]] = {}
        self._left = _MOST_QUESTIONS

    def composed(self, within: _Languages, besides: _Languages) -> OriginLanguage:
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

    def meet(
        self, one: OriginLanguage, within: _Languages, besides: _Languages, depth: int
    ) -> bool:
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


class Possible:
    """All origins, on one way through the configuration.

    ``script`` says which way to take at each fork; after its end the first is taken, and the
    scripts of the others are in ``left``. ``language`` are the origins that come this way (None:
    all), ``ways`` what was decided about them, ``guesses`` what was decided without knowing, and
    how. ``finite``: the origins that come this way, where they can be counted.
    """

    origin: Value = (ORIGIN,)

    def __init__(self, script: tuple[int, ...], memo: Memo) -> None:
        self._memo = memo
        self._within: _Languages = ()
        self._besides: _Languages = ()
        self.ways: list[Way] = []
        self.guesses: list[tuple[Unseen, int]] = []
        self.left: list[tuple[int, ...]] = []
        self._script = script
        self._taken: tuple[int, ...] = ()
        self.finite: frozenset[str] | None = None
        self._answers: dict[Question, bool] = {}
        self._equal: dict[Question, bool] = {}

    @property
    def language(self) -> OriginLanguage | None:
        """The origins that come this way; None: all."""
        if self.finite is not None:
            return exactly(*self.finite)
        if not self._within and not self._besides:
            return None
        return self._memo.composed(self._within, self._besides)

    def settle(self, value: Value) -> Value:
        """The value, with all that is not known."""
        return value

    def ask(self, value: Value, question: Question) -> Answer:
        """The answer for the origins that come this way."""
        text = text_of(value)
        operand = text_of(question.operand)
        if text is not None and operand is not None:
            try:
                return _asked(text, question)
            except UnknownRegex as error:
                return Answer(self._guess(Unseen(str(error), question.where)))
        if question.kind == "set" and any(not isinstance(part, Unseen) for part in value):
            return Answer(True)
        if (unseen := unseen_in((*value, *question.operand))) is not None:
            return Answer(self._guess(unseen))
        if value == question.operand:
            return Answer(True)
        if operand is None or value.count(ORIGIN) != 1 or len(value) > 3:
            return Answer(self._guess(_not_followed(question.where)))
        return self._origin_asked(value, question, operand)

    def _origin_asked(self, value: Value, question: Question, operand: str) -> Answer:
        before, after = _around_origin(value)
        if before is None or after is None:
            return Answer(self._guess(_not_followed(question.where)))
        if question.kind == "equal":
            return Answer(self._origin_equals(before, operand, after, question))
        if before or after:
            return Answer(self._guess(_not_followed(question.where)))
        holds = self._answers.get(question)
        if holds is None:
            try:
                holds = self._split(question, operand)
            except (UnsupportedPattern, Undecided) as error:
                return Answer(self._guess(Unseen(str(error), question.where)))
            self._answers[question] = holds
        return _origin_captured(operand, question.where) if holds else Answer(False)

    def _origin_equals(self, before: str, operand: str, after: str, question: Question) -> bool:
        inner = operand[len(before) : len(operand) - len(after)]
        if before + inner + after != operand:
            return False
        if question not in self._equal:
            self._equal[question] = self._split(question, inner)
        return self._equal[question]

    def choose(self, table: Map, value: Value) -> Chosen:
        """The row for the origins that come this way."""
        text = text_of(value)
        where = table.directive.where
        if text is not None:
            try:
                row, match = table.lookup(text)
            except UnknownRegex as error:
                return self._any_row(table, Unseen(str(error), where))
            return Chosen(row, _captured(match))
        if (unseen := unseen_in(value)) is not None:
            return self._any_row(table, unseen)
        try:
            options = self._memo.options(table, value)
        except (UnsupportedPattern, Undecided) as error:
            return self._any_row(table, Unseen(str(error), where))
        if options is None:
            return self._any_row(table, _not_followed(where))
        chosen = self._fork([way for way, _ in options])
        return options[chosen][1]

    def _any_row(self, table: Map, unseen: Unseen) -> Chosen:
        """Some row, one for each value that there is."""
        rows = list({row.value: row for row in table.rows}.values())
        if table.default is not None:
            rows.append(table.default)
        chosen = self._fork([Way(None) for _ in (*rows, None)])
        self.guesses.append((unseen, chosen))
        return Chosen([*rows, None][chosen], Answer(False))

    def _split(self, question: Question, text: str) -> bool:
        if len(self._answers) > _MOST_QUESTIONS_ON_A_PATH:
            raise TooManyPaths
        yes, no = self._memo.split(question, text)
        if self.finite is None:
            return self._fork([yes, no]) == 0
        inside = frozenset(each for each in self.finite if each in yes)
        outside = self.finite - inside
        if not inside or not outside:
            return bool(inside)
        within = Way(exactly(*inside), yes.entries, finite=inside)
        return self._fork([within, Way(exactly(*outside), finite=outside)]) == 0

    def _guess(self, unseen: Unseen) -> bool:
        way = self._fork([Way(None), Way(None)])
        self.guesses.append((unseen, way))
        return way == 0

    def _fork(self, ways: Sequence[Way]) -> int:
        depth = len(self._taken)
        if depth < len(self._script):
            chosen = self._script[depth]
        else:
            open_ways = [number for number, way in enumerate(ways) if self._leads_on(way)]
            chosen = open_ways[0] if open_ways else len(ways) - 1
            self.left += [(*self._taken, number) for number in open_ways[1:]]
        self._taken = (*self._taken, chosen)
        self._go(ways[chosen])
        return chosen

    def _go(self, way: Way) -> None:
        if way.entries:
            self.ways.append(way)
        if self.finite is not None:
            self.finite = frozenset(each for each in self.finite if each in way)
        elif way.finite is not None:
            self.finite = frozenset(each for each in way.finite if self._holds(each))
        if way.language is not None:
            self._within = (*self._within, way.language)
        self._besides = (*self._besides, *way.besides)

    def _holds(self, origin: str) -> bool:
        """Whether an origin comes this way."""
        return all(origin in each for each in self._within) and not any(
            origin in each for each in self._besides
        )

    def _leads_on(self, way: Way) -> bool:
        """Whether somebody can go it; "yes" where there is nothing to be gained by asking."""
        if self.finite is not None:
            return any(each in way for each in self.finite)
        if way.finite is not None:
            return any(self._holds(each) for each in way.finite)
        if way.language is None or (not self._within and not self._besides and not way.besides):
            return True
        return self._memo.meet(
            way.language,
            (*self._within, way.language),
            (*self._besides, *way.besides),
            len(self._answers) + 1,
        )


def explore(program: Callable[[Possible], Result], memo: Memo) -> Iterator[tuple[Possible, Result]]:
    """Every way through a program, with its result. Raises TooManyPaths."""
    scripts: list[tuple[int, ...]] = [()]
    for _ in range(_MOST_PATHS):
        if not scripts:
            return
        world = Possible(scripts.pop(), memo)
        result = program(world)
        scripts += reversed(world.left)
        yield world, result
    if scripts:
        raise TooManyPaths


def _not_followed(where: Where) -> Unseen:
    return Unseen("the value is made of the origin and more, which is not followed here", where)


def _entries(text: str, where: Where, language: OriginLanguage) -> tuple[OriginEntry, ...]:
    return (OriginEntry(text, where, language),)


def _around_origin(value: Value) -> tuple[str | None, str | None]:
    """The texts before and behind the origin in a value; None where they are not text."""
    at = value.index(ORIGIN)
    return text_of(value[:at]), text_of(value[at + 1 :])


def _origin_captured(pattern: str, where: Where) -> Answer:
    """What the groups hold after a regex matched the origin."""
    unseen: Value = (Unseen("a part of the origin, which is not followed here", where),)
    apart = takes_apart(pattern)
    try:
        compiled = regex(pattern, True)
    except UnknownRegex:
        return Answer(True, (unseen,) * _MOST_CAPTURES)
    values: list[Value] = [unseen] * _MOST_CAPTURES
    if apart is not None:
        for number in apart.groups:
            whole = len(apart.items) == 1 and not apart.groups[number].endswith(")?")
            if number < _MOST_CAPTURES:
                values[number] = (ORIGIN,) if whole else (Piece(pattern, number),)
    names = tuple(
        (name, values[number]) for name, number in compiled.numbers if number < _MOST_CAPTURES
    )
    return Answer(True, tuple(values), names)


def _rows(table: Map, value: Value) -> list[tuple[Way, Chosen]] | None:
    """The rows for an origin, perhaps with constant text around it."""
    if value.count(ORIGIN) != 1:
        return None
    before, after = _around_origin(value)
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
        yield row, language_of(text, caseless), _origin_captured(text, row.where)


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


__all__ = [
    "EMPTY",
    "Answer",
    "Captures",
    "Chosen",
    "Known",
    "Memo",
    "Possible",
    "Question",
    "TooManyPaths",
    "World",
    "explore",
]
