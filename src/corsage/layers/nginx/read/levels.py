"""Levels of configuration: http, server, location, ``if``; what each says and what it inherits.

nginx's modules merge a level with the one around it in one way for nearly everything: what a
level says for itself replaces all that it would inherit under that name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from corsage.layers.nginx.read.includes import Includes
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.nginx.read.templates import PLACEHOLDER

Kind: TypeAlias = Literal["http", "server", "location", "if", "limit_except"]
Modifier: TypeAlias = Literal["", "=", "^~", "~", "~*", "@"]

_PLAIN: Modifier = ""

CODES = frozenset({"set", "if", "return", "rewrite", "break"})
"""The directives that run, in the order in which they stand."""


@dataclass(eq=False)
class Level:
    """One block. ``codes`` run in its rewrite phase; an ``if`` among them comes with its level.

    A location's ``modifier`` and ``path`` are as written (``~*``, ``@``).
    """

    kind: Kind
    directive: Directive
    parent: Level | None
    own: dict[str, list[Directive]] = field(default_factory=lambda: defaultdict(list))
    codes: list[tuple[Directive, Level | None]] = field(default_factory=list)
    locations: list[Level] = field(default_factory=list)
    limits: Level | None = None
    modifier: Modifier = ""
    path: str = ""
    _nearest: dict[str, tuple[Level, tuple[Directive, ...]] | None] = field(default_factory=dict)

    def nearest(self, name: str) -> tuple[Directive, ...]:
        """What holds here under a name: its own, or else the nearest level's around it."""
        found = self.source(name)
        return () if found is None else found[1]

    def source(self, name: str) -> tuple[Level, tuple[Directive, ...]] | None:
        """As :meth:`nearest`, with the level that says it."""
        if name not in self._nearest:
            if name in self.own:
                self._nearest[name] = (self, tuple(self.own[name]))
            else:
                self._nearest[name] = self.parent.source(name) if self.parent else None
        return self._nearest[name]

    def last(self, name: str) -> str:
        """The first argument of a directive that stands once; empty where it is not given."""
        found = self.nearest(name)
        return found[-1].args[0] if found and found[-1].args else ""

    def outwards(self) -> Iterator[Level]:
        """This level and those around it."""
        level: Level | None = self
        while level is not None:
            yield level
            level = level.parent

    def inwards(self) -> Iterator[Level]:
        """This level and all within it."""
        yield self
        for _, inner in self.codes:
            if inner is not None:
                yield from inner.inwards()
        if self.limits is not None:
            yield from self.limits.inwards()
        for location in self.locations:
            yield from location.inwards()

    @property
    def title(self) -> str:
        """For people: ``location ~* \\.js$``."""
        if self.kind == "server":
            return "server"
        words = self.directive.words
        return " ".join(self.directive.text.text[words[0].start : words[-1].end].split())


def level_of(
    kind: Kind,
    directive: Directive,
    body: Iterable[Directive],
    includes: Includes,
    parent: Level | None = None,
) -> Level:
    """A block as a level, with everything inside it. Servers of an http block are not among it."""
    level = Level(kind, directive, parent)
    if kind == "location":
        level.modifier, path = _location_match(directive)
        level.path = _without_placeholders(path, level.modifier)
    for inner in includes.expand(body):
        name = inner.name
        if name == "location" and inner.block is not None:
            level.locations.append(level_of("location", inner, inner.block, includes, level))
        elif name == "if" and inner.block is not None:
            level.codes.append((inner, level_of("if", inner, inner.block, includes, level)))
        elif name == "limit_except" and inner.block is not None:
            level.limits = level_of("limit_except", inner, inner.block, includes, level)
            level.own[name].append(inner)
        else:
            if name in CODES:
                level.codes.append((inner, None))
            level.own[name].append(inner)
    return level


def _without_placeholders(path: str, modifier: Modifier) -> str:
    """A path that a template fills in, with something in its place."""
    if PLACEHOLDER not in path:
        return path
    filled = re.sub(f"{PLACEHOLDER}+", "x", path)
    return filled if modifier in ("~", "~*", "@") or filled[0] == "/" else f"/{filled}"


def _location_match(directive: Directive) -> tuple[Modifier, str]:
    args = directive.args
    modifiers: tuple[Modifier, ...] = ("=", "^~", "~*", "~")
    if len(args) >= 2:
        return next((each for each in modifiers if each == args[0]), _PLAIN), args[1]
    path = args[0] if args else "/"
    if path.startswith("@"):
        return "@", path
    for modifier in modifiers:
        if path.startswith(modifier):
            return modifier, path[len(modifier) :]
    return _PLAIN, path
