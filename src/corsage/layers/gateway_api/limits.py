"""What the fields of the CORS filter cannot hold (Gateway API 1.5 and 1.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corsage.layers.gateways import GatewayWriteError, checked, owning
from corsage.layers.kubernetes import HOST, KubernetesWriteError, backend_of
from corsage.layers.target import Clause
from corsage.policy.model import ANY, CorsPolicy, Policy
from corsage.policy.origins import OriginPattern

METHODS = frozenset(
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]
)
MOST_ITEMS = 64
LONGEST_NAME = 256

_ORIGIN = re.compile(r"https?://(\*\.)?([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+(:[0-9]{1,5})?")
_LONGEST_ORIGIN = 253
_LONGEST_PATH = 1024
_LONGEST_HOST = 240
"""Characters of a host, so that the name of its HTTPRoute stays within 253."""
_SERVICE = "let the service answer (owner: service)"


def lost(policy: Policy) -> list[Clause]:
    """The clauses of ``policy`` that the filter cannot keep, each once."""
    found = [*of_routes(policy), *of_values(policy)]
    for rules in owning(policy):
        found += [*_of_origins(rules), *_of_lists(rules)]
    return list({clause.clause: clause for clause in reversed(found)}.values())[::-1]


def _of_origins(rules: CorsPolicy) -> Iterator[Clause]:
    origins = rules.allow_origins
    for origin in origins.exact:
        if not _ORIGIN.fullmatch(origin) or len(origin) > _LONGEST_ORIGIN:
            how = f"{origin}: allowOrigins holds http(s)://host[:port] of letters, digits and -"
            yield Clause(
                "exact origins", "lost", how, f"leave it out of {rules.name}, or {_SERVICE}"
            )
    for pattern in origins.patterns:
        text = str(pattern)
        possible = pattern.port != OriginPattern.ANY_PORT and _ORIGIN.fullmatch(text)
        if not possible or len(text) > _LONGEST_ORIGIN:
            how = f"{pattern}: allowOrigins has a wildcard for the labels of a host, none for ports"
            yield Clause("origin patterns", "lost", how, f"name the ports, or {_SERVICE}")
    if len(origins.exact) + len(origins.patterns) > MOST_ITEMS:
        how = f"{rules.name}: allowOrigins holds {MOST_ITEMS} origins"
        instead = f"split the policy by route, use a wildcard, or {_SERVICE}"
        yield Clause("exact origins", "lost", how, instead)
    if rules.allow_timing and not origins.any_origin:
        how = f"{rules.name}: no filter sends Timing-Allow-Origin to some origins alone"
        yield Clause("timing", "lost", how, f"leave allow_timing out, or {_SERVICE}")


def _of_lists(rules: CorsPolicy) -> Iterator[Clause]:
    for method in rules.allow_methods:
        if method != ANY and method not in METHODS:
            how = f"{method}: allowMethods holds the methods of RFC 9110 and PATCH"
            yield Clause("allowed methods", "lost", how, f"use one of these methods, or {_SERVICE}")
    if ANY in rules.allow_headers:
        how = "*: a gateway may echo what was asked for, and would allow Authorization with it"
        yield Clause("allowed headers", "lost", how, f"list the headers of {rules.name}")
    for clause, names in (
        ("allowed headers", rules.allow_headers),
        ("exposed headers", rules.expose_headers),
    ):
        if len(names) > MOST_ITEMS or any(len(name) > LONGEST_NAME for name in names):
            how = f"{rules.name}: a list holds {MOST_ITEMS} names of {LONGEST_NAME} characters"
            yield Clause(clause, "lost", how, f"shorten the list, or {_SERVICE}")
    if rules.max_age is not None and rules.max_age < 1:
        how = f"{rules.name}: maxAge is at least 1, and 5 where it is left out"
        yield Clause("max age", "lost", how, f"max_age: 1, or {_SERVICE}")


def of_routes(policy: Policy) -> Iterator[Clause]:
    """What the matches of an HTTPRoute cannot hold."""
    for route in policy.routes:
        if len(route.path) > _LONGEST_PATH or "//" in route.path:
            how = f"{route.path[:60]}: a path has at most {_LONGEST_PATH} characters, and no //"
            yield Clause("routes", "lost", how, "route a shorter path above it")
        if route.host is not None and not (
            HOST.fullmatch(route.host) and len(route.host) <= _LONGEST_HOST
        ):
            how = f"{route.host}: no hostname of an HTTPRoute"
            yield Clause("hosts", "lost", how, "name the host by letters, digits, - and dots")


def of_values(policy: Policy) -> Iterator[Clause]:
    """What no Kubernetes object can hold."""
    try:
        checked(policy)
        for route in policy.routes:
            backend_of(policy.services[route.service])
    except (GatewayWriteError, KubernetesWriteError) as error:
        yield Clause("routes", "lost", str(error), "rename it; an HTTPRoute cannot say it")
