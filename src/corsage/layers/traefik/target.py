"""Traefik as a target."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.clauses import table
from corsage.layers.gateways import GatewayWriteError
from corsage.layers.target import Clause, Fate, FidelityError, File, Hop, Target, Version, Versions
from corsage.layers.traefik.write import write
from corsage.layers.urls import split_url
from corsage.policy.decide import Decisions, serve
from corsage.policy.model import Policy
from corsage.policy.paths import requested_path

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("idiom", "a regex in the routers' rules, and the middleware's list"),
    "origin patterns": ("idiom", "RE2, anchored, in the routers' rules and the middleware's list"),
    "any origin": ("kept", "the constant *"),
    "credentials": ("idiom", "customResponseHeaders of routers for admitted origins alone"),
    "allowed methods": ("idiom", "customResponseHeaders: the list as written"),
    "allowed headers": ("idiom", "customResponseHeaders: the list as written"),
    "exposed headers": ("idiom", "customResponseHeaders"),
    "max age": ("idiom", "customResponseHeaders"),
    "timing": ("kept", "customResponseHeaders: the constant *"),
    "routes": ("idiom", "PathRegexp and priorities: PathPrefix would end anywhere"),
    "hosts": ("kept", "Host"),
    "never for browsers": ("idiom", "preflights get 403, responses no CORS header"),
    "preflights": ("idiom", "routers of their own, answered by headers or ipAllowList (200, 204)"),
    "other OPTIONS": ("kept", "the route's router"),
    "other origins": ("idiom", "a router of their own; a preflight gets 403 from ipAllowList"),
    "the service's own CORS headers": (
        "weaker",
        "customResponseHeaders, by name: all that browsers know, not ones to come",
    ),
    "Vary": (
        "weaker",
        "Vary: *, which no cache can use: addVaryHeader drops what the service varies by",
    ),
    "errors": ("weaker", "404, 413, 429, 502 and 504 carry the headers; 400 does not"),
    "unrouted paths": ("idiom", "routers that take what is left; ipAllowList answers 404"),
    "the other owner's routes": ("kept", "a router without the headers middleware"),
}


ENTRY_POINT = Clause(
    "entry points",
    "weaker",
    "are yours: without allowEncodedSlash: false a path may hide from its rule as %2F",
)
"""The row of forms that hold no static configuration."""


def files(policy: Policy) -> tuple[File, ...]:
    """``traefik.yaml``, and ``dynamic.yaml`` for its file provider."""
    if lost := lost_timing(policy):
        raise FidelityError("traefik", lost)
    try:
        return write(policy)
    except GatewayWriteError as error:
        raise FidelityError("traefik", (lost_value(error),)) from error


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    rows = [*table_of(policy)]
    if lost := lost_timing(policy):
        rows = [*(row for row in rows if row.clause != "timing"), *lost]
    try:
        write(policy)
    except GatewayWriteError as error:
        rows.append(lost_value(error))
    return tuple(rows)


def table_of(policy: Policy) -> tuple[Clause, ...]:
    """The rows of every form, as if nothing were lost."""
    return table(policy, _ROWS)


def behave(policy: Policy) -> Hop:
    """What Traefik does with the files: what the policy says, with 200 for preflights whose
    origin is echoed, with ``Vary: *``, and a 502 for a silent service."""

    def hop(request: WireRequest, service: Server) -> Response | None:
        answer = serve(policy, lambda forwarded: service(forwarded) or Response(502))(request)
        if answer is None:
            return None
        decision = decisions.decide(
            request.method,
            split_url(request.url).netloc,
            requested_path(split_url(request.url).path),
            {name.lower(): value for name, value in request.headers},
        )
        if decision.preflight is not None:
            origins = dict(answer.headers).get("Access-Control-Allow-Origin", "*")
            status = 200 if origins != "*" else answer.status
            return Response(status, answer.headers)
        if decision.edit.own and decision.edit.vary:
            kept = [line for line in answer.headers if line[0].lower() != "vary"]
            return Response(answer.status, (*kept, ("Vary", "*")))
        return answer

    decisions = Decisions(policy)
    return hop


def lost_timing(policy: Policy) -> tuple[Clause, ...]:
    """The row for an origin that would have to be echoed."""
    echoing = [
        rules.name
        for rules in policy.policies.values()
        if rules.allow_timing and not rules.allow_origins.any_origin
    ]
    if not echoing:
        return ()
    how = f"Traefik cannot echo an origin in Timing-Allow-Origin (policy {echoing[0]!r})"
    instead = "leave allow_timing out of that policy, or render nginx, HAProxy or Caddy"
    return (Clause("timing", "lost", how, instead),)


def lost_value(error: GatewayWriteError) -> Clause:
    """The row for a value that no router or middleware can hold."""
    return Clause("a value", "lost", str(error), "write it as the policy file asks for it")


VERSIONS = Versions(
    product="Traefik",
    proven="3.7.15",
    rows=(
        Version("3.6.4", "encodedCharacters: paths that hide a slash are refused"),
        Version(
            "3.7.6", "no Access-Control-Max-Age where the policy says none", before="it says 0"
        ),
    ),
)

TARGET = Target(
    name="traefik",
    title="Traefik (file provider)",
    family="gateway",
    proven="3.7.15",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=VERSIONS,
)
