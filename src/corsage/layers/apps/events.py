"""What running a module as far as it can be read shows: which calls it makes, with what."""

from __future__ import annotations

from dataclasses import dataclass

from corsage.layers.apps.conditions import Condition
from corsage.layers.apps.tree import At
from corsage.layers.apps.values import Made, Value


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """A call, in the order in which the program makes them. ``when`` is what had to be so."""

    made: Made
    when: Condition

    @property
    def at(self) -> At:
        """Where it stands."""
        return self.made.at


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """``of.name = value``, or ``of["name"] = value``."""

    of: Value
    name: str
    value: Value
    when: Condition
    at: At


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """A function's end: ``return value``, or an exception."""

    value: Value | None
    when: Condition
    at: At
    raises: bool = False


Event = Called | Stored | Left
