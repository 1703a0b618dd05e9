"""The clauses of a policy by name: the rows of every target's fidelity table.

Targets answer for the same clauses in the same words, so that their tables can stand side by side
in ``docs/targets.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from corsage.layers.target import Clause, Fate
from corsage.policy.model import CorsPolicy, Policy

_Applies: TypeAlias = Callable[[Policy], bool]


def _some(holds: Callable[[CorsPolicy], object]) -> _Applies:
    return lambda policy: any(map(holds, policy.policies.values()))


def _always(_: Policy) -> bool:
    return True


CLAUSES: Mapping[str, _Applies] = {
    "exact origins": _some(lambda rules: rules.allow_origins.exact),
    "origin patterns": _some(lambda rules: rules.allow_origins.patterns),
    "any origin": _some(lambda rules: rules.allow_origins.any_origin),
    "credentials": _some(lambda rules: rules.allow_credentials),
    "allowed methods": _always,
    "allowed headers": _always,
    "exposed headers": _some(lambda rules: rules.expose_headers),
    "max age": _some(lambda rules: rules.max_age is not None),
    "timing": _some(lambda rules: rules.allow_timing),
    "routes": _always,
    "hosts": lambda policy: any(route.host is not None for route in policy.routes),
    "never for browsers": lambda policy: any(route.cors is None for route in policy.routes),
    "preflights": _always,
    "other OPTIONS": _always,
    "other origins": _always,
    "the service's own CORS headers": _always,
    "Vary": _always,
    "errors": _always,
    "unrouted paths": _always,
    "the other owner's routes": _always,
}
"""Clause -> whether a policy has it. ``other origins`` get nothing; ``preflights`` are answered
before anything else and never reach the service; ``errors`` and redirects carry the headers."""


def table(policy: Policy, rows: Mapping[str, tuple[Fate, str]]) -> tuple[Clause, ...]:
    """The fidelity table of a target for ``policy``: the rows of the clauses that it has.

    ``rows`` answers for every clause; KeyError otherwise, so that none is forgotten.
    """
    return tuple(
        Clause(clause, *rows[clause]) for clause, applies in CLAUSES.items() if applies(policy)
    )
