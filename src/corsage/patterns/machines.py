"""Machines: sets of texts that are searched without being written out.

A machine has states that are found as a search reaches them. Where a question needs every text
that leads somewhere (the subtrahend of a difference), the states that they lead to are gathered
into one, lazily too: see :class:`Determined`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from corsage.patterns.alphabet import ANY, bit
from corsage.patterns.work import Work

State: TypeAlias = Any
"""Hashable, and its machine's own business."""
Arrow: TypeAlias = tuple[int, State]
"""A mask of characters, and the state to which any of them leads."""


class Machine(ABC):
    """A set of texts."""

    @abstractmethod
    def initial(self, work: Work) -> Iterable[State]:
        """The states before anything is read."""

    @abstractmethod
    def arrows(self, state: State, work: Work) -> Sequence[Arrow]:
        """Where a character leads; masks may overlap."""

    @abstractmethod
    def accepts(self, state: State, work: Work) -> bool:
        """Whether the text that led here is in the set."""

    @cached_property
    def determined(self) -> Determined:
        """The same set with one state for each text."""
        return Determined(self)

    def __contains__(self, text: str) -> bool:
        return self.determined.reads(text, Work())


DEAD = -1
"""The state of a determined machine from which nothing is accepted."""


class Determined:
    """A machine by subset construction: each text leads to one state, an integer. Only what has
    been reached exists."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._members: list[frozenset[State]] = []
        self._numbers: dict[frozenset[State], int] = {frozenset(): DEAD}
        self._arrows: dict[int, tuple[tuple[int, int], ...]] = {DEAD: ((ANY, DEAD),)}
        self._accepting: dict[int, bool] = {DEAD: False}
        self._steps: dict[tuple[int, str], int] = {}
        self._initial: int | None = None

    def initial(self, work: Work) -> int:
        """The state before anything is read."""
        if self._initial is None:
            self._initial = self._number(frozenset(self._machine.initial(work)))
        return self._initial

    def arrows(self, state: int, work: Work) -> tuple[tuple[int, int], ...]:
        """Where each character leads: every character is in one mask."""
        known = self._arrows.get(state)
        if known is None:
            targets: dict[int, set[State]] = {}
            for member in self._members[state]:
                arrows = self._machine.arrows(member, work)
                work.spend(len(arrows))
                for mask, target in arrows:
                    targets.setdefault(mask, set()).add(target)
            parts: list[tuple[int, frozenset[State]]] = [(ANY, frozenset())]
            for mask, found in targets.items():
                parts = list(_split(parts, mask, found))
                work.spend(len(parts) + len(found))
            merged: dict[int, int] = {}
            for mask, members in parts:
                number = self._number(members)
                merged[number] = merged.get(number, 0) | mask
            known = self._arrows[state] = tuple((mask, target) for target, mask in merged.items())
        return known

    def accepts(self, state: int, work: Work) -> bool:
        """Whether the text that led here is in the set."""
        known = self._accepting.get(state)
        if known is None:
            machine = self._machine
            known = any(machine.accepts(member, work) for member in self._members[state])
            self._accepting[state] = known
        return known

    def after(self, state: int, symbol: int, work: Work) -> int:
        """The state to which one character (a mask of one) leads."""
        return next((t for mask, t in self.arrows(state, work) if mask & symbol), DEAD)

    def reads(self, text: str, work: Work) -> bool:
        """Whether a text is in the set."""
        state = self.initial(work)
        steps = self._steps
        for character in text:
            step = state, character
            following = steps.get(step)
            if following is None:
                following = steps[step] = self.after(state, bit(character), work)
            if following == DEAD:
                return False
            state = following
        return self.accepts(state, work)

    def _number(self, members: frozenset[State]) -> int:
        number = self._numbers.get(members)
        if number is None:
            number = self._numbers[members] = len(self._members)
            self._members.append(members)
        return number


def _split(
    parts: list[tuple[int, frozenset[State]]], mask: int, found: set[State]
) -> Iterable[tuple[int, frozenset[State]]]:
    for part, members in parts:
        if part & mask:
            yield part & mask, members | found
        if part & ~mask:
            yield part & ~mask, members


class Once(Machine):
    """A machine as its own determined form: fewer states to search where many lead to one."""

    def __init__(self, machine: Machine) -> None:
        self._inner = machine.determined

    def initial(self, work: Work) -> Iterable[State]:
        return (self._inner.initial(work),)

    def arrows(self, state: State, work: Work) -> Sequence[Arrow]:
        return [arrow for arrow in self._inner.arrows(state, work) if arrow[1] != DEAD]

    def accepts(self, state: State, work: Work) -> bool:
        return self._inner.accepts(state, work)

    @cached_property
    def determined(self) -> Determined:
        return self._inner


class Words(Machine):
    """A list of texts, as a tree of what they begin with."""

    def __init__(self, words: Iterable[str]) -> None:
        self._children: list[dict[int, int]] = [{}]
        self._ends: set[int] = set()
        for word in words:
            self._add(word)

    def _add(self, word: str) -> None:
        at = 0
        for character in word:
            symbol = bit(character)
            if not symbol:
                return  # no browser sends it
            child = self._children[at].get(symbol)
            if child is None:
                child = self._children[at][symbol] = len(self._children)
                self._children.append({})
            at = child
        self._ends.add(at)

    def initial(self, work: Work) -> Iterable[State]:
        return (0,)

    def arrows(self, state: State, work: Work) -> Sequence[Arrow]:
        return tuple(self._children[state].items())

    def accepts(self, state: State, work: Work) -> bool:
        return state in self._ends


class Joined(Machine):
    """The texts of one set, each followed by a text of another."""

    def __init__(self, left: Machine, right: Machine) -> None:
        self._left = left
        self._right = right

    def initial(self, work: Work) -> Iterable[State]:
        return [state for start in self._left.initial(work) for state in self._go_on(start, work)]

    def arrows(self, state: State, work: Work) -> Sequence[Arrow]:
        in_right, inner = state
        if in_right:
            return [(mask, (True, target)) for mask, target in self._right.arrows(inner, work)]
        return [
            (mask, reached)
            for mask, target in self._left.arrows(inner, work)
            for reached in self._go_on(target, work)
        ]

    def accepts(self, state: State, work: Work) -> bool:
        in_right, inner = state
        return bool(in_right) and self._right.accepts(inner, work)

    def _go_on(self, left: State, work: Work) -> Iterable[State]:
        yield False, left
        if self._left.accepts(left, work):
            for right in self._right.initial(work):
                yield True, right


class Either(Machine):
    """What is in any of several sets."""

    def __init__(self, *parts: Machine) -> None:
        self._parts = parts

    def initial(self, work: Work) -> Iterable[State]:
        for index, part in enumerate(self._parts):
            for state in part.initial(work):
                yield index, state

    def arrows(self, state: State, work: Work) -> Sequence[Arrow]:
        index, inner = state
        return [(mask, (index, target)) for mask, target in self._parts[index].arrows(inner, work)]

    def accepts(self, state: State, work: Work) -> bool:
        index, inner = state
        part: Machine = self._parts[index]
        return part.accepts(inner, work)


class Both(Machine):
    """What is in two sets."""

    def __init__(self, left: Machine, right: Machine) -> None:
        self._left = left
        self._right = right

    def initial(self, work: Work) -> Iterable[State]:
        rights = tuple(self._right.initial(work))
        return [(left, right) for left in self._left.initial(work) for right in rights]

    def arrows(self, state: State, work: Work) -> Sequence[Arrow]:
        left, right = state
        found = []
        rights = self._right.arrows(right, work)
        for mask, target in self._left.arrows(left, work):
            for other, beside in rights:
                if mask & other:
                    found.append((mask & other, (target, beside)))
        work.spend(len(found))
        return found

    def accepts(self, state: State, work: Work) -> bool:
        left, right = state
        return self._left.accepts(left, work) and self._right.accepts(right, work)


class Without(Machine):
    """What is in one set and not in another."""

    def __init__(self, kept: Machine, removed: Machine) -> None:
        self._kept = kept
        self._removed = removed.determined

    def initial(self, work: Work) -> Iterable[State]:
        removed = self._removed.initial(work)
        return [(state, removed) for state in self._kept.initial(work)]

    def arrows(self, state: State, work: Work) -> Sequence[Arrow]:
        kept, removed = state
        found = []
        without = self._removed.arrows(removed, work)
        for mask, target in self._kept.arrows(kept, work):
            for other, beside in without:
                if mask & other:
                    found.append((mask & other, (target, beside)))
        work.spend(len(found))
        return found

    def accepts(self, state: State, work: Work) -> bool:
        kept, removed = state
        return self._kept.accepts(kept, work) and not self._removed.accepts(removed, work)
