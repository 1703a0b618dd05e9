"""What the gateway tells the person who runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth reading.

    ``ready``, ``reloaded``, ``kept`` (a new policy was refused, the old one stays), ``engine``
    (its own words), ``stopping``, ``died``.
    """

    kind: Literal["ready", "reloaded", "kept", "engine", "stopping", "died"]
    text: str


Notify: TypeAlias = Callable[[Event], None]


def silent(_: Event) -> None:
    """Tells nobody."""
