"""What is asked of values while a request runs, and who answers.

:class:`Known` answers for one request. :class:`~corsage.layers.nginx.read.possible.Possible`
answers for every origin at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from corsage.layers.nginx.read.maps import Map, Row
from corsage.layers.nginx.read.pcre import UnknownRegex, regex
from corsage.layers.nginx.read.values import (
    Value,
    joined,
    text_of,
    value_of,
)
from corsage.layers.where import Where

Captures: TypeAlias = tuple[Value, ...]

MOST_CAPTURES = 10


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
            return asked(text_of(value) or "", question)
        except UnknownRegex:
            return Answer(False)

    def choose(self, table: Map, value: Value) -> Chosen:
        """The row, and the default's where a regex cannot be followed."""
        try:
            row, match = table.lookup(text_of(value) or "")
        except UnknownRegex:
            row, match = table.default, None
        return Chosen(row, captured(match))


def asked(text: str, question: Question) -> Answer:
    """The answer for a text that is known. Raises UnknownRegex."""
    if question.kind == "set":
        return Answer(text not in ("", "0"))
    operand = text_of(question.operand)
    if question.kind == "equal":
        return Answer(text == (operand or ""))
    return captured(regex(operand or "", question.caseless).search(text))


def captured(match: re.Match[str] | None) -> Answer:
    """The answer that a regex gives, with its groups."""
    if match is None:
        return Answer(False)
    groups = (match[0], *match.groups())[:MOST_CAPTURES]
    names = tuple((name, value_of(text or "")) for name, text in match.groupdict().items())
    return Answer(True, tuple(value_of(text or "") for text in groups), names)
