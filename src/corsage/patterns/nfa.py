"""From the tree of a pattern to a nondeterministic automaton, as tables.

A state has arrows that read a character, and arrows that read none but may ask a guard: only at
the start, only at the end, only where a look-around holds. Repetitions are written out, so their
number is limited.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from corsage.patterns.alphabet import ANY
from corsage.patterns.dialects import Match
from corsage.patterns.errors import Undecided
from corsage.patterns.syntax import Chars, Choice, End, Look, Node, Repeat, Sequence, Start

LARGEST = 200_000
"""States of one automaton."""

FREE, AT_START, AT_END = -1, -2, -3
"""Guards of an arrow that reads nothing. Those from 0 on are the look-arounds."""


@dataclass(frozen=True, slots=True)
class Around:
    """A look-around: what it looks for starts at ``entry`` and is found at ``found``."""

    entry: int
    found: int
    behind: bool
    negated: bool


@dataclass(slots=True)
class Automaton:
    """``reads[s]`` are (mask, target), ``skips[s]`` (guard, target)."""

    reads: list[list[tuple[int, int]]] = field(default_factory=list)
    skips: list[list[tuple[int, int]]] = field(default_factory=list)
    arounds: list[Around] = field(default_factory=list)
    initial: int = 0
    final: int = 0

    def state(self) -> int:
        """A new state."""
        if len(self.reads) >= LARGEST:
            raise Undecided(f"written out, the pattern has more than {LARGEST} states")
        self.reads.append([])
        self.skips.append([])
        return len(self.reads) - 1


def compile_tree(tree: Node, match: Match) -> Automaton:
    """The automaton of a tree that is asked of a whole text, anywhere in it, or at its start.

    Where it is not the whole, the rest of the text is read in the final state, which so accepts
    whatever follows.
    """
    automaton = Automaton()
    automaton.initial = automaton.state()
    if match == "search":
        automaton.reads[automaton.initial].append((ANY, automaton.initial))
    automaton.final = automaton.state()
    _add(automaton, tree, automaton.initial, automaton.final)
    if match != "full":
        automaton.reads[automaton.final].append((ANY, automaton.final))
    return automaton


def _add(automaton: Automaton, node: Node, start: int, end: int) -> None:
    """Lays arrows from ``start`` to ``end`` along the texts of a tree."""
    match node:
        case Chars(mask):
            if mask:
                automaton.reads[start].append((mask, end))
        case Sequence(items):
            _add_sequence(automaton, items, start, end)
        case Choice(branches):
            _add_choice(automaton, branches, start, end)
        case Repeat():
            _add_repeat(automaton, node, start, end)
        case Start():
            automaton.skips[start].append((AT_START, end))
        case End():
            automaton.skips[start].append((AT_END, end))
        case Look(item, behind, negated):
            entry, found = automaton.state(), automaton.state()
            any_end = [(ANY, entry if behind else found)]
            # Behind: any beginning, then the item. Ahead: the item, then any rest.
            automaton.reads[entry if behind else found] += any_end
            _add(automaton, item, entry, found)
            automaton.arounds.append(Around(entry, found, behind, negated))
            automaton.skips[start].append((len(automaton.arounds) - 1, end))


def _add_sequence(automaton: Automaton, items: tuple[Node, ...], start: int, end: int) -> None:
    if not items:
        automaton.skips[start].append((FREE, end))
        return
    for item in items[:-1]:
        target = automaton.state()
        _add(automaton, item, start, target)
        start = target
    _add(automaton, items[-1], start, end)


def _add_choice(automaton: Automaton, branches: tuple[Node, ...], start: int, end: int) -> None:
    """Branches share what they begin with, and what they all end with, so that a list of ten
    thousand hosts stays small."""
    texts = [_flat(branch) for branch in branches]
    shared_end = _shared_end(texts)
    if shared_end:
        join = automaton.state()
        _add_sequence(automaton, texts[0][-shared_end:], join, end)
        texts = [items[:-shared_end] for items in texts]
        end = join
    # Nothing else leads on from the fork, so what is shared is reached by these branches alone.
    fork = automaton.state()
    automaton.skips[start].append((FREE, fork))
    shared: dict[tuple[int, int], int] = {}
    for items in texts:
        at, read = fork, 0
        for item in items:
            if not isinstance(item, Chars) or not item.mask:
                break
            target = shared.get((at, item.mask))
            if target is None:
                target = shared[at, item.mask] = automaton.state()
                automaton.reads[at].append((item.mask, target))
            at = target
            read += 1
        _add_sequence(automaton, items[read:], at, end)


def _flat(node: Node) -> tuple[Node, ...]:
    """The items of a tree, of sequences in sequences too."""
    if not isinstance(node, Sequence):
        return (node,)
    return tuple(inner for item in node.items for inner in _flat(item))


def _shared_end(texts: list[tuple[Node, ...]]) -> int:
    """How many characters all end with."""
    length = 0
    for items in zip(*map(reversed, texts), strict=False):
        if not isinstance(items[0], Chars) or any(item != items[0] for item in items):
            break
        length += 1
    return length


def _add_repeat(automaton: Automaton, node: Repeat, start: int, end: int) -> None:
    for _ in range(node.least):
        target = automaton.state()
        _add(automaton, node.item, start, target)
        start = target
    if node.most is None:
        loop = automaton.state()
        automaton.skips[start].append((FREE, loop))
        _add(automaton, node.item, loop, loop)
        automaton.skips[loop].append((FREE, end))
        return
    automaton.skips[start].append((FREE, end))
    for _ in range(node.most - node.least):
        target = automaton.state()
        _add(automaton, node.item, start, target)
        automaton.skips[target].append((FREE, end))
        start = target
