"""ingress-nginx as a target: what its annotations keep of a policy."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.clauses import table
from corsage.layers.ingress_nginx.behave import behave
from corsage.layers.ingress_nginx.limits import lost
from corsage.layers.ingress_nginx.write import write
from corsage.layers.target import Clause, Fate, FidelityError, File, Target, Version, Versions
from corsage.policy.model import Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": (
        "weaker",
        "cors-allow-origin; an origin in upper case, which no browser sends, counts as well",
    ),
    "origin patterns": ("kept", "left to the services that own them"),
    "any origin": ("kept", 'cors-allow-origin: "*"'),
    "credentials": ("kept", "cors-allow-credentials, always said: the default is true"),
    "allowed methods": (
        "weaker",
        "cors-allow-methods, on every response; GET, HEAD, POST where the policy lists none",
    ),
    "allowed headers": (
        "weaker",
        "cors-allow-headers, on every response; Accept where the policy lists none",
    ),
    "exposed headers": ("kept", "cors-expose-headers"),
    "max age": ("kept", "cors-max-age; 5, as browsers take it, where the policy says none"),
    "timing": ("idiom", "a custom header, for policies that admit every origin"),
    "routes": ("kept", "pathType Prefix and Exact"),
    "hosts": ("idiom", "the routes of every host are repeated for a named one"),
    "never for browsers": ("idiom", "custom-headers removes what the service sends"),
    "preflights": ("weaker", "those that are refused reach the service; its grants are removed"),
    "other OPTIONS": ("weaker", "any OPTIONS of an admitted origin is answered as a preflight"),
    "other origins": ("idiom", "custom-headers removes what the service sends"),
    "the service's own CORS headers": (
        "weaker",
        "custom-headers, by name: all that browsers know or knew, not ones to come",
    ),
    "Vary": ("idiom", 'custom-headers: Vary "*", since a value cannot be added'),
    "errors": (
        "weaker",
        "carry the headers; those of the default backend and of custom-http-errors do not",
    ),
    "unrouted paths": ("weaker", "the default backend's 404 is bare: a page sees a CORS error"),
    "the other owner's routes": ("kept", "an Ingress without enable-cors and custom-headers"),
}


def files(policy: Policy) -> tuple[File, ...]:
    """``ingress-nginx.yaml`` and ``ingress-nginx-controller.yaml``."""
    clauses = tuple(lost(policy))
    if clauses:
        raise FidelityError("ingress-nginx", clauses)
    return write(policy)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    cannot = {clause.clause: clause for clause in lost(policy)}
    return tuple(cannot.get(row.clause, row) for row in table(policy, _ROWS))


TARGET = Target(
    name="ingress-nginx",
    title="ingress-nginx (the community's controller, retired in March 2026)",
    family="kubernetes",
    proven="nginx 1.31.3 with headers-more, driven as controller v1.15.1 does",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="ingress-nginx",
        proven="1.15.1",
        rows=(
            Version("1.11", "the custom-headers annotation and global-allowed-response-headers"),
        ),
    ),
)
