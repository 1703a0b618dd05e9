"""What a rule contributes: a clue for (or against) one class of cause, with its weight.

Weights are points on one scale, so that clues add up: think of them as how many times likelier
the class makes what was seen, in steps of doubling. ``PROOF`` needs an observed fact: words alone
never prove anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from corsage.diagnosis.facts import Facts

PROOF = 14
"""An observed fact that only this class produces."""
STRONG = 8
"""An observed fact that this class produces nearly always and others rarely."""
GOOD = 5
"""Typical of this class, or said in so many words."""
FAIR = 3
"""One of the two or three usual explanations."""
HINT = 1
"""Possible; tips the scale only where nothing else does."""
AGAINST = -6
"""Hard to square with what was observed."""
IMPOSSIBLE = -40
"""Contradicts what was observed."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One rule's contribution. ``observed``: it rests on a recorded answer, not on words."""

    rule: str
    cause: str
    points: int
    line: str
    observed: bool


Premise: TypeAlias = Callable[[Facts], str | None]
"""The evidence line when the premise holds, else None."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named premise, the class it speaks for, how strongly, and why."""

    name: str
    cause: str
    points: int
    premise: Premise
    because: str

    def apply(self, facts: Facts) -> Clue | None:
        """The clue, where the premise holds."""
        line = self.premise(facts)
        return None if line is None else Clue(self.name, self.cause, self.points, line, True)


class Table:
    """Collects rules in the order written; used once per file of rules, at import."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def rule(self, cause: str, points: int) -> Callable[[Premise], Premise]:
        """Add the decorated premise; its docstring says why it speaks for the class."""

        def add(premise: Premise) -> Premise:
            because = " ".join((premise.__doc__ or "").split())
            name = premise.__name__.strip("_").replace("_", "-")
            self.rules.append(Rule(name, cause, points, premise, because))
            return premise

        return add
