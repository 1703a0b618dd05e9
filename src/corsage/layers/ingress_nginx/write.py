"""Ingress objects: one for each way in which routes are answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from corsage.layers.gateways import NOTE, identifiers
from corsage.layers.kubernetes import Backend, Node, backend_of, by_host, documents
from corsage.layers.target import File
from corsage.policy.decide import UPSTREAM_CORS_HEADERS
from corsage.policy.model import CorsPolicy, Policy, Route

PREFIX = "nginx.ingress.kubernetes.io/"

NO_METHODS = "GET, HEAD, POST"
NO_HEADERS = "Accept"
"""What stands for an empty list: names that browsers need no leave for. Without a list the
controller would allow its own."""
NO_MAX_AGE = 5
"""What browsers take where nothing is said; the controller would say 20 days."""

BLANK = " "
"""The value that removes a header: the controller takes no empty one, and nginx drops blanks."""

_OBJECTS = f"""\
{NOTE}

One Ingress for each way in which routes are answered. What each annotation says is needed: the
controller's defaults allow credentials, six methods and 20 days.

The headers in the ConfigMaps are set on every response of an Ingress. A blank removes what the
service sent, before CORS headers are set. `Vary` cannot be added to, only replaced, and "*" is the
one value that is right whatever the service varies by: caches ask again.

The controller has to allow these headers: apply ingress-nginx-controller.yaml once. Without it the
routes below answer 503.
"""

_CONTROLLER = f"""\
{NOTE}

For the controller's own ConfigMap; change name and namespace if yours are others. A list that is
there already has to be joined with this one.
"""

_ALLOWED = (*UPSTREAM_CORS_HEADERS, "Vary")


@dataclass(frozen=True, slots=True)
class _Way:
    """What the routes of one Ingress have in common."""

    namespace: str
    tls: bool
    answer: str | None
    """The policy that the controller enforces; None if it only removes, or only lets pass."""
    owned: bool
    max_body: int
    rate_limit: int | None
    timeout: int | None


def write(policy: Policy) -> tuple[File, ...]:
    """The objects, and the one setting of the controller that they need."""
    ways: dict[_Way, dict[str | None, list[tuple[Route, Backend]]]] = {}
    for host, routes in by_host(policy).items():
        for route in routes:
            backend = backend_of(policy.services[route.service])
            hosts = ways.setdefault(_way(policy, route, backend), {})
            hosts.setdefault(host, []).append((route, backend))
    objects: list[Mapping[str, Node]] = []
    for way, name in zip(ways, _names(policy, list(ways)), strict=True):
        if way.owned:
            objects.append(_config_map(policy, way, name))
        objects.append(_ingress(policy, way, name, ways[way]))
    controller: Mapping[str, Node] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "ingress-nginx-controller", "namespace": "ingress-nginx"},
        "data": {"global-allowed-response-headers": ",".join(_ALLOWED)},
    }
    return (
        File("ingress-nginx.yaml", documents(objects, _OBJECTS)),
        File("ingress-nginx-controller.yaml", documents([controller], _CONTROLLER)),
    )


def answering(policy: Policy, route: Route) -> CorsPolicy | None:
    """The policy that the controller answers for on a route. One without origins is none: the
    controller would take an empty list for ``*``."""
    if route.owner != "gateway" or route.cors is None:
        return None
    rules = policy.policies[route.cors]
    return rules if rules.allow_origins else None


def custom_headers(rules: CorsPolicy | None) -> dict[str, str]:
    """What is set on every response of an Ingress that the controller answers for."""
    headers = dict.fromkeys(UPSTREAM_CORS_HEADERS, BLANK)
    if rules is not None and rules.allow_timing:
        headers["Timing-Allow-Origin"] = "*"
    if rules is not None and not rules.allow_origins.any_origin:
        headers["Vary"] = "*"
    return headers


def _way(policy: Policy, route: Route, backend: Backend) -> _Way:
    rules = answering(policy, route)
    return _Way(
        namespace=backend.namespace,
        tls=backend.tls,
        answer=None if rules is None else rules.name,
        owned=route.owner == "gateway",
        max_body=policy.gateway.max_body if route.max_body is None else route.max_body,
        rate_limit=route.rate_limit,
        timeout=route.timeout,
    )


def _names(policy: Policy, ways: list[_Way]) -> list[str]:
    words = identifiers(policy.policies, reserved=("none", "service"))
    names: list[str] = []
    for way in ways:
        word = words[way.answer] if way.answer else "none" if way.owned else "service"
        name, number = f"cors-{word.replace('_', '-')}", 1
        while name in names:
            number += 1
            name = f"cors-{word.replace('_', '-')}-{number}"
        names.append(name)
    return names


def _config_map(policy: Policy, way: _Way, name: str) -> Mapping[str, Node]:
    rules = policy.policies[way.answer] if way.answer else None
    data: dict[str, Node] = dict(custom_headers(rules))
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"{name}-headers", "namespace": way.namespace},
        "data": data,
    }


def _ingress(
    policy: Policy,
    way: _Way,
    name: str,
    hosts: Mapping[str | None, list[tuple[Route, Backend]]],
) -> Mapping[str, Node]:
    annotations: dict[str, Node] = {
        PREFIX + key: value for key, value in _annotations(policy, way, name).items()
    }
    rules: list[Node] = []
    for host, routes in hosts.items():
        named: dict[str, Node] = {} if host is None else {"host": host}
        rules.append({**named, "http": {"paths": [_path(*each) for each in routes]}})
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": way.namespace, "annotations": annotations},
        "spec": {"ingressClassName": "nginx", "rules": rules},
    }


def _annotations(policy: Policy, way: _Way, name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if way.answer is not None:
        found |= _cors(policy.policies[way.answer])
    if way.owned:
        found["custom-headers"] = f"{way.namespace}/{name}-headers"
    if way.tls:
        found["backend-protocol"] = "HTTPS"
    found["proxy-body-size"] = str(way.max_body)
    if way.rate_limit is not None:
        found |= {"limit-rps": str(way.rate_limit), "limit-burst-multiplier": "1"}
    if way.timeout is not None:
        for which in ("connect", "send", "read"):
            found[f"proxy-{which}-timeout"] = str(way.timeout)
    return found


def _cors(rules: CorsPolicy) -> dict[str, str]:
    origins = "*" if rules.allow_origins.any_origin else ", ".join(rules.allow_origins.exact)
    exposed = {"cors-expose-headers": ", ".join(rules.expose_headers)}
    return {
        "enable-cors": "true",
        "cors-allow-origin": origins,
        "cors-allow-credentials": "true" if rules.allow_credentials else "false",
        "cors-allow-methods": allowed_methods(rules),
        "cors-allow-headers": allowed_headers(rules),
        **(exposed if rules.expose_headers else {}),
        "cors-max-age": str(max_age(rules)),
    }


def allowed_methods(rules: CorsPolicy) -> str:
    """The list of methods, as it is written and sent."""
    return ", ".join(rules.allow_methods) or NO_METHODS


def allowed_headers(rules: CorsPolicy) -> str:
    """The list of headers, as it is written and sent."""
    return ", ".join(rules.allow_headers) or NO_HEADERS


def max_age(rules: CorsPolicy) -> int:
    """Seconds for which browsers remember a preflight."""
    return NO_MAX_AGE if rules.max_age is None else rules.max_age


def _path(route: Route, backend: Backend) -> Node:
    exact = route.match == "exact"
    return {
        "path": route.path if exact else route.path.rstrip("/") or "/",
        "pathType": "Exact" if exact else "Prefix",
        "backend": {"service": {"name": backend.name, "port": {"number": backend.port}}},
    }
