"""HTTPRoutes: one for each host and namespace, a rule for each way in which paths are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from corsage.layers.envoy_cors import allowed_methods, answering
from corsage.layers.gateways import NOTE
from corsage.layers.kubernetes import Backend, Node, backend_of, by_host, documents
from corsage.layers.target import File
from corsage.policy.decide import UPSTREAM_CORS_HEADERS
from corsage.policy.model import ANY, CorsPolicy, Policy, Route

MATCHES_OF_A_RULE = 8
RULES_OF_A_ROUTE = 16
"""128 matches an HTTPRoute, and no more are allowed."""

NO_MAX_AGE = 5
"""What the gateway sends where nothing is said, and what browsers take."""

_HEAD = f"""\
{NOTE}

For Gateway API {{channel}} and a gateway that supports HTTPRouteCORS: others accept the filter
and do not enforce it. parentRefs name your Gateway; change them if it is called otherwise.

The ResponseHeaderModifier beside a CORS filter does what the filter leaves out. It removes what the
service says of CORS, and adds Vary, without which a cache gives one origin the answer to another.
"""


@dataclass(frozen=True, slots=True)
class Way:
    """What the paths of one rule have in common."""

    backend: Backend
    answer: str | None
    """The policy that the gateway enforces; None if it only removes, or only lets pass."""
    owned: bool
    timeout: int | None


def write(policy: Policy, channel: str, *, says_no: bool) -> tuple[File, ...]:
    """One file of HTTPRoutes for a release of Gateway API: ``channel`` is what it says it is for;
    ``says_no`` whether ``allowCredentials`` may be false, or has to be left out."""
    cors = partial(_cors, says_no=says_no)
    objects: list[Mapping[str, Node]] = []
    for host, routes in by_host(policy).items():
        rules: dict[str, dict[Way, list[Route]]] = {}
        for route in routes:
            way = way_of(policy, route)
            rules.setdefault(way.backend.namespace, {}).setdefault(way, []).append(route)
        for namespace, ways in rules.items():
            written = [
                rule for way, led in ways.items() for rule in rules_of(policy, way, led, cors)
            ]
            for number, chunk in enumerate(chunks(written, RULES_OF_A_ROUTE), start=1):
                name = "cors" if host is None else f"cors-{host}"
                name += f"-{number}" if number > 1 else ""
                objects.append(http_route(name, namespace, host, list(chunk)))
    return (File("gateway-api.yaml", documents(objects, _HEAD.format(channel=channel))),)


def way_of(policy: Policy, route: Route) -> Way:
    """What a route has in common with others."""
    rules = answering(policy, route)
    backend = backend_of(policy.services[route.service])
    name = None if rules is None else rules.name
    return Way(backend, name, route.owner == "gateway", route.timeout)


def rules_of(
    policy: Policy,
    way: Way,
    routes: Sequence[Route],
    cors: Callable[[CorsPolicy], Node] | None = None,
) -> Iterator[Node]:
    """The rules of an HTTPRoute for routes of one way; ``cors`` makes the filter, unless something
    else is it."""
    rules = policy.policies[way.answer] if way.answer else None
    filters: list[Node] = []
    if rules is not None and cors is not None:
        filters.append({"type": "CORS", "cors": cors(rules)})
    if way.owned:
        filters.append({"type": "ResponseHeaderModifier", "responseHeaderModifier": _edit(rules)})
    backend: Node = {"name": way.backend.name, "port": way.backend.port}
    limit: dict[str, Node] = {}
    if way.timeout is not None:
        limit["timeouts"] = {"request": f"{way.timeout}s"}
    for chunk in chunks([_match(route) for route in routes], MATCHES_OF_A_RULE):
        yield {
            "matches": list(chunk),
            **({"filters": filters} if filters else {}),
            "backendRefs": [backend],
            **limit,
        }


def _cors(rules: CorsPolicy, *, says_no: bool) -> Node:
    origins = rules.allow_origins
    cors: dict[str, Node] = {
        "allowOrigins": [ANY] if origins.any_origin else list(dict.fromkeys(origins)),
    }
    if says_no or rules.allow_credentials:
        cors["allowCredentials"] = rules.allow_credentials
    for field, names in (
        ("allowMethods", allowed_methods(rules)),
        ("allowHeaders", rules.allow_headers),
        ("exposeHeaders", rules.expose_headers),
    ):
        if names:
            cors[field] = list(dict.fromkeys(names))
    cors["maxAge"] = NO_MAX_AGE if rules.max_age is None else rules.max_age
    return cors


def _edit(rules: CorsPolicy | None) -> Node:
    removed: list[Node] = [*UPSTREAM_CORS_HEADERS]
    edit: dict[str, Node] = {}
    if rules is not None and rules.allow_timing:
        removed.remove("Timing-Allow-Origin")
        edit["set"] = [{"name": "Timing-Allow-Origin", "value": ANY}]
    if rules is not None:
        edit["add"] = [{"name": "Vary", "value": "Origin"}]
    return {**edit, "remove": removed}


def _match(route: Route) -> Node:
    if route.match == "exact":
        return {"path": {"type": "Exact", "value": route.path}}
    return {"path": {"type": "PathPrefix", "value": route.path.rstrip("/") or "/"}}


def http_route(
    name: str, namespace: str, host: str | None, rules: list[Node]
) -> Mapping[str, Node]:
    """An HTTPRoute of the Gateway called ``gateway``."""
    hostnames: dict[str, Node] = {} if host is None else {"hostnames": [host]}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "parentRefs": [{"name": "gateway", "namespace": "gateway"}],
            **hostnames,
            "rules": rules,
        },
    }


def chunks(items: Sequence[Node], size: int) -> list[Sequence[Node]]:
    """The items in lists of at most ``size``."""
    return [items[start : start + size] for start in range(0, len(items), size)]
