"""A configuration as YAML text: block style, quoted where needed, repeated parts once.

A small writer instead of a YAML library, because layers need nothing but the standard library,
and because comments and anchors are what makes the files readable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, Union

_NOTE = "# Written by Corsage from a policy; edit that, not this."
_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", "."}
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_UNSAYABLE = re.compile("[\x00\ud800-\udfff]")


class YamlTextError(ValueError):
    """A value that no YAML text can hold; the message names it."""


@dataclass(frozen=True, eq=False)
class Shared:
    """A value that stands in several places: written where it is first met, named ever after."""

    name: str
    value: Value


@dataclass(frozen=True, eq=False)
class Noted:
    """A value with a comment above it."""

    note: str
    value: Value


Value: TypeAlias = Union[
    str, int, bool, Mapping[str, "Value"], Sequence["Value"], "Shared", "Noted"
]


def yaml_of(document: Mapping[str, Value]) -> str:
    """The document as YAML, the same for the same document."""
    return "\n".join([_NOTE, *_Writer().mapping(document)]) + "\n"


def plain(document: Mapping[str, Value]) -> dict[str, Any]:
    """The document as JSON has it: no comments, and everything as often as it counts."""
    bare: dict[str, Any] = _bare(document, {})
    return bare


def _bare(value: Value, shared: dict[int, Any]) -> Any:
    if isinstance(value, Shared):
        if id(value) not in shared:
            shared[id(value)] = _bare(value.value, shared)
        return shared[id(value)]
    if isinstance(value, Noted):
        return _bare(value.value, shared)
    if isinstance(value, Mapping):
        return {key: _bare(each, shared) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_bare(each, shared) for each in value]
    return value


class _Writer:
    def __init__(self) -> None:
        self._written: dict[int, str] = {}
        self._names: set[str] = set()

    def mapping(self, values: Mapping[str, Value]) -> Iterator[str]:
        for key, value in values.items():
            yield from self._entry(f"{_scalar(key)}:", value)

    def _entry(self, head: str, value: Value) -> Iterator[str]:
        if isinstance(value, Noted):
            yield from (f"# {line}" for line in value.note.splitlines())
            value = value.value
        anchor = ""
        if isinstance(value, Shared):
            if written := self._written.get(id(value)):
                yield f"{head} *{written}"
                return
            anchor = f" &{self._name(value)}"
            value = value.value
        if isinstance(value, Mapping) and value:
            yield from self._block(head, anchor, self.mapping(value))
        elif isinstance(value, Sequence) and value and not isinstance(value, str):
            yield from self._block(head, anchor, self._items(value))
        else:
            yield f"{head}{anchor} {_scalar(value)}"

    def _items(self, values: Sequence[Value]) -> Iterator[str]:
        for value in values:
            yield from self._entry("-", value)

    def _block(self, head: str, anchor: str, lines: Iterator[str]) -> Iterator[str]:
        if head == "-" and not anchor:
            first = next(lines)
            # A comment cannot stand behind the dash.
            if first.startswith("#"):
                yield head
                yield f"  {first}"
            else:
                yield f"- {first}"
        else:
            yield f"{head}{anchor}"
        for line in lines:
            yield f"  {line}"

    def _name(self, value: Shared) -> str:
        base = re.sub(r"[^A-Za-z0-9]+", "_", value.name).strip("_")[:48] or "shared"
        name, number = base, 1
        while name in self._names:
            number += 1
            name = f"{base}__{number}"
        self._names.add(name)
        self._written[id(value)] = name
        return name


def _scalar(value: Value) -> str:
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        if _UNSAYABLE.search(value):
            raise YamlTextError(f"{value!r} is not text that a configuration can hold")
        quoted = json.dumps(value, ensure_ascii=False)
        return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
    return json.dumps(value)
