"""VirtualServices: one for each host, a route for each of the policy's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from corsage.layers.envoy_cors import allowed_methods, answering
from corsage.layers.gateways import NOTE
from corsage.layers.kubernetes import (
    DEFAULT_NAMESPACE,
    Backend,
    Node,
    backend_of,
    by_host,
    documents,
)
from corsage.layers.origin_regex import origin_regex
from corsage.layers.target import File
from corsage.policy.decide import UPSTREAM_CORS_HEADERS
from corsage.policy.model import ANY, CorsPolicy, Policy, Route

_HEAD = f"""\
{NOTE}

The first route that matches is taken, so the most specific stand first. `gateways` names your
Gateway; change it if it is called otherwise.

A corsPolicy leaves out what `headers` beside it does: it removes what the service says of CORS, and
adds Vary, without which a cache gives one origin the answer to another. `unmatchedPreflights:
IGNORE` keeps preflights of other origins from the service.
"""


@dataclass(frozen=True, slots=True)
class _Way:
    """What the matches of one route have in common."""

    backend: Backend
    answer: str | None
    """The policy that the gateway enforces; None if it only removes, or only lets pass."""
    owned: bool
    timeout: int | None


def write(policy: Policy) -> tuple[File, ...]:
    """One file of VirtualServices."""
    objects = [_virtual_service(policy, host, led) for host, led in by_host(policy).items()]
    return (File("istio.yaml", documents(objects, _HEAD)),)


def _virtual_service(policy: Policy, host: str | None, routes: list[Route]) -> Mapping[str, Node]:
    http: list[Node] = [_http_route(policy, way, matches) for way, matches in _ways(policy, routes)]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {
            "name": "cors" if host is None else f"cors-{host}",
            "namespace": DEFAULT_NAMESPACE,
        },
        "spec": {
            "hosts": [host or "*"],
            "gateways": ["istio-ingress/gateway"],
            "http": http,
        },
    }


def _ways(policy: Policy, routes: list[Route]) -> Iterator[tuple[_Way, list[Node]]]:
    """Routes that are answered alike, together. No request is for two paths of one length."""
    for _, alike in groupby(routes, key=lambda r: (r.host, r.match, len(r.path.rstrip("/")))):
        ways: dict[_Way, list[Node]] = {}
        for route in alike:
            rules = answering(policy, route)
            way = _Way(
                backend_of(policy.services[route.service]),
                None if rules is None else rules.name,
                route.owner == "gateway",
                route.timeout,
            )
            ways.setdefault(way, []).extend({"uri": uri} for uri in _uris(route))
        yield from ways.items()


def _http_route(policy: Policy, way: _Way, matches: list[Node]) -> Node:
    rules = policy.policies[way.answer] if way.answer else None
    host = f"{way.backend.name}.{way.backend.namespace}.svc.cluster.local"
    destination: Node = {"host": host, "port": {"number": way.backend.port}}
    found: dict[str, Node] = {"match": matches}
    if rules is not None:
        found["corsPolicy"] = _cors(rules)
    if way.owned:
        found["headers"] = {"response": _edit(rules)}
    found["route"] = [{"destination": destination}]
    if way.timeout is not None:
        found["timeout"] = f"{way.timeout}s"
    return found


def _uris(route: Route) -> Iterator[Node]:
    """Istio's prefix is one of text, not of segments: /a would take /ab."""
    path = route.path.rstrip("/")
    if route.match == "exact":
        yield {"exact": route.path}
    elif not path:
        yield {"prefix": "/"}
    else:
        yield {"exact": path}
        yield {"prefix": f"{path}/"}


def _cors(rules: CorsPolicy) -> Node:
    cors: dict[str, Node] = {
        "allowOrigins": list(_origins(rules)),
        "allowCredentials": rules.allow_credentials,
        "unmatchedPreflights": "IGNORE",
    }
    for field, names in (
        ("allowMethods", allowed_methods(rules)),
        ("allowHeaders", rules.allow_headers),
        ("exposeHeaders", rules.expose_headers),
    ):
        if names:
            cors[field] = list(names)
    if rules.max_age is not None:
        cors["maxAge"] = f"{rules.max_age}s"
    return cors


def _origins(rules: CorsPolicy) -> Iterator[Node]:
    if rules.allow_origins.any_origin:
        # Envoy takes this exact value for every origin, and echoes it.
        yield {"exact": ANY}
        return
    for origin in rules.allow_origins.exact:
        yield {"exact": origin}
    for pattern in rules.allow_origins.patterns:
        yield {"regex": origin_regex(pattern)}


def _edit(rules: CorsPolicy | None) -> Node:
    removed: list[Node] = [*UPSTREAM_CORS_HEADERS]
    edit: dict[str, Node] = {}
    if rules is not None and rules.allow_timing:
        removed.remove("Timing-Allow-Origin")
        edit["set"] = {"Timing-Allow-Origin": ANY}
    if rules is not None:
        edit["add"] = {"Vary": "Origin"}
    return {**edit, "remove": removed}
