"""Spring Cloud Gateway as a target: what Spring's own CORS keeps of a policy."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.clauses import table
from corsage.layers.spring_cloud_gateway.behave import behave
from corsage.layers.spring_cloud_gateway.limits import lost
from corsage.layers.spring_cloud_gateway.write import write
from corsage.layers.target import (
    Clause,
    Fate,
    FidelityError,
    File,
    Target,
    Version,
    Versions,
)
from corsage.policy.model import Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": (
        "weaker",
        "allowed-origins; an origin in upper case, which no browser sends, counts as well",
    ),
    "origin patterns": ("kept", "allowed-origin-patterns: any text in place of *, and [*] ports"),
    "any origin": ("weaker", "allowed-origins: *, which is said to requests with an Origin alone"),
    "credentials": ("kept", "allow-credentials"),
    "allowed methods": ("weaker", "allowed-methods, and always GET, HEAD and POST"),
    "allowed headers": ("kept", "allowed-headers; a preflight is told those it asked for"),
    "exposed headers": ("kept", "exposed-headers"),
    "max age": ("kept", "max-age"),
    "timing": ("idiom", "SetResponseHeader, for policies that admit every origin"),
    "routes": (
        "weaker",
        "Path predicates, the most specific first; .. and // are neither resolved nor refused",
    ),
    "hosts": ("idiom", "Host predicates, where no two hosts answer one path differently"),
    "never for browsers": ("idiom", "a configuration without origins: whoever names one gets 403"),
    "preflights": ("kept", "Spring answers them before it looks for a route"),
    "other OPTIONS": ("kept", "the route to the service"),
    "other origins": ("weaker", "get 403 for every request, which does not reach the service"),
    "the service's own CORS headers": (
        "weaker",
        "removed with hop-by-hop headers, by name: all that browsers know, not ones to come",
    ),
    "Vary": ("weaker", "three names on every response, which may stand twice beside the service's"),
    "errors": ("weaker", "413, 500 and 504 carry the headers; 400 and 404 of the gateway do not"),
    "unrouted paths": ("weaker", "the gateway's 404 is bare: a page sees a CORS error"),
    "the other owner's routes": ("kept", "there are none: the gateway answers for every route"),
}


def files(policy: Policy) -> tuple[File, ...]:
    """``application.yml``."""
    clauses = tuple(lost(policy))
    if clauses:
        raise FidelityError("spring-cloud-gateway", clauses)
    return write(policy)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    cannot = {clause.clause: clause for clause in lost(policy)}
    rows = [cannot.pop(row.clause, row) for row in table(policy, _ROWS)]
    how = "a preflight that asks for too much gets a bare 403; the console names the origin for it"
    rows.append(Clause("reasons", "weaker", how))
    how = "413 by Content-Length; a chunked body is not counted"
    rows.append(Clause("body limits", "weaker", how))
    if any(route.rate_limit for route in policy.routes):
        rows.append(Clause("limits", "weaker", "limits of rate need Redis (RequestRateLimiter)"))
    return (*rows, *cannot.values())


TARGET = Target(
    name="spring-cloud-gateway",
    title="Spring Cloud Gateway (WebFlux, application.yml)",
    family="gateway",
    proven="Spring Cloud Gateway 5.0.3 on Spring Boot 4.0.7, Reactor Netty, Java 17",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Spring Cloud Gateway",
        proven="5.0.3",
        rows=(
            Version(
                "5.0",
                "cors-configurations in the order of the file: older releases forget it, so that "
                "a path may get the configuration of one above it",
            ),
        ),
    ),
)
