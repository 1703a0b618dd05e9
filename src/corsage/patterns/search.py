"""The shortest text of a machine, or the proof that it has none."""

from __future__ import annotations

from corsage.patterns.alphabet import first
from corsage.patterns.machines import Arrow, Machine, State
from corsage.patterns.work import Work


def shortest(machine: Machine, work: Work) -> str | None:
    """A text that no other of the machine is shorter than; None if there is none at all. Raises
    :class:`Undecided` when the work is not enough to know."""
    came: dict[State, tuple[State, int] | None] = dict.fromkeys(machine.initial(work))
    frontier: list[State] = list(came)
    for state in frontier:
        if machine.accepts(state, work):
            return _path(came, state)
    while frontier:
        reached: list[State] = []
        for state in frontier:
            for mask, target in sorted(machine.arrows(state, work), key=plainest):
                if target in came:
                    continue
                work.spend()
                came[target] = (state, mask)
                if machine.accepts(target, work):
                    return _path(came, target)
                reached.append(target)
            work.spend()
        frontier = reached
    return None


def plainest(arrow: Arrow) -> int:
    """A key by which arrows with plainer characters come first."""
    return arrow[0] & -arrow[0]


def _path(came: dict[State, tuple[State, int] | None], state: State) -> str:
    symbols = []
    step = came[state]
    while step is not None:
        state, mask = step
        symbols.append(first(mask))
        step = came[state]
    return "".join(reversed(symbols))
