"""What a corsPolicy cannot hold (Istio 1.23 and later)."""

from __future__ import annotations

from collections.abc import Iterator

from corsage.layers.gateways import GatewayWriteError, checked, owning
from corsage.layers.istio.write import write
from corsage.layers.kubernetes import HOST, KubernetesWriteError, backend_of
from corsage.layers.target import Clause
from corsage.policy.model import ANY, CorsPolicy, Policy

METHODS = frozenset(
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]
)
_LONGEST_HOST = 240
"""Characters, so that the name of its VirtualService stays within 253."""
LARGEST = 1_000_000
"""Characters of a VirtualService; the API server refuses objects of more than 1.5 MiB."""
_SERVICE = "let the service answer (owner: service)"


def lost(policy: Policy) -> list[Clause]:
    """The clauses of ``policy`` that Istio cannot keep, each once."""
    found = list(_of_values(policy))
    for rules in owning(policy):
        found += _of_rules(rules)
    if not found and any(len(text) > LARGEST for text in _objects(policy)):
        how = f"the origins of {', '.join(rules.name for rules in owning(policy))} are too many"
        how += ": the API server refuses objects of more than 1.5 MiB"
        found.append(Clause("exact origins", "lost", how, f"use a wildcard, or {_SERVICE}"))
    return list({clause.clause: clause for clause in reversed(found)}.values())[::-1]


def _objects(policy: Policy) -> list[str]:
    return write(policy)[0].text.split("\n---\n")


def _of_rules(rules: CorsPolicy) -> Iterator[Clause]:
    for method in rules.allow_methods:
        if method != ANY and method not in METHODS:
            how = f"{method}: Istio refuses methods that are not of RFC 9110, or PATCH"
            yield Clause("allowed methods", "lost", how, f"use one of these methods, or {_SERVICE}")
    if ANY in rules.allow_headers:
        how = "*: Envoy echoes what was asked for, and would allow Authorization with it"
        yield Clause("allowed headers", "lost", how, f"list the headers of {rules.name}")
    if rules.max_age is not None and rules.max_age < 1:
        how = f"{rules.name}: Istio refuses a maxAge of {rules.max_age}"
        yield Clause("max age", "lost", how, f"max_age: 1, or {_SERVICE}")
    if rules.allow_timing and not rules.allow_origins.any_origin:
        how = f"{rules.name}: no field sends Timing-Allow-Origin to some origins alone"
        yield Clause("timing", "lost", how, f"leave allow_timing out, or {_SERVICE}")


def _of_values(policy: Policy) -> Iterator[Clause]:
    for route in policy.routes:
        if route.host is not None and not (
            HOST.fullmatch(route.host) and len(route.host) <= _LONGEST_HOST
        ):
            how = f"{route.host}: no host of a VirtualService"
            yield Clause("hosts", "lost", how, "name the host by letters, digits, - and dots")
    try:
        checked(policy)
        for route in policy.routes:
            backend_of(policy.services[route.service])
    except (GatewayWriteError, KubernetesWriteError) as error:
        yield Clause("routes", "lost", str(error), "rename it; a VirtualService cannot say it")
