"""A regular expression as a machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from corsage.patterns.alphabet import ANY
from corsage.patterns.machines import Arrow, Machine, State
from corsage.patterns.nfa import AT_END, AT_START, FREE, Automaton
from corsage.patterns.work import Work


def machine_of(automaton: Automaton) -> Machine:
    """The texts that an automaton reads."""
    return _Guarded(automaton) if automaton.arounds else _Plain(automaton)


_BEGIN = -1
"""Before the first character, where the initial state alone sees the start of the text."""


class _Plain(Machine):
    """Without look-around a state is a state of the automaton, after a character was read."""

    def __init__(self, automaton: Automaton) -> None:
        self._automaton = automaton
        self._known: dict[int, tuple[tuple[Arrow, ...], bool]] = {}

    def initial(self, work: Work) -> Iterable[State]:
        return (_BEGIN,)

    def arrows(self, state: State, work: Work) -> Sequence[Arrow]:
        return self._look_up(state, work)[0]

    def accepts(self, state: State, work: Work) -> bool:
        return self._look_up(state, work)[1]

    def _look_up(self, state: int, work: Work) -> tuple[tuple[Arrow, ...], bool]:
        known = self._known.get(state)
        if known is None:
            known = self._known[state] = self._explore(state, work)
        return known

    def _explore(self, state: int, work: Work) -> tuple[tuple[Arrow, ...], bool]:
        automaton = self._automaton
        at_start = state == _BEGIN
        state = automaton.initial if at_start else state
        masks: dict[int, int] = {}
        # Reached without a character, and whether only where the text ends.
        seen = {(state, False)}
        todo = [(state, False)]
        while todo:
            here, ended = todo.pop()
            if not ended:
                for mask, target in automaton.reads[here]:
                    masks[target] = masks.get(target, 0) | mask
            for guard, target in automaton.skips[here]:
                reached = (target, ended or guard == AT_END)
                if (guard != AT_START or at_start) and reached not in seen:
                    seen.add(reached)
                    todo.append(reached)
        work.spend(len(seen) + len(masks))
        accepted = (automaton.final, False) in seen or (automaton.final, True) in seen
        if masks.get(automaton.final) == ANY and (automaton.final, False) in seen:
            # Whatever follows is accepted: there is nothing else to know.
            masks = {automaton.final: ANY}
        return tuple((mask, target) for target, mask in masks.items()), accepted


@dataclass(frozen=True, slots=True)
class _Duties:
    """What the rest of the text has to do: be read from each of ``needed``, and from none of each
    of ``barred`` (all ways to read what must not follow)."""

    needed: frozenset[int]
    barred: frozenset[frozenset[_Duties]] = frozenset()


_Way: TypeAlias = tuple[int, frozenset[int], frozenset[frozenset[_Duties]]]
"""One character, the states to read on from, and what is barred from before it on."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in the text: whether it is the start, and for each look-behind the states in which
    it may be."""

    at_start: bool
    behind: tuple[frozenset[int], ...]


class _Guarded(Machine):
    """With look-around: what must follow is read beside the pattern itself, as a conjunction, and
    what look-behinds ask for is kept track of from the start."""

    def __init__(self, automaton: Automaton) -> None:
        self._automaton = automaton
        arounds = automaton.arounds
        self._behind = [index for index, around in enumerate(arounds) if around.behind]
        self._founds = frozenset(around.found for around in arounds if not around.behind)
        self._finals = self._founds | {automaton.final}
        self._arrows: dict[State, tuple[Arrow, ...]] = {}

    def initial(self, work: Work) -> Iterable[State]:
        place = _Place(True, ())
        behind: tuple[frozenset[int], ...] = ()
        for index in self._behind:
            entry = self._automaton.arounds[index].entry
            behind += (self._skip(frozenset({entry}), place, behind),)
        return ((_Place(True, behind), _Duties(frozenset({self._automaton.initial}))),)

    def arrows(self, state: State, work: Work) -> Sequence[Arrow]:
        known = self._arrows.get(state)
        if known is None:
            known = self._arrows[state] = tuple(self._find_arrows(state, work))
        return known

    def _find_arrows(self, state: State, work: Work) -> Iterator[Arrow]:
        place, duties = state
        for mask, behind in self._behind_arrows(place, work):
            for other, target in self._step(duties, place, mask, work):
                work.spend()
                yield other, (_Place(False, behind), target)

    def accepts(self, state: State, work: Work) -> bool:
        place, duties = state
        return self._fulfilled(duties, place, work)

    # Look-behinds

    def _skip(
        self, states: frozenset[int], place: _Place, known: tuple[frozenset[int], ...]
    ) -> frozenset[int]:
        """The states that are reached without a character. Look-behinds in look-behinds come
        before the ones that hold them, so they are known by then."""
        seen = set(states)
        todo = list(states)
        while todo:
            for guard, target in self._automaton.skips[todo.pop()]:
                if target not in seen and self._open_behind(guard, place, known):
                    seen.add(target)
                    todo.append(target)
        return frozenset(seen)

    def _open_behind(self, guard: int, place: _Place, known: tuple[frozenset[int], ...]) -> bool:
        if guard < 0:
            return guard == FREE or (guard == AT_START and place.at_start)
        around = self._automaton.arounds[guard]
        return (around.found in known[self._behind.index(guard)]) != around.negated

    def _behind_arrows(
        self, place: _Place, work: Work
    ) -> list[tuple[int, tuple[frozenset[int], ...]]]:
        """Where each character leads the look-behinds, all together."""
        parts: list[tuple[int, tuple[frozenset[int], ...]]] = [(ANY, ())]
        after = _Place(False, ())
        for states in place.behind:
            moved: list[tuple[int, tuple[frozenset[int], ...]]] = []
            for mask, known in parts:
                for part, targets in _partition(self._automaton, states, mask):
                    work.spend(1 + len(targets))
                    moved.append((part, (*known, self._skip(targets, after, known))))
            parts = moved
        return parts

    # Look-aheads, and the pattern itself

    def _step(
        self, duties: _Duties, place: _Place, mask: int, work: Work
    ) -> list[tuple[int, _Duties]]:
        """Every way to go on by one character of ``mask``."""
        ways = [(mask, frozenset[int](), duties.barred)]
        for state in duties.needed:
            ways = self._together(ways, self._paths(state, place, work), work)
        found: list[tuple[int, _Duties]] = []
        for part, targets, barred in ways:
            found += self._step_barred(part, targets, barred, place, work)
        return found

    def _step_barred(
        self,
        mask: int,
        targets: frozenset[int],
        barred: frozenset[frozenset[_Duties]],
        place: _Place,
        work: Work,
    ) -> list[tuple[int, _Duties]]:
        parts: list[tuple[int, frozenset[frozenset[_Duties]]]] = [(mask, frozenset())]
        for ways in barred:
            moved = []
            for part, rest in parts:
                for sub, after in self._step_all(ways, place, part, work):
                    if not any(self._is_met(duties) for duties in after):
                        moved.append((sub, rest | {after} if after else rest))
            parts = moved
        return [(part, _Duties(targets, rest)) for part, rest in parts]

    def _step_all(
        self, ways: frozenset[_Duties], place: _Place, mask: int, work: Work
    ) -> list[tuple[int, frozenset[_Duties]]]:
        """All ways together: for each character, everything to which it leads."""
        parts: list[tuple[int, frozenset[_Duties]]] = [(mask, frozenset())]
        for duties in ways:
            for step, target in self._step(duties, place, mask, work):
                split = []
                for part, found in parts:
                    if part & step:
                        split.append((part & step, found | {target}))
                    if part & ~step:
                        split.append((part & ~step, found))
                    work.spend(1 + len(found))
                parts = split
        return parts

    def _is_met(self, duties: _Duties) -> bool:
        """Whether any rest of the text fulfils these duties."""
        return not duties.barred and not duties.needed

    def _paths(self, state: int, place: _Place, work: Work) -> list[_Way]:
        """The ways to read one character from a state: the character, the states that are then
        to be read from, and what is barred from here on, this character included."""
        found: list[_Way] = []
        for here, needed, barred in self._closure(state, place, False, work):
            rest: list[_Way] = [(ANY, frozenset(), barred)]
            for entry in needed:
                rest = self._together(rest, self._paths(entry, place, work), work)
            for mask, target in self._automaton.reads[here]:
                found += [
                    (mask & other, targets | {target}, also)
                    for other, targets, also in rest
                    if mask & other
                ]
                work.spend(len(rest))
        return found

    def _together(self, ways: list[_Way], paths: list[_Way], work: Work) -> list[_Way]:
        """The ways that go with a path each. A way on which the rest has more to do than on
        another, by the same character, is left out: it leads to nothing else."""
        work.spend(len(ways) * len(paths))
        both = [
            # What was looked for and found asks nothing more of the rest.
            (left & right, (targets | more) - self._founds, barred | also)
            for left, targets, barred in ways
            for right, more, also in paths
            if left & right
        ]
        both.sort(key=lambda way: len(way[1]) + len(way[2]))
        kept: list[_Way] = []
        for mask, targets, barred in both:
            for easier, fewer, less in kept:
                if fewer <= targets and less <= barred:
                    mask &= ~easier
            work.spend(len(kept) + 1)
            if mask:
                kept.append((mask, targets, barred))
        return kept

    def _closure(
        self, state: int, place: _Place, at_end: bool, work: Work
    ) -> Iterator[tuple[int, frozenset[int], frozenset[frozenset[_Duties]]]]:
        """The states that are reached without a character, each with the look-aheads on the way:
        the entries of what must follow, and what must not."""
        begin = (state, frozenset[int](), frozenset[frozenset[_Duties]]())
        seen = {begin}
        todo = [begin]
        while todo:
            here = todo.pop()
            yield here
            at, needed, barred = here
            for guard, target in self._automaton.skips[at]:
                reached = (target, needed, barred)
                if guard >= 0 and not self._automaton.arounds[guard].behind:
                    around = self._automaton.arounds[guard]
                    if around.negated:
                        ahead = frozenset({_Duties(frozenset({around.entry}))})
                        reached = (target, needed, barred | {ahead})
                    else:
                        reached = (target, needed | {around.entry}, barred)
                elif guard == AT_END:
                    if not at_end:
                        continue
                elif not self._open_behind(guard, place, place.behind):
                    continue
                work.spend()
                if reached not in seen:
                    seen.add(reached)
                    todo.append(reached)

    # The end

    def _fulfilled(self, duties: _Duties, place: _Place, work: Work) -> bool:
        return all(self._ends(state, place, work) for state in duties.needed) and not any(
            self._fulfilled(way, place, work) for ways in duties.barred for way in ways
        )

    def _ends(self, state: int, place: _Place, work: Work) -> bool:
        """Whether nothing more need be read from a state."""
        return any(
            here in self._finals
            and all(self._ends(entry, place, work) for entry in needed)
            and not any(self._fulfilled(way, place, work) for ways in barred for way in ways)
            for here, needed, barred in self._closure(state, place, True, work)
        )


def _partition(
    automaton: Automaton, states: frozenset[int], mask: int
) -> list[tuple[int, frozenset[int]]]:
    """Where each character of ``mask`` leads a set of states."""
    parts: list[tuple[int, frozenset[int]]] = [(mask, frozenset())]
    for state in states:
        for read, target in automaton.reads[state]:
            split = []
            for part, found in parts:
                if part & read:
                    split.append((part & read, found | {target}))
                if part & ~read:
                    split.append((part & ~read, found))
            parts = split
    return parts
