"""YAML (and so JSON) of other people's files, with the place of every value.

Their files use all of YAML: several documents, anchors, merge keys. An alias is the same value
again, not a copy, and a file whose aliases would unfold to more than it could ever mean is
refused, so that a kilobyte cannot stand for a gigabyte. Tags build no objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import yaml

from corsage.layers.source import Source, UnreadableError
from corsage.layers.where import Where

DEEPEST = 60
MOST_VALUES = 2_000_000

# libyaml does the same as the Python parser, about ten times faster.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = yaml.resolver.Resolver()
_CONSTRUCTOR: Any = yaml.constructor.SafeConstructor()

Plain: TypeAlias = "str | int | float | bool | dict[str, Value] | list[Value] | None"


@dataclass(frozen=True, slots=True)
class Value:
    """A value and the place (1-based) where it stands. Keys are text; ``keys`` are their places.
    ``text`` is a scalar as written."""

    data: Plain
    line: int
    column: int
    text: str = ""
    keys: dict[str, tuple[int, int]] | None = None

    def __reduce__(self) -> tuple[type[Value], tuple[object, ...]]:
        # What a dataclass does by itself takes twice as long, for a million values.
        return Value, (self.data, self.line, self.column, self.text, self.keys)

    def get(self, *path: str) -> Value | None:
        """The value under nested keys; None where any of them is missing."""
        value = self
        for key in path:
            if not isinstance(value.data, dict) or key not in value.data:
                return None
            value = value.data[key]
        return value

    def items(self, *path: str) -> Iterator[tuple[str, Value]]:
        """The pairs of the mapping under nested keys; nothing for anything else."""
        value = self.get(*path)
        if value is not None and isinstance(value.data, dict):
            yield from value.data.items()

    def elements(self, *path: str) -> list[Value]:
        """The elements of the list under nested keys; nothing for anything else."""
        value = self.get(*path)
        return value.data if value is not None and isinstance(value.data, list) else []

    def key(self, name: str) -> tuple[int, int]:
        """The place of a key of this mapping; the mapping's own where it is inherited."""
        return (self.keys or {}).get(name, (self.line, self.column))

    def string(self, *path: str) -> str:
        """The scalar under nested keys as written, or "" where there is none."""
        value = self.get(*path)
        return value.text if value is not None else ""


def documents(source: Source) -> list[Value]:
    """The documents of a file, empty ones left out. Raises UnreadableError."""
    try:
        return list(_Builder(source).documents(yaml.parse(source.text, Loader=_Loader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"not YAML: {error.problem or error.context}"
        raise UnreadableError(where(source, line, column), message) from error
    except yaml.YAMLError as error:
        raise UnreadableError(Where(source.path), f"not YAML: {error}") from error


def where(source: Source, line: int, column: int = 1) -> Where:
    """A place of ``source``, with the text of its line."""
    if line < 1:
        return Where(source.path)
    return Where(source.path, line, column, _line(source.text, line))


def _line(text: str, number: int) -> str:
    start = 0
    for _ in range(number - 1):
        start = text.find("\n", start) + 1
        if start == 0:
            return ""
    end = text.find("\n", start)
    return text[start : end if end >= 0 else None].rstrip("\r")


class _Builder:
    """Makes values of the parser's events, in a loop: nothing recurses on what a file holds.
    (libyaml's own composer does, and a line of brackets ends the process.)"""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._anchors: dict[str, tuple[Value, int]] = {}
        self._size = 0

    def documents(self, events: Iterable[Any]) -> Iterator[Value]:
        stack: list[_Open] = []
        for event in events:
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            if isinstance(event, yaml.CollectionStartEvent):
                if len(stack) == DEEPEST:
                    raise UnreadableError(where(self._source, line, column), "nested too deeply")
                self._count(1, line, column)
                mapping = isinstance(event, yaml.MappingStartEvent)
                stack.append(_Open(line, column, mapping, event.anchor, self._size))
                continue
            if isinstance(event, yaml.CollectionEndEvent):
                done = stack.pop()
                value = done.value()
                self._remember(done.anchor, value, self._size - done.size_before + 1)
            elif isinstance(event, yaml.ScalarEvent):
                self._count(1, line, column)
                data = _plain(event.value) if event.implicit[0] else event.value
                value = Value(data, line, column, event.value)
                self._remember(event.anchor, value, 1)
            elif isinstance(event, yaml.AliasEvent):
                value = self._alias(event.anchor, line, column)
            else:
                if isinstance(event, yaml.DocumentStartEvent):
                    self._anchors.clear()
                continue
            if stack:
                stack[-1].add(value)
            elif value.data is not None:
                yield value

    def _remember(self, anchor: str | None, value: Value, size: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = value, size

    def _alias(self, anchor: str | None, line: int, column: int) -> Value:
        # An alias within what it names comes before that is remembered.
        if anchor is None or anchor not in self._anchors:
            raise UnreadableError(where(self._source, line, column), f"nothing is called *{anchor}")
        value, size = self._anchors[anchor]
        self._count(size, line, column)
        return value

    def _count(self, size: int, line: int, column: int) -> None:
        self._size += size
        if self._size > MOST_VALUES:
            message = f"more than {MOST_VALUES:,} values once its aliases are unfolded"
            raise UnreadableError(where(self._source, line, column), message)


class _Open:
    """A list or mapping whose end has not come yet."""

    def __init__(
        self, line: int, column: int, mapping: bool, anchor: str | None, size_before: int
    ) -> None:
        self.anchor = anchor
        self.size_before = size_before
        self._place = line, column
        self._mapping = mapping
        self._parts: list[Value] = []

    def add(self, value: Value) -> None:
        self._parts.append(value)

    def value(self) -> Value:
        if not self._mapping:
            return Value(self._parts, *self._place)
        data: dict[str, Value] = {}
        keys: dict[str, tuple[int, int]] = {}
        merged: dict[str, Value] = {}
        for key, value in zip(self._parts[::2], self._parts[1::2], strict=True):
            if key.text == "<<":
                for part in [value, *value.elements()]:
                    for name, inherited in part.items():
                        merged.setdefault(name, inherited)
            elif not isinstance(key.data, dict | list):
                data[key.text] = value
                keys[key.text] = key.line, key.column
        return Value({**merged, **data}, *self._place, keys=keys)


@lru_cache(4096)
def _plain(text: str) -> Any:
    """What YAML 1.1 takes an unquoted scalar for: text, a number, a boolean or nothing."""
    node = yaml.ScalarNode(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)), text)
    try:
        plain = _CONSTRUCTOR.construct_object(node)
    except (yaml.YAMLError, ValueError, ArithmeticError):
        return text
    return plain if plain is None or isinstance(plain, str | int | float) else text
