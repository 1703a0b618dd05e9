"""Source code as a small tree that Python, JavaScript and Java are lowered to.

It keeps what decides about headers (names, literals, calls, branches) and where it stands; the
rest is :class:`Opaque`. All of it can be pickled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal as OneOf
from typing import NamedTuple, TypeAlias

from corsage.layers.where import Where

Dialect: TypeAlias = OneOf["python", "javascript", "java"]

DEEPEST = 100
"""Levels of nesting that are lowered; what is deeper is Opaque. No hand writes as much, and
pickling takes stack for each."""


class At(NamedTuple):
    """A span of a file: 1-based lines and columns, the end excluded."""

    line: int
    column: int
    end_line: int
    end_column: int
    file: str = ""


NOWHERE = At(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Node:
    """Anything in the tree; ``at`` is where it stands."""

    at: At

    def __reduce__(self) -> tuple[type[Node], tuple[object, ...]]:
        # What dataclasses have for pickle looks up their fields every time, which costs seconds.
        kind = type(self)
        return kind, tuple(getattr(self, name) for name in names_of(kind))


_NAMES: dict[type, tuple[str, ...]] = {}


def names_of(kind: type[Node]) -> tuple[str, ...]:
    """The names of a kind of node's fields, in order."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(one.name for one in fields(kind))
    return _NAMES[kind]


@dataclass(frozen=True, slots=True)
class Opaque(Node):
    """What is not understood, with the expressions and statements in it that are."""

    kids: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A string, number, truth value, or nothing at all (None, null, undefined)."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Regex(Node):
    """A regular expression literal, or one that is compiled from a literal."""

    text: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """``of.name``, or ``of["name"]``."""

    of: Node
    name: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """``of[key]`` where the key is no literal text."""

    of: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Spread(Node):
    """``...of`` or ``*of`` in a list, ``**of`` in a call."""

    of: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(*args, **named)``; ``new`` is a constructor's."""

    function: Node
    args: tuple[Node, ...] = ()
    named: tuple[tuple[str, Node], ...] = ()
    new: bool = False


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """A list, tuple, set or array."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class MapOf(Node):
    """An object or dict. A key None is what is spread into it."""

    pairs: tuple[tuple[Node | None, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class Op(Node):
    """``and or ?? not + == != in ?:`` and other operators, which are known by name only."""

    op: str
    operands: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Function(Node):
    """A function; ``body`` of a lambda is its Return."""

    params: tuple[str, ...]
    body: tuple[Node, ...] = ()
    name: str = ""
    decorators: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassDef(Node):
    """A class: its fields are Assign, its methods Function."""

    name: str
    bases: tuple[Node, ...] = ()
    body: tuple[Node, ...] = ()
    decorators: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """``target = value``; ``op`` is that of ``+=``. A destructuring target is Opaque."""

    target: Node
    value: Node
    op: str = ""


@dataclass(frozen=True, slots=True)
class If(Node):
    """A branch."""

    test: Node
    then: tuple[Node, ...] = ()
    otherwise: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """A loop; ``over`` None where nothing is iterated over."""

    target: str
    over: Node | None
    body: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Return(Node):
    """``return``, or ``raise`` and ``throw``."""

    value: Node | None = None
    raises: bool = False


@dataclass(frozen=True, slots=True)
class Block(Node):
    """Statements that run in any case: ``try``, ``with``. ``handlers`` run after a failure."""

    body: tuple[Node, ...] = ()
    handlers: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Import(Node):
    """``local`` is ``name`` of the module ``source`` (``*``: the whole module, ``default``)."""

    local: str
    source: str
    name: str


@dataclass(frozen=True, slots=True)
class Module:
    """A file. ``lines`` are its text, for showing places; ``beside`` are the other files of the
    run, in which a value may stand."""

    path: str
    dialect: Dialect
    body: tuple[Node, ...]
    lines: tuple[str, ...] = field(repr=False, default=())
    beside: Mapping[str, Module] = field(repr=False, compare=False, default_factory=dict)

    def home(self, at: At) -> Module:
        """The file that a span is in."""
        return self if at.file in ("", self.path) else self.beside.get(at.file, self)

    def where(self, node: Node | At) -> Where:
        """The place of a node."""
        at = node if isinstance(node, At) else node.at
        home = self.home(at)
        source = home.lines[at.line - 1] if 0 < at.line <= len(home.lines) else ""
        return Where(home.path, at.line, at.column, source[:500])


def kids(node: Node) -> Iterator[Node]:
    """The nodes right below one, in order."""
    for name in names_of(type(node))[1:]:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item
                elif isinstance(item, tuple):
                    yield from (part for part in item if isinstance(part, Node))


def walk(*roots: Node) -> Iterator[Node]:
    """All nodes, a parent before its kids, in the order of the text."""
    left = list(reversed(roots))
    while left:
        node = left.pop()
        yield node
        left += reversed(list(kids(node)))


def dotted(node: Node) -> str:
    """``a.b.c``; empty for what is no path of names."""
    below = ""
    while isinstance(node, Member):
        below = f".{node.name}{below}"
        node = node.of
    return node.name + below if isinstance(node, Name) else ""
