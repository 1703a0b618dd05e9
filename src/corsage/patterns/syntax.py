"""What a regular expression says, whatever its dialect: the tree that the parser makes.

Characters are resolved to sets at once, so that case, dialect and the alphabet of origins are the
parser's concern alone.
"""

from __future__ import annotations

from collections.abc import Iterable
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


def width(node: Node) -> tuple[int, int | None]:
    """The lengths of the shortest and the longest text of a tree (None: without end)."""
    match node:
        case Chars():
            return 1, 1
        case Sequence(items):
            widths = [width(item) for item in items]
            return sum(w[0] for w in widths), _total(w[1] for w in widths)
        case Choice(branches):
            widths = [width(branch) for branch in branches]
            longest = [w[1] for w in widths if w[1] is not None]
            most = max(longest) if len(longest) == len(widths) else None
            return min(w[0] for w in widths), most
        case Repeat(item, least, most):
            low, high = width(item)
            if high == 0 and least != most:
                return 0, None  # engines count the repetitions, not the characters
            return low * least, None if most is None or high is None else high * most
        case _:
            return 0, 0


def _total(lengths: Iterable[int | None]) -> int | None:
    total = 0
    for length in lengths:
        if length is None:
            return None
        total += length
    return total
