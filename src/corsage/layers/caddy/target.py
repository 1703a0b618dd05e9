"""Caddy as a target."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.caddy.write import write
from corsage.layers.clauses import table
from corsage.layers.gateways import GatewayWriteError, behave
from corsage.layers.target import Clause, Fate, FidelityError, File, Target, Version, Versions
from corsage.policy.model import Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("kept", "map, compared one by one: 10,000 cost about 0.4 ms a request"),
    "origin patterns": ("idiom", "regexes (RE2) of the same map, anchored with ^ and $"),
    "any origin": ("kept", "the constant *"),
    "credentials": ("kept", "header, for admitted origins alone"),
    "allowed methods": ("kept", "header: the list as written"),
    "allowed headers": ("kept", "header: the list as written"),
    "exposed headers": ("kept", "header, not deferred"),
    "max age": ("kept", "header"),
    "timing": ("kept", "header, not deferred"),
    "routes": ("idiom", "path_regexp on the cleaned path, in order: path would ignore case"),
    "hosts": ("kept", "host"),
    "never for browsers": ("kept", "preflights get 403, responses no CORS header"),
    "preflights": ("idiom", "respond, before reverse_proxy, limits and access rules"),
    "other OPTIONS": ("kept", "reverse_proxy, as any other request"),
    "other origins": ("kept", "no header is set; a preflight gets 403"),
    "the service's own CORS headers": ("kept", "header_down -Access-Control-*"),
    "Vary": ("idiom", "set at once for errors, and again deferred, merged by a map"),
    "errors": ("weaker", "404, 413, 502 and 504 carry the headers; 400 and 431 do not"),
    "unrouted paths": ("kept", "a 404 for the first policy that admits the origin"),
    "the other owner's routes": ("kept", "nothing but reverse_proxy"),
}


def files(policy: Policy) -> tuple[File, ...]:
    """One complete Caddyfile."""
    try:
        return (File("Caddyfile", write(policy)),)
    except GatewayWriteError as error:
        raise FidelityError("caddy", (_lost(error),)) from error


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    rows = list(table(policy, _ROWS))
    if any(route.rate_limit is not None for route in policy.routes):
        how = "Caddy has none of its own; the http.rate_limit plugin has"
        rows.append(Clause("rate limits", "weaker", how))
    try:
        write(policy)
    except GatewayWriteError as error:
        rows.append(_lost(error))
    return tuple(rows)


def _lost(error: GatewayWriteError) -> Clause:
    return Clause("a value", "lost", str(error), "write it as the policy file asks for it")


TARGET = Target(
    name="caddy",
    title="Caddy (Caddyfile)",
    family="gateway",
    proven="2.11.7",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Caddy",
        proven="2.11.7",
        rows=(Version("2.10", "the oldest release that the output has been run on"),),
    ),
)
