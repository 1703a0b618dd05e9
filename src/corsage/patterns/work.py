"""A limit on work, so that no pattern, however hostile, takes long."""

from __future__ import annotations

from corsage.patterns.errors import Undecided

LARGEST = 2_000_000
"""Steps of a search; about three seconds."""


class Work:
    """What a search may still spend."""

    __slots__ = ("left",)

    def __init__(self, steps: int = LARGEST) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Takes steps away; raises :class:`Undecided` when none are left."""
        self.left -= steps
        if self.left < 0:
            raise Undecided("this comparison of patterns takes too many steps")
