"""The origins of a set's hosts under another scheme, and on other ports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from corsage.patterns.alphabet import ANY, bit, mask_of
from corsage.patterns.machines import Arrow, Machine, State
from corsage.patterns.work import Work

_COLON, _OPEN, _CLOSE = bit(":"), bit("["), bit("]")
_DIGITS = mask_of("0123456789")
_SCHEME, _HOST, _ADDRESS, _PORT = range(4)


class SameHost(Machine):
    """``scheme://host[:port]``, with any port, for every host of which a machine has an origin
    with the scheme ``trusted``."""

    def __init__(self, machine: Machine, trusted: str, scheme: str) -> None:
        self._machine = machine
        self._trusted = f"{trusted}://"
        self._scheme = f"{scheme}://"

    def initial(self, work: Work) -> Iterable[State]:
        return ((_SCHEME, 0),)

    def arrows(self, state: State, work: Work) -> Sequence[Arrow]:
        part, inner = state
        if part == _SCHEME:
            symbol = bit(self._scheme[inner])
            if inner + 1 < len(self._scheme):
                return [(symbol, (_SCHEME, inner + 1))]
            return [(symbol, (_HOST, start)) for start in self._starts(work)]
        if part == _PORT:
            return [(_DIGITS, state)]
        found: list[Arrow] = []
        inside = part == _ADDRESS
        for mask, target in self._machine.arrows(inner, work):
            for kept, reached in (
                (mask & _OPEN, _ADDRESS),
                (mask & _CLOSE, _HOST),
                (mask & ~(_OPEN | _CLOSE | (0 if inside else _COLON)) & ANY, part),
            ):
                if kept:
                    found.append((kept, (reached, target)))
        if not inside and self._may_end(inner, work):
            found.append((_COLON, (_PORT, None)))
        work.spend(len(found))
        return found

    def accepts(self, state: State, work: Work) -> bool:
        part, inner = state
        return part == _PORT or (part == _HOST and self._may_end(inner, work))

    def _starts(self, work: Work) -> set[State]:
        """The states of the machine after the trusted scheme."""
        states = set(self._machine.initial(work))
        for character in self._trusted:
            symbol = bit(character)
            states = {
                target
                for state in states
                for mask, target in self._machine.arrows(state, work)
                if mask & symbol
            }
        return states

    def _may_end(self, state: State, work: Work) -> bool:
        """Whether the machine accepts here, or after some port."""
        if self._machine.accepts(state, work):
            return True
        seen = {t for mask, t in self._machine.arrows(state, work) if mask & _COLON}
        todo = list(seen)
        while todo:
            here = todo.pop()
            if self._machine.accepts(here, work):
                return True
            for mask, target in self._machine.arrows(here, work):
                if mask & _DIGITS and target not in seen:
                    seen.add(target)
                    todo.append(target)
        return False
