"""What is said where a pattern cannot be decided. Nothing is guessed instead."""

from __future__ import annotations


class UnsupportedPattern(ValueError):  # noqa: N818  (it may be a fine pattern)
    """A pattern that is not decided: what stands in it, and where.

    It is either no regular language (back-references, recursion) or nothing that the dialect's
    engine would accept.
    """

    def __init__(self, what: str, where: int, pattern: str) -> None:
        self.what = what
        """What is not decided, as a noun phrase."""
        self.where = where
        """The index of it in the pattern."""
        self.pattern = pattern
        shown = pattern if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]}..."
        super().__init__(f"{what} at character {where + 1} of {shown!r}")


class Undecided(Exception):  # noqa: N818  (an answer, and not always a fault)
    """The question is decidable, but takes more work than anybody should wait for."""


_SHOWN = 80
