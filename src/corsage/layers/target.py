"""What every writable product offers: its files, its fidelity, and the behaviour they cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.policy.model import Policy

Hop: TypeAlias = Callable[[WireRequest, Server], Response | None]
"""One place on the path, as a pure function: it may answer a request itself, or forward it and
change what comes back. A chain of hops in front of a service is again a Server."""

Family: TypeAlias = Literal["gateway", "application", "kubernetes", "mesh"]

Fate: TypeAlias = Literal["kept", "idiom", "weaker", "lost"]
"""What becomes of a clause: ``kept`` by the product's own feature, kept by an ``idiom``,
``weaker`` (hardening is lost, the browser's verdict is the same on every route; a 404 that no route
has may be unreadable) or ``lost`` (the verdict would differ, so nothing is written)."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to write: ``path`` is relative to the output folder."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One row of a target's fidelity table.

    ``how`` names the feature or idiom, or why it cannot be kept; ``instead`` is the nearest safe
    choice where the fate is ``lost``.
    """

    clause: str
    fate: Fate
    how: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A product that Corsage can write.

    ``proven`` says on which versions the conformance suite runs. ``files(policy)`` raises
    :class:`FidelityError` rather than write anything looser than the policy; ``fidelity`` never
    raises. ``behave(policy)`` predicts, header for header, what the product does with those
    files.
    """

    name: str
    title: str
    family: Family
    proven: str
    files: Callable[[Policy], tuple[File, ...]]
    fidelity: Callable[[Policy], tuple[Clause, ...]]
    behave: Callable[[Policy], Hop]


class FidelityError(Exception):
    """The target cannot enforce the policy; ``clauses`` are the rows whose fate is ``lost``."""

    def __init__(self, target: str, clauses: tuple[Clause, ...]) -> None:
        self.clauses = clauses
        rows = "\n".join(f"  {row.clause}: {row.how}\n    {row.instead}" for row in clauses)
        super().__init__(f"{target} cannot enforce this policy:\n{rows}")
