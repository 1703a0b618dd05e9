"""``map``, ``geo`` and ``split_clients``: variables that are computed when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from corsage.layers.nginx.read.pcre import UnknownRegex, regex
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.where import Where


@dataclass(frozen=True, slots=True)
class Row:
    """``key value;`` of a map."""

    key: str
    value: str
    directive: Directive = field(repr=False, compare=False)

    @property
    def where(self) -> Where:
        """Where the row stands."""
        return self.directive.where

    @property
    def is_regex(self) -> bool:
        """Whether the key is one."""
        return self.key.startswith("~")

    @property
    def pattern(self) -> tuple[str, bool]:
        """The regex of the key, and whether it ignores case."""
        caseless = self.key.startswith("~*")
        return self.key[2 if caseless else 1 :], caseless


@dataclass(eq=False)
class Map:
    """``source`` is the word that is looked up. Keys other than regexes ignore case; with
    ``hostnames``, ``heads`` are masks such as ``*.example.com`` and ``tails`` ``www.*``."""

    variable: str
    source: str
    directive: Directive
    hostnames: bool = False
    exact: dict[str, Row] = field(default_factory=dict)
    heads: dict[str, Row] = field(default_factory=dict)
    tails: dict[str, Row] = field(default_factory=dict)
    regexes: list[Row] = field(default_factory=list)
    default: Row | None = None

    @property
    def rows(self) -> list[Row]:
        """Every row but the default."""
        masks = [*self.heads.values(), *self.tails.values()]
        return [*dict.fromkeys([*self.exact.values(), *masks]), *self.regexes]

    def lookup(self, text: str) -> tuple[Row | None, re.Match[str] | None]:
        """The row for a text, and the match if it is a regex's. Raises UnknownRegex."""
        lower = text.lower()
        row = self.exact.get(lower)
        if row is None and self.hostnames:
            name = lower.removesuffix(".")
            row = self.exact.get(name) or self._masked(name)
        if row is not None:
            return row, None
        # An empty text is looked up by its key alone.
        for each in self.regexes:
            match = regex(*each.pattern).search(text)
            if match:
                return each, match
        return self.default, None

    def _masked(self, name: str) -> Row | None:
        labels = name.split(".")
        for start in range(1, len(labels)):
            if row := self.heads.get(".".join(labels[start:])):
                return row
        for end in range(len(labels) - 1, 0, -1):
            if row := self.tails.get(".".join(labels[:end])):
                return row
        return None


def map_of(directive: Directive, body: Iterable[Directive]) -> Map | None:
    """A map block; None if nginx would not take it."""
    if len(directive.args) != 2 or not directive.args[1].startswith("$"):
        return None
    found = Map(directive.args[1][1:].lower(), directive.args[0], directive)
    rows = list(body)
    found.hostnames = any(row.name == "hostnames" and not row.args for row in rows)
    for each in rows:
        if len(each.args) != 1:
            continue
        key = each.name
        quoted = each.words[0].quoted
        row = Row(key, each.args[0], each)
        if key == "default" and not quoted:
            found.default = row
        elif key.startswith("~"):
            found.regexes.append(row)
        elif found.hostnames and key.startswith("."):
            found.exact.setdefault(key[1:].lower(), row)
            found.heads.setdefault(key[1:].lower(), row)
        elif found.hostnames and key.startswith("*."):
            found.heads.setdefault(key[2:].lower(), row)
        elif found.hostnames and key.endswith(".*"):
            found.tails.setdefault(key[:-2].lower(), row)
        else:
            found.exact.setdefault(key.removeprefix("\\").lower(), row)
    return found


__all__ = ["Map", "Row", "UnknownRegex", "map_of"]
