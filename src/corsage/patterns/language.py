"""Sets of origins that are compared exactly, whatever language they were written in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from corsage.patterns.errors import Undecided
from corsage.patterns.machines import Both, Either, Machine, Without, Words
from corsage.patterns.search import shortest
from corsage.patterns.sendable import is_sendable, sendable
from corsage.patterns.work import Work


class OriginLanguage:
    """A set of origins, out of those that browsers can send.

    ``|``, ``&`` and ``-`` cost nothing; ``<=``, ``==``, :meth:`is_empty` and :meth:`shortest` are
    decided, and raise :class:`~corsage.patterns.Undecided` where that takes too much work.
    """

    __hash__ = None  # type: ignore[assignment]  # equal sets may look quite different

    def __init__(self, machine: Machine, hosts: frozenset[str] = frozenset()) -> None:
        self.machine = machine
        """The texts of the set; those that no browser sends do not count."""
        self.hosts = hosts
        """Hosts that the set was made from, whose owner is no stranger to it."""
        self.told: dict[tuple[str, ...], Any] = {}
        """Witnesses that were searched for, by the texts that say what was meant."""

    def __or__(self, other: OriginLanguage) -> OriginLanguage:
        return OriginLanguage(Either(self.machine, other.machine), self.hosts | other.hosts)

    def __and__(self, other: OriginLanguage) -> OriginLanguage:
        return OriginLanguage(Both(self.machine, other.machine), self.hosts & other.hosts)

    def __sub__(self, other: OriginLanguage) -> OriginLanguage:
        return OriginLanguage(Without(self.machine, other.machine), self.hosts)

    def __contains__(self, origin: str) -> bool:
        return origin in self.machine and is_sendable(origin)

    def __le__(self, other: OriginLanguage) -> bool:
        return (self - other).is_empty()

    def __ge__(self, other: OriginLanguage) -> bool:
        return other <= self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OriginLanguage):
            return NotImplemented
        return self <= other and other <= self

    def is_empty(self) -> bool:
        """Whether no browser can send any origin of the set."""
        return self._shortest is None

    def shortest(self) -> str | None:
        """The shortest origin of the set, or None if it is empty."""
        return self._shortest

    @cached_property
    def _shortest(self) -> str | None:
        return next(origins(self.machine, Work()), None)


def origins(machine: Machine, work: Work) -> Iterator[str]:
    """Origins of a machine that browsers can send, the shortest first, each different; the end is
    a proof that there are no more. Raises :class:`Undecided` after too much work."""
    machine = Both(machine, sendable())
    seen: list[str] = []
    for _ in range(_MOST_CANDIDATES):
        found = shortest(Without(machine, Words(seen)) if seen else machine, work)
        if found is None:
            return
        seen.append(found)
        if is_sendable(found):
            yield found
    raise Undecided("too many texts that look like origins and are none")


_MOST_CANDIDATES = 100
