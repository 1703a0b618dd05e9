"""Values while a request runs: text, with the parts that are not known where they are not.

One interpreter serves two purposes. Given a request it predicts the answer, and every value is
text. Asked whom a configuration lets read, it runs with an origin that stands for all of them:
:data:`ORIGIN` then travels through variables like any text, and where a decision depends on it,
both ways are gone. What nobody can know from the files is :class:`Unseen`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Literal, TypeAlias

from corsage.layers.nginx.read.templates import PLACEHOLDER
from corsage.layers.where import Where


class Symbol(Enum):
    """What stands for any text of a kind."""

    ORIGIN = "$http_origin"


ORIGIN = Symbol.ORIGIN


@dataclass(frozen=True, slots=True)
class Unseen:
    """A part that the files do not show, and why."""

    why: str
    where: Where


@dataclass(frozen=True, slots=True)
class Piece:
    """A capture of a regex that takes the origin apart: group ``number`` of ``regex``."""

    regex: str
    number: int


Part: TypeAlias = str | Symbol | Unseen | Piece
Value: TypeAlias = tuple[Part, ...]
"""Parts in a row; neighbouring texts are joined, and none is empty."""

EMPTY: Value = ()

_VARIABLE = re.compile(
    r"\$(?:\{(?P<braces>[A-Za-z0-9_]+)\}|(?P<capture>[1-9])|(?P<plain>[A-Za-z0-9_]+))"
)
_LONGEST = 65536
_MOST_PARTS = 64
_PLACEHOLDERS = re.compile(f"{PLACEHOLDER}+")

Kind: TypeAlias = Literal["text", "variable", "template"]


@lru_cache(maxsize=16384)
def parts_of(word: str) -> tuple[tuple[Kind, str], ...]:
    """A word as text and the names of variables, in lower case; ``template`` is an expression
    of a template, whose value nobody knows."""
    found: list[tuple[Kind, str]] = []
    position = 0
    for match in _VARIABLE.finditer(word):
        found += _texts(word[position : match.start()])
        name = match["braces"] or match["capture"] or match["plain"]
        found.append(("variable", name.lower()))
        position = match.end()
    return (*found, *_texts(word[position:]))


def _texts(text: str) -> list[tuple[Kind, str]]:
    if not text:
        return []
    if PLACEHOLDER not in text:
        return [("text", text)]
    pieces = _PLACEHOLDERS.split(text)
    found: list[tuple[Kind, str]] = []
    for number, piece in enumerate(pieces):
        if number:
            found.append(("template", ""))
        if piece:
            found.append(("text", piece))
    return found


def value_of(text: str) -> Value:
    """A text as a value."""
    return (text,) if text else EMPTY


def joined(values: list[Value]) -> Value:
    """Values one behind the other, cut where no header could hold them."""
    found: list[Part] = []
    for value in values:
        for part in value:
            if len(found) > _MOST_PARTS:
                break
            if isinstance(part, str) and found and isinstance(found[-1], str):
                found[-1] = (found[-1] + part)[:_LONGEST]
            else:
                found.append(part)
    return tuple(found)


def text_of(value: Value) -> str | None:
    """The text; None if any part of it is not known."""
    if not value:
        return ""
    return value[0] if len(value) == 1 and isinstance(value[0], str) else None


def unseen_in(value: Value) -> Unseen | None:
    """The first part that the files do not show."""
    return next((part for part in value if isinstance(part, Unseen)), None)
