"""HTTPRoutes, one for each policy and host, and the SecurityPolicies that target them.

A SecurityPolicy counts for all rules of an HTTPRoute, so routes that are answered alike stand in
one; which of them takes a path is found among all, by its length.
"""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.envoy_cors import allowed_methods
from corsage.layers.gateway_api.write import (
    RULES_OF_A_ROUTE,
    Way,
    chunks,
    http_route,
    rules_of,
    way_of,
)
from corsage.layers.gateways import NOTE, identifiers
from corsage.layers.kubernetes import Node, by_host, documents
from corsage.layers.target import File
from corsage.policy.model import ANY, CorsPolicy, Policy, Route

MOST_TARGETS = 16
LONGEST_SECONDS = 99_999
"""A Duration has at most five digits for each unit."""

_HEAD = f"""\
{NOTE}

For Envoy Gateway 1.1 or later. A CORS filter in an HTTPRoute of your own would win over a
SecurityPolicy. parentRefs name your Gateway; change them if it is called otherwise.

The ResponseHeaderModifier does what `cors` leaves out. It removes what the service says of CORS,
and adds Vary, without which a cache gives one origin the answer to another.
"""


def write(policy: Policy) -> tuple[File, ...]:
    """One file of HTTPRoutes and SecurityPolicies."""
    words = identifiers(policy.policies, reserved=("none", "service"))
    routes: list[Mapping[str, Node]] = []
    targets: dict[tuple[str, str], list[str]] = {}
    for host, led in by_host(policy).items():
        groups: dict[tuple[str, str | None, bool], dict[Way, list[Route]]] = {}
        for route in led:
            way = way_of(policy, route)
            ways = groups.setdefault((way.backend.namespace, way.answer, way.owned), {})
            ways.setdefault(way, []).append(route)
        for (namespace, answer, owned), ways in groups.items():
            rules = [rule for way, alike in ways.items() for rule in rules_of(policy, way, alike)]
            word = words[answer] if answer else "none" if owned else "service"
            for number, chunk in enumerate(chunks(rules, RULES_OF_A_ROUTE), start=1):
                # A dot: no policy's word has one, and so no other policy has this name.
                name = f"cors-{word.replace('_', '-')}" + (f".{number}" if number > 1 else "")
                name += "" if host is None else f".{host}"
                routes.append(http_route(name, namespace, host, list(chunk)))
                if answer is not None:
                    targets.setdefault((namespace, answer), []).append(name)
    policies = [
        _security_policy(policy.policies[answer], words[answer], namespace, number, list(names))
        for (namespace, answer), all_names in targets.items()
        for number, names in enumerate(
            (all_names[at : at + MOST_TARGETS] for at in range(0, len(all_names), MOST_TARGETS)),
            start=1,
        )
    ]
    return (File("envoy-gateway.yaml", documents([*policies, *routes], _HEAD)),)


def duration(seconds: int) -> str:
    """Seconds as Gateway API writes them."""
    if seconds <= LONGEST_SECONDS:
        return f"{seconds}s"
    hours, rest = divmod(seconds, 3600)
    return f"{hours}h" + (f"{rest}s" if rest else "")


def _security_policy(
    rules: CorsPolicy, word: str, namespace: str, number: int, names: list[str]
) -> Mapping[str, Node]:
    name = f"cors-{word.replace('_', '-')}" + (f".{number}" if number > 1 else "")
    refs: list[Node] = [
        {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": each} for each in names
    ]
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "SecurityPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"targetRefs": refs, "cors": _cors(rules)},
    }


def _cors(rules: CorsPolicy) -> Node:
    origins = rules.allow_origins
    cors: dict[str, Node] = {
        "allowOrigins": [ANY] if origins.any_origin else list(dict.fromkeys(origins)),
        "allowCredentials": rules.allow_credentials,
    }
    for field, names in (
        ("allowMethods", allowed_methods(rules)),
        ("allowHeaders", rules.allow_headers),
        ("exposeHeaders", rules.expose_headers),
    ):
        if names:
            cors[field] = list(dict.fromkeys(names))
    if rules.max_age is not None:
        cors["maxAge"] = duration(rules.max_age)
    return cors
