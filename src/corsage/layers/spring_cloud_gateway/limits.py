"""What Spring Cloud Gateway's configuration cannot hold (5.0, on Spring Framework 7.0).

Its CORS configurations are found by path alone, before a route is: they know no hosts, and no
preflight goes on to a service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corsage.layers.gateways import GatewayWriteError, address_of, checked, listen_of, owning
from corsage.layers.kubernetes import by_host
from corsage.layers.target import Clause
from corsage.policy.model import ANY, CorsPolicy, Policy, Route

MOST_ROUTES = 200
MOST_ENTRIES = 30_000
"""Origins, added up over all routes: each route has its own list. Spring Boot binds a file of this
size in less than a minute; 2,000 routes take two, and every request then costs 0.3 s."""

_PATH = re.compile(r"[^,;]+")
_OPAQUE = "null"


def lost(policy: Policy) -> list[Clause]:
    """The clauses of ``policy`` that the gateway cannot keep, each once."""
    found = [*_of_routes(policy), *_of_hosts(policy), *_of_values(policy)]
    for rules in owning(policy):
        found += _of_rules(rules)
    found += _of_size(policy)
    return list({clause.clause: clause for clause in reversed(found)}.values())[::-1]


def _of_rules(rules: CorsPolicy) -> Iterator[Clause]:
    if ANY in rules.allow_headers:
        how = "*: Spring echoes what was asked for, and would allow Authorization with it"
        yield Clause("allowed headers", "lost", how, f"list the headers of {rules.name}")
    if rules.allow_timing and not rules.allow_origins.any_origin:
        how = f"{rules.name}: no filter sends Timing-Allow-Origin to some origins alone"
        yield Clause("timing", "lost", how, "leave allow_timing out of that policy")


def _of_routes(policy: Policy) -> Iterator[Clause]:
    for route in policy.routes:
        if route.owner == "service":
            how = f"{route.path}: the gateway answers every preflight, none reaches a service"
            instead = "let the gateway answer (owner: gateway)"
            yield Clause("the other owner's routes", "lost", how, instead)
        if not _PATH.fullmatch(route.path):
            how = f"{route.path}: a Path predicate cannot hold , and ;"
            yield Clause("routes", "lost", how, "route a plain path above it")


def _of_hosts(policy: Policy) -> Iterator[Clause]:
    """A path that two hosts answer differently: what is found by path suits one of them."""
    tables = list(by_host(policy).items())
    for host, routes in tables:
        for other, others in tables:
            for route in routes:
                found = _taking(others, route)
                if found is not None and found.cors != route.cors:
                    how = (
                        f"{route.path}: {host or 'every host'} and {other or 'every host'} have "
                        "different policies, and CORS configurations are found by path alone"
                    )
                    yield Clause("hosts", "lost", how, "give the hosts different paths")


def _taking(routes: list[Route], wanted: Route) -> Route | None:
    """The first of the routes, most specific first, that takes the path of ``wanted``."""
    path = wanted.path.rstrip("/") or "/"
    for route in routes:
        prefix = route.path.rstrip("/")
        if route.match == "exact" and route.path == wanted.path and wanted.match == "exact":
            return route
        if route.match == "prefix" and (path == prefix or path.startswith(f"{prefix}/")):
            return route
    return None


def _of_size(policy: Policy) -> Iterator[Clause]:
    if len(policy.routes) > MOST_ROUTES:
        how = f"{len(policy.routes):,} routes: Spring Boot takes minutes to load them"
        yield Clause("routes", "lost", how, f"up to {MOST_ROUTES} routes; join some")
    entries = 0
    for route in policy.routes:
        if route.cors is not None:
            origins = policy.policies[route.cors].allow_origins
            entries += len(origins.exact) + len(origins.patterns)
    if entries > MOST_ENTRIES:
        names = ", ".join(rules.name for rules in owning(policy))
        how = f"{names}: {entries:,} origins, added up over all routes, take minutes to load"
        yield Clause("exact origins", "lost", how, "use a wildcard, or fewer routes")


def _of_values(policy: Policy) -> Iterator[Clause]:
    try:
        listen_of(checked(policy).gateway)
        for service in policy.services.values():
            address_of(service)
    except GatewayWriteError as error:
        yield Clause("a value", "lost", str(error), "write it as the policy file asks for it")
