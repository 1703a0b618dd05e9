"""httpd as a target."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.clauses import table
from corsage.layers.gateways import GatewayWriteError, behave
from corsage.layers.httpd.write import write
from corsage.layers.target import Clause, Fate, FidelityError, File, Target, Version, Versions
from corsage.policy.model import Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("idiom", "SetEnvIf Origin, anchored; long lists branch at every letter"),
    "origin patterns": ("idiom", "SetEnvIf Origin, anchored regexes (PCRE)"),
    "any origin": ("kept", "the constant *"),
    "credentials": ("kept", "Header always set ... env=, for admitted origins alone"),
    "allowed methods": ("kept", "Header always set: the list as written"),
    "allowed headers": ("kept", "Header always set: the list as written"),
    "exposed headers": ("kept", "Header always set"),
    "max age": ("kept", "Header always set"),
    "timing": ("kept", "Header always set"),
    "routes": (
        "idiom",
        "RewriteRule and ProxyPass, in order; services see the path normalised, %2F gets 404",
    ),
    "hosts": ("kept", "a VirtualHost for each"),
    "never for browsers": ("kept", "preflights get 403, responses no CORS header"),
    "preflights": ("idiom", "RewriteRule [R=204], before access rules and proxies"),
    "other OPTIONS": ("kept", "ProxyPass, as any other request"),
    "other origins": ("kept", "no header is set; a preflight gets 403"),
    "the service's own CORS headers": (
        "weaker",
        "Header unset, by name: all that browsers know or knew, not ones to come",
    ),
    "Vary": ("idiom", "Header always set, by an expression that reads what the service sent"),
    "errors": ("weaker", "404, 413 and 50x carry the headers (Header always); 400 does not"),
    "unrouted paths": ("kept", "RewriteRule [R=404], for the first policy that admits the origin"),
    "the other owner's routes": ("kept", "nothing but ProxyPass"),
}


def files(policy: Policy) -> tuple[File, ...]:
    """A site: one file for sites-available."""
    try:
        return (File("cors.conf", write(policy)),)
    except GatewayWriteError as error:
        raise FidelityError("httpd", (_lost(error),)) from error


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    rows = list(table(policy, _ROWS))
    if policy.gateway.max_body or any(route.max_body for route in policy.routes):
        how = "413 by Content-Length; a chunked body is not counted"
        rows.append(Clause("body limits", "weaker", how))
    if any(route.rate_limit is not None for route in policy.routes):
        how = "httpd has none of its own"
        rows.append(Clause("rate limits", "weaker", how))
    try:
        write(policy)
    except GatewayWriteError as error:
        rows.append(_lost(error))
    return tuple(rows)


def _lost(error: GatewayWriteError) -> Clause:
    return Clause("a value", "lost", str(error), "write it as the policy file asks for it")


TARGET = Target(
    name="httpd",
    title="Apache httpd (a site)",
    family="gateway",
    proven="2.4.71",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Apache httpd",
        proven="2.4.71",
        rows=(Version("2.4.39", "MergeSlashes, without which a path may get round its rule"),),
    ),
)
