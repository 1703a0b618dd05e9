"""A file of Envoy's, with the places of what stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corsage.layers.where import Where
from corsage.layers.yaml_document import Value


@dataclass(frozen=True, slots=True)
class Part:
    """A message of Envoy's configuration: a mapping in a file. Fields are found by their names in
    either spelling, ``allow_methods`` and ``allowMethods``."""

    file: str
    lines: tuple[str, ...]
    value: Value

    @property
    def where(self) -> Where:
        """Where it stands."""
        return self._at(self.value.line, self.value.column)

    def where_key(self, name: str) -> Where:
        """Where a field's name stands."""
        for spelling in (name, _camel(name)):
            if spelling in (self.value.keys or {}):
                return self._at(*self.value.key(spelling))
        return self.where

    def _at(self, line: int, column: int) -> Where:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Where(self.file, line, column, text)

    def _of(self, value: Value) -> Part:
        return Part(self.file, self.lines, value)

    def get(self, *path: str) -> Part | None:
        """The part under nested names; None where one is missing, or nothing stands there."""
        value = self.value
        for name in path:
            found = value.get(name) or value.get(_camel(name))
            if found is None or found.data is None:
                return None
            value = found
        return self._of(value)

    def all(self, *path: str) -> list[Part]:
        """The elements of a list; nothing for anything else."""
        found = self.get(*path)
        return [] if found is None else [self._of(each) for each in found.value.elements()]

    def items(self, *path: str) -> Iterator[tuple[str, Part]]:
        """The pairs of a mapping; nothing for anything else."""
        found = self.get(*path)
        if found is not None:
            for name, value in found.value.items():
                yield name, self._of(value)

    def text(self, *path: str) -> str:
        """A scalar as written, or ""."""
        found = self.get(*path)
        return "" if found is None else found.value.text

    def true(self, *path: str) -> bool:
        """Whether a field says yes."""
        return self.text(*path) in ("true", "True", "TRUE")

    def number(self, *path: str) -> int | None:
        """A field as a number."""
        text = self.text(*path)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None

    @property
    def type(self) -> str:
        """The name of its message, without the package: ``Cors``."""
        return self.text("@type").rpartition(".")[2]


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
