"""What every writable product offers: its files, its fidelity, and the behaviour they cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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


Release: TypeAlias = tuple[int, ...]
"""The numbers of a release; those that are left out are 0."""


@dataclass(frozen=True, slots=True)
class Version:
    """``since`` this release, the product has ``what`` is written.

    ``clause`` names the clause of a policy that needs it; without one every policy does.
    ``before`` says what older releases get in its place; without it they are refused.
    """

    since: str
    what: str
    clause: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Versions:
    """Which releases take what is written: ``product`` is what the numbers count (Spring Boot, not
    a package of it), ``proven`` the newest that the conformance suite runs."""

    product: str
    proven: str
    rows: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A product that Corsage can write.

    ``proven`` says on which versions the conformance suite runs. ``files(policy)`` raises
    :class:`FidelityError` rather than write anything looser than the policy; ``fidelity`` never
    raises. ``behave(policy)`` predicts, header for header, what the product does with those
    files. ``forms`` are other ways to write the same product, each a target of its own; ``at``
    is the target as it is written for another release, where that makes a difference.
    """

    name: str
    title: str
    family: Family
    proven: str
    files: Callable[[Policy], tuple[File, ...]]
    fidelity: Callable[[Policy], tuple[Clause, ...]]
    behave: Callable[[Policy], Hop]
    versions: Versions
    forms: Mapping[str, Target] = field(default_factory=dict)
    at: Callable[[Release], Target] | None = None


class FidelityError(Exception):
    """The target cannot enforce the policy; ``clauses`` are the rows whose fate is ``lost``."""

    def __init__(self, target: str, clauses: tuple[Clause, ...]) -> None:
        self.clauses = clauses
        rows = "\n".join(f"  {row.clause}: {row.how}\n    {row.instead}" for row in clauses)
        super().__init__(f"{target} cannot enforce this policy:\n{rows}")
