"""Envoy Gateway as a target: what a SecurityPolicy keeps of a policy, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from corsage.layers import envoy_cors
from corsage.layers.clauses import table
from corsage.layers.envoy_gateway.limits import has_other_schemes, lost
from corsage.layers.envoy_gateway.write import write
from corsage.layers.gateway_api.behave import admits
from corsage.layers.target import (
    Clause,
    Fate,
    FidelityError,
    File,
    Hop,
    Release,
    Target,
    Version,
    Versions,
)
from corsage.layers.versions import at_least
from corsage.policy.model import Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("kept", "allowOrigins"),
    "origin patterns": ("kept", "allowOrigins: its wildcard takes any number of labels, as ours"),
    "any origin": ("weaker", 'allowOrigins: ["*"]; Envoy echoes the origin, and Vary is added'),
    "credentials": ("kept", "allowCredentials"),
    "allowed methods": ("kept", "allowMethods"),
    "allowed headers": ("kept", "allowHeaders"),
    "exposed headers": ("kept", "exposeHeaders"),
    "max age": ("kept", "maxAge"),
    "timing": ("idiom", "ResponseHeaderModifier, for policies that admit every origin"),
    "routes": ("idiom", "an HTTPRoute for each policy, since a SecurityPolicy targets all of one"),
    "hosts": ("idiom", "hostnames; the routes of every host are repeated for a named one"),
    "never for browsers": ("idiom", "ResponseHeaderModifier removes what the service sends"),
    "preflights": (
        "weaker",
        "on routes that are never for browsers they reach the service; its grants are removed",
    ),
    "other OPTIONS": ("kept", "forwarded, as any other request"),
    "other origins": ("idiom", "ResponseHeaderModifier removes what the service sends"),
    "the service's own CORS headers": (
        "weaker",
        "removed by name: all that browsers know or knew, not ones to come",
    ),
    "Vary": (
        "weaker",
        "ResponseHeaderModifier adds Origin, which stands twice where the service says it, too",
    ),
    "errors": ("weaker", "50x carry the headers; 404, 400 and 431 of the gateway do not"),
    "unrouted paths": ("weaker", "the gateway's 404 is bare: a page sees a CORS error"),
    "the other owner's routes": ("kept", "an HTTPRoute that no SecurityPolicy targets"),
}

_ANY_SCHEME = "1.9"


def files(policy: Policy, release: Release = (1, 9)) -> tuple[File, ...]:
    """``envoy-gateway.yaml``."""
    clauses = lost(policy)
    if not at_least(release, _ANY_SCHEME) and has_other_schemes(policy):
        how = f"before Envoy Gateway {_ANY_SCHEME}, allowOrigins holds http and https alone"
        clauses.append(Clause("exact origins", "lost", how, "let the service answer"))
    if clauses:
        raise FidelityError("envoy-gateway", tuple(clauses))
    return write(policy)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    cannot = {clause.clause: clause for clause in lost(policy)}
    rows = [cannot.get(row.clause, row) for row in table(policy, _ROWS)]
    if any(route.rate_limit or route.max_body for route in policy.routes):
        how = "limits of rate and size stand in a BackendTrafficPolicy of your own"
        rows.append(Clause("limits", "weaker", how))
    return tuple(rows)


def behave(policy: Policy) -> Hop:
    """What Envoy does with the objects as the controller translates them."""
    dialect = envoy_cors.Dialect(separator=", ", max_age=None, admits=admits)
    return envoy_cors.behave(policy, dialect)


def at(release: Release) -> Target:
    """The target as it is written for a release."""
    return replace(TARGET, files=lambda policy: files(policy, release))


TARGET = Target(
    name="envoy-gateway",
    title="Envoy Gateway (SecurityPolicy)",
    family="kubernetes",
    proven="Envoy 1.40, configured as Envoy Gateway 1.9 translates a SecurityPolicy",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Envoy Gateway",
        proven="1.9.0",
        rows=(
            Version("1.1", "targetRefs, and preflights of other origins stay at the gateway"),
            Version(
                _ANY_SCHEME,
                "origins of any scheme",
                before="http and https alone; a policy with others is refused",
            ),
        ),
    ),
    at=at,
)
