"""Istio as a target: what a corsPolicy keeps of a policy, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers import envoy_cors
from corsage.layers.clauses import table
from corsage.layers.istio.limits import lost
from corsage.layers.istio.write import write
from corsage.layers.target import Clause, Fate, FidelityError, File, Hop, Target, Version, Versions
from corsage.policy.model import Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("kept", "allowOrigins: exact"),
    "origin patterns": ("idiom", "allowOrigins: regex, which Envoy matches as a whole"),
    "any origin": ("weaker", 'allowOrigins: exact "*"; Envoy echoes the origin, and Vary is added'),
    "credentials": ("kept", "allowCredentials"),
    "allowed methods": ("kept", "allowMethods"),
    "allowed headers": ("kept", "allowHeaders"),
    "exposed headers": ("kept", "exposeHeaders"),
    "max age": ("kept", "maxAge"),
    "timing": ("idiom", "headers.response.set, for policies that admit every origin"),
    "routes": ("idiom", "an exact uri and a prefix with a slash; the most specific route first"),
    "hosts": ("idiom", "hosts; the routes of every host are repeated for a named one"),
    "never for browsers": ("idiom", "headers.response.remove takes what the service sends"),
    "preflights": (
        "weaker",
        "on routes that are never for browsers they reach the service; its grants are removed",
    ),
    "other OPTIONS": ("kept", "forwarded, as any other request"),
    "other origins": ("idiom", "headers.response.remove; unmatchedPreflights: IGNORE"),
    "the service's own CORS headers": (
        "weaker",
        "removed by name: all that browsers know or knew, not ones to come",
    ),
    "Vary": (
        "weaker",
        "headers.response.add, so Origin stands twice where the service says it, too",
    ),
    "errors": ("weaker", "50x carry the headers; 404, 400 and 431 of the gateway do not"),
    "unrouted paths": ("weaker", "the gateway's 404 is bare: a page sees a CORS error"),
    "the other owner's routes": ("kept", "a route without corsPolicy and headers"),
}


def files(policy: Policy) -> tuple[File, ...]:
    """``istio.yaml``."""
    clauses = tuple(lost(policy))
    if clauses:
        raise FidelityError("istio", clauses)
    return write(policy)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    cannot = {clause.clause: clause for clause in lost(policy)}
    rows = [cannot.get(row.clause, row) for row in table(policy, _ROWS)]
    if any(route.rate_limit or route.max_body for route in policy.routes):
        how = "a VirtualService has no limits of rate or size; an EnvoyFilter may"
        rows.append(Clause("limits", "weaker", how))
    return tuple(rows)


def behave(policy: Policy) -> Hop:
    """What the gateway's Envoy does with the VirtualServices."""
    dialect = envoy_cors.Dialect(
        separator=",",
        max_age=None,
        admits=lambda rules, origin: origin in rules.allow_origins,
    )
    return envoy_cors.behave(policy, dialect)


TARGET = Target(
    name="istio",
    title="Istio (VirtualService)",
    family="kubernetes",
    proven="Envoy 1.40, configured as Istio translates a corsPolicy",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Istio",
        proven="1.31",
        rows=(Version("1.23", "unmatchedPreflights"),),
    ),
)
