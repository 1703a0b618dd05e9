"""Gateway API as a target: what the CORS filter keeps of a policy, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from corsage.layers.clauses import table
from corsage.layers.gateway_api.behave import behave
from corsage.layers.gateway_api.limits import lost
from corsage.layers.gateway_api.write import write
from corsage.layers.target import (
    Clause,
    Fate,
    FidelityError,
    File,
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
    "any origin": (
        "weaker",
        'allowOrigins: ["*"]; a gateway may echo the origin in place of *, and then says Vary',
    ),
    "credentials": ("kept", "allowCredentials"),
    "allowed methods": ("kept", "allowMethods"),
    "allowed headers": ("kept", "allowHeaders"),
    "exposed headers": ("kept", "exposeHeaders"),
    "max age": ("kept", "maxAge; 5, as browsers take it, where the policy says none"),
    "timing": ("idiom", "ResponseHeaderModifier, for policies that admit every origin"),
    "routes": ("kept", "PathPrefix and Exact"),
    "hosts": ("idiom", "hostnames; the routes of every host are repeated for a named one"),
    "never for browsers": ("idiom", "ResponseHeaderModifier removes what the service sends"),
    "preflights": (
        "weaker",
        "on routes that are never for browsers they reach the service; its grants are removed",
    ),
    "other OPTIONS": ("kept", "forwarded; some gateways answer them all"),
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
    "the other owner's routes": ("kept", "a rule without filters"),
}


_STANDARD = "1.5"
_SAYS_NO = "1.4"


def files(policy: Policy, release: Release = (1, 5)) -> tuple[File, ...]:
    """``gateway-api.yaml``."""
    clauses = tuple(lost(policy))
    if clauses:
        raise FidelityError("gateway-api", clauses)
    standard = at_least(release, _STANDARD)
    channel = "1.5 or later" if standard else "of the experimental channel (1.3 or 1.4)"
    return write(policy, channel, says_no=at_least(release, _SAYS_NO))


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    cannot = {clause.clause: clause for clause in lost(policy)}
    rows = [cannot.get(row.clause, row) for row in table(policy, _ROWS)]
    if any(route.rate_limit or route.max_body for route in policy.routes):
        how = "Gateway API has no limits of rate or size; your gateway's own policies may"
        rows.append(Clause("limits", "weaker", how))
    return tuple(rows)


def at(release: Release) -> Target:
    """The target as it is written for a release."""
    return replace(TARGET, files=lambda policy: files(policy, release))


TARGET = Target(
    name="gateway-api",
    title="Gateway API (HTTPRoute with the CORS filter, 1.5 and later)",
    family="kubernetes",
    proven="Envoy 1.40, configured as Envoy Gateway translates the filter",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Gateway API",
        proven="1.6.1",
        rows=(
            Version("1.3", "the CORS filter, in the experimental channel"),
            Version(_SAYS_NO, "allowOrigins with *", clause="any origin"),
            Version(
                _SAYS_NO, "allowCredentials: false", before="it is left out, which means the same"
            ),
            Version(
                _STANDARD,
                "the CORS filter in the standard channel",
                before="the experimental channel has it, with the same fields",
            ),
        ),
    ),
    at=at,
)
