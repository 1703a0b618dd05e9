"""What a regular expression says, whatever its dialect: the tree that the parser makes.

Characters are resolved to sets at once, so that case, dialect and the alphabet of origins are the
parser's concern alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set (see :mod:`corsage.patterns.alphabet`)."""

    mask: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; the empty sequence matches the empty text."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of the branches."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``least`` times or more, at the most ``most`` times (None: without end)."""

    item: Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Start:
    """The start of the text."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of the text."""


@dataclass(frozen=True, slots=True)
class Look:
    """What must (or, if negated, must not) follow, or end, here."""

    item: Node
    behind: bool = False
    negated: bool = False


Node = Chars | Sequence | Choice | Repeat | Start | End | Look

EMPTY = Sequence()
NOTHING = Chars(0)
