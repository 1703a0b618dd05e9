"""The shortest origin under any of thousands of suffixes, or the proof of none.

Read from its end, a host meets its suffix first, and the pattern's own last letters leave little
of the list to look at. So all that is strange is laid out as a graph once, and is searched
backward, along the suffixes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from corsage.patterns.alphabet import bit, first, mask_of
from corsage.patterns.machines import Machine, State
from corsage.patterns.search import plainest
from corsage.patterns.work import Work

_DIGITS = mask_of("0123456789")
_LETTERS = mask_of("abcdefghijklmnopqrstuvwxyz0123456789")
_COLON, _DOT, _HYPHEN, _SLASH = map(bit, ":.-/")


@dataclass(slots=True)
class SuffixTree:
    """Suffixes, each read backward; ``wild`` are those under whose every label names are had
    (``*.name``)."""

    children: list[dict[int, int]] = field(default_factory=lambda: [{}])
    ends: set[int] = field(default_factory=set)
    wild: set[int] = field(default_factory=set)
    least: int = 1
    """The characters that a name under them has at least."""

    def add(self, rule: str) -> None:
        """Takes a rule of the Public Suffix List in; exceptions are not for it."""
        node = 0
        for character in reversed(rule.removeprefix("*.")):
            symbol = bit(character)
            child = self.children[node].get(symbol)
            if child is None:
                child = self.children[node][symbol] = len(self.children)
                self.children.append({})
            node = child
        (self.wild if rule.startswith("*.") else self.ends).add(node)


@dataclass(slots=True)
class Graph:
    """The states of a machine that lead to a text of it, and the arrows between them."""

    before: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """For each state the (mask, state) of the arrows that lead to it."""
    accepting: list[int] = field(default_factory=list)
    came: list[tuple[int, int] | None] = field(default_factory=list)
    """For each state the last step of the shortest text that leads to it, from which state."""
    distance: list[int] = field(default_factory=list)

    def beginning(self, state: int) -> str:
        """The shortest text that leads to a state."""
        symbols = []
        step = self.came[state]
        while step is not None:
            state, mask = step
            symbols.append(first(mask))
            step = self.came[state]
        return "".join(reversed(symbols))


def lay_out(machine: Machine, work: Work) -> Graph:
    """All of a machine."""
    graph = Graph()
    numbers: dict[State, int] = {}
    states: list[State] = []
    for state in machine.initial(work):
        if state not in numbers:
            numbers[state] = len(states)
            states.append(state)
            graph.came.append(None)
            graph.distance.append(0)
    arrows: dict[int, list[tuple[int, int]]] = {}
    for number, state in enumerate(states):  # it grows meanwhile
        if machine.accepts(state, work):
            graph.accepting.append(number)
        for mask, target in sorted(machine.arrows(state, work), key=plainest):
            work.spend()
            reached = numbers.get(target)
            if reached is None:
                reached = numbers[target] = len(states)
                states.append(target)
                graph.came.append((number, mask))
                graph.distance.append(graph.distance[number] + 1)
            arrows.setdefault(reached, []).append((mask, number))
    todo = list(graph.accepting)
    while todo:
        number = todo.pop()
        if number not in graph.before:
            graph.before[number] = sorted(arrows.get(number, []), key=plainest)
            todo += [source for _, source in graph.before[number]]
    return graph


# Where a search is in a host, backward. What is read in each is to the left of it.
_PORT, _HOST_END, _SUFFIX, _WILD, _LABEL_END, _LABEL, _LABEL_START = range(7)
_Place = tuple[int, int, int]
"""A part of the host, the node of the suffix tree, and the state of the graph."""


def shortest_under(graph: Graph, tree: SuffixTree, work: Work) -> str | None:
    """The shortest text of a graph of origins whose host is a name under a suffix."""
    came: dict[_Place, tuple[_Place, int] | None] = {}
    frontier: list[_Place] = []
    for state in graph.accepting:
        for part in (_PORT, _HOST_END, _SUFFIX):
            came[part, 0, state] = None
            frontier.append((part, 0, state))
    best: tuple[int, _Place] | None = None
    length = 0
    while frontier and (best is None or length + _LEAST_BEFORE <= best[0]):
        reached: list[_Place] = []
        for place in frontier:
            if place[0] == _LABEL_START:
                total = graph.distance[place[2]] + length
                if best is None or total < best[0]:
                    best = (total, place)
            for mask, target in _steps(graph, tree, place):
                if target not in came:
                    work.spend()
                    came[target] = (place, mask)
                    reached.append(target)
            work.spend()
        frontier = reached
        length += 1
    return None if best is None else graph.beginning(best[1][2]) + _rest(came, best[1])


_LEAST_BEFORE = len("http:/")


def _steps(graph: Graph, tree: SuffixTree, place: _Place) -> Iterator[tuple[int, _Place]]:
    part, node, state = place
    for mask, source in graph.before[state]:
        for wanted, after in _readings(tree, part, node):
            if mask & wanted:
                yield mask & wanted, (*after, source)


def _readings(tree: SuffixTree, part: int, node: int) -> Iterable[tuple[int, tuple[int, int]]]:
    """What may stand to the left, and where that leads."""
    if part == _PORT:
        return ((_DIGITS, (_PORT, 0)), (_COLON, (_HOST_END, 0)), (_COLON, (_SUFFIX, 0)))
    if part == _HOST_END:
        return ((_DOT, (_SUFFIX, 0)),)
    if part == _SUFFIX:
        found = [(symbol, (_SUFFIX, child)) for symbol, child in tree.children[node].items()]
        if node in tree.ends:
            found.append((_DOT, (_LABEL_END, 0)))
        if node in tree.wild:
            found.append((_DOT, (_WILD, 0)))
        return found
    if part == _WILD:
        return ((_LETTERS | _HYPHEN, (_WILD, 1)), (_DOT if node else 0, (_LABEL_END, 0)))
    if part == _LABEL_END:
        return ((_LETTERS, (_LABEL, 1)),)
    if part == _LABEL:
        # Its length, as far as that matters; negative where a hyphen would be its start.
        longer = min(abs(node) + 1, tree.least)
        start = _DOT | _SLASH if node >= tree.least else 0
        return (
            (_LETTERS, (_LABEL, longer)),
            (_HYPHEN, (_LABEL, -longer)),
            (start, (_LABEL_START, 0)),
        )
    return ()


def _rest(came: dict[_Place, tuple[_Place, int] | None], place: _Place) -> str:
    symbols = []
    step = came[place]
    while step is not None:
        place, mask = step
        symbols.append(first(mask))
        step = came[place]
    return "".join(symbols)
