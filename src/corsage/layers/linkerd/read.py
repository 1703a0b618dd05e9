"""What Linkerd's proxies do to the requests of browsers: an instance for each port of a meshed
Service (or of a Server whose Service is elsewhere).

The proxy of whoever calls finds a route of the Service (404 if it has routes and none matches),
the proxy beside the pod one of the Server (404), then an authorization (403). Both answer without
CORS headers, and an OPTIONS request is one like any other. What passes is the service's own
answer, untouched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.gateway_api.matches import Condition, conditions, example
from corsage.layers.linkerd.authorization import Authorizations
from corsage.layers.linkerd.slips import counted_preflights, denied_preflights, slips
from corsage.layers.manifests.cluster import INJECT, Cluster
from corsage.layers.manifests.objects import Object
from corsage.layers.site import Instance, Match, Site
from corsage.layers.source import Reading
from corsage.layers.yaml_document import Value

GROUP = "policy.linkerd.io"
GROUPS = (GROUP, "gateway.networking.k8s.io")
PRODUCT = "linkerd"

_FILTERS = {
    GROUP: frozenset(["RequestHeaderModifier", "RequestRedirect"]),
    "gateway.networking.k8s.io": frozenset(
        ["RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect"]
    ),
}
"""What a route may hold to be one for Linkerd; with anything else it is as good as not there."""


@dataclass(frozen=True, slots=True)
class _Port:
    """One port that a proxy stands before."""

    name: str
    addresses: tuple[str, ...]
    server: Object | None
    outbound: tuple[Object, ...] = ()
    default: str = ""
    where: Object | None = field(default=None)


def read(cluster: Cluster, others: Sequence[Instance]) -> Reading:
    """The proxies, and what is said to them that they do not do; ``others`` lead to them."""
    if not in_use(cluster):
        return Reading()
    authorizations = Authorizations(cluster)
    routes = _routes(cluster)
    ports = [*_of_servers(cluster, routes), *_rest(cluster, routes)]
    instances = tuple(_instance(authorizations, routes, port) for port in ports)
    servers = {
        (port.server.namespace, port.server.name): port.addresses
        for port in ports
        if port.server is not None
    }
    found = [
        *slips(cluster),
        *denied_preflights(instances, others, authorizations),
        *counted_preflights(cluster, servers, others),
    ]
    return Reading(instances=instances, slips=tuple(dict.fromkeys(found)))


def in_use(cluster: Cluster) -> bool:
    """Whether there is any sign of Linkerd."""
    if any(cluster.of_kind(kind, GROUP) for kind in ("Server", "HTTPRoute")):
        return True
    if any("policy-controller:" in each.text for each in cluster.of_kind("Deployment")):
        return True
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "Namespace"):
        for each in cluster.of_kind(kind):
            for path in (("metadata",), ("spec", "template", "metadata")):
                if each.value.string(*path, "annotations", INJECT):
                    return True
    return False


def _of_servers(cluster: Cluster, routes: _Routes) -> Iterator[_Port]:
    for server in cluster.of_kind("Server", GROUP):
        addresses: list[str] = []
        outbound: list[Object] = []
        for address, service in _services(cluster, server):
            addresses.append(address)
            outbound += routes.get(("Service", service.namespace, service.name), ())
        yield _Port(
            name=addresses[0] if addresses else server.title,
            addresses=tuple(addresses),
            server=server,
            outbound=tuple(outbound),
            where=server,
        )


def _services(cluster: Cluster, server: Object) -> Iterator[tuple[str, Object]]:
    """The addresses that lead to the pods of a Server, with their Services."""
    labels = {n: v.text for n, v in server.value.items("spec", "podSelector", "matchLabels")}
    port = server.value.string("spec", "port")
    seen: set[str] = set()
    for _, pod in cluster.pods(server.namespace, labels):
        for service in cluster.services_of(server.namespace, pod):
            for each in service.value.elements("spec", "ports"):
                target = each.string("targetPort") or each.string("port")
                if port in _names(pod, target):
                    address = cluster.address(service.namespace, service.name, each.get("port"))
                    if address not in seen:
                        seen.add(address)
                        yield address, service


def _names(pod: Value, target: str) -> set[str]:
    """A container's port by number and name."""
    found = {target}
    template = pod.get("spec") or pod
    for container in template.elements("containers"):
        for port in container.elements("ports"):
            if target in (port.string("name"), port.string("containerPort")):
                found |= {port.string("name"), port.string("containerPort")} - {""}
    return found


def _rest(cluster: Cluster, routes: _Routes) -> Iterator[_Port]:
    """The ports of meshed Services that no Server is about."""
    taken = {
        address
        for server in cluster.of_kind("Server", GROUP)
        for address, _ in _services(cluster, server)
    }
    for service in cluster.of_kind("Service"):
        selector = {n: v.text for n, v in service.value.items("spec", "selector")}
        behind = next(cluster.pods(service.namespace, selector), None)
        outbound = tuple(routes.get(("Service", service.namespace, service.name), ()))
        meshed = behind is not None and cluster.meshed(service.namespace, behind[1])
        if not meshed and not outbound:
            continue
        default = "" if behind is None else _default_policy(cluster, service.namespace, behind[1])
        for port in service.value.elements("spec", "ports"):
            address = cluster.address(service.namespace, service.name, port.get("port"))
            if address not in taken:
                yield _Port(address, (address,), None, outbound, default if meshed else "", service)


def _default_policy(cluster: Cluster, namespace: str, pod: Value) -> str:
    name = "config.linkerd.io/default-inbound-policy"
    above = cluster.find_global("Namespace", namespace)
    inherited = above.value.string("metadata", "annotations", name) if above else ""
    return pod.string("metadata", "annotations", name) or inherited


_Routes: TypeAlias = dict[tuple[str, str, str], list[Object]]
"""The HTTPRoutes that are attached to something of the mesh, by its kind, namespace and name."""


def _routes(cluster: Cluster) -> _Routes:
    found: _Routes = {}
    for route in cluster.of_kind("HTTPRoute"):
        if route.group not in GROUPS or not taken(route):
            continue
        parents = {
            (
                parent.string("kind"),
                parent.string("namespace") or route.namespace,
                parent.string("name"),
            )
            for parent in route.value.elements("spec", "parentRefs")
        }
        for parent in parents:
            if parent[0] in ("Server", "Service"):
                found.setdefault(parent, []).append(route)
    return found


def taken(route: Object) -> bool:
    """Whether Linkerd knows all filters of a route; otherwise it ignores the route."""
    return all(
        each.string("type") in _FILTERS[route.group]
        for rule in route.value.elements("spec", "rules")
        for each in rule.elements("filters")
    )


def _instance(authorizations: Authorizations, routes: _Routes, port: _Port) -> Instance:
    upstream = port.addresses[0] if port.addresses else ""
    inbound: list[Object] = []
    if port.server is not None:
        inbound = routes.get(("Server", port.server.namespace, port.server.name), [])
    outside = [each for route in port.outbound for _, each in _conditions(route)]
    led: list[tuple[Condition, Site]] = []
    for route in inbound:
        allowed = authorizations.allows(port.server, route)
        for rule, condition in _conditions(route):
            led.append((condition, _site(route, rule, condition, upstream, allowed)))
    if not inbound:
        of = port.server or port.where
        assert of is not None, "a port is that of a Server or of a Service"
        allowed = authorizations.allows(port.server, None, port.default)
        everything = Condition("/", "PathPrefix")
        led.append((everything, _site(of, of.value, everything, upstream, allowed)))

    order = sorted(led, key=lambda pair: pair[0].rank, reverse=True)

    def route_of(request: WireRequest) -> Site | None:
        if outside and not any(condition.takes(request) for condition in outside):
            return None
        return next((site for condition, site in order if condition.takes(request)), None)

    where = port.where or port.server
    assert where is not None, "a port is that of a Server or of a Service"
    return Instance(
        product=PRODUCT,
        name=port.name,
        where=where.where(),
        sites=tuple(site for _, site in led),
        route=route_of,
        reached_at=port.addresses,
    )


def _conditions(route: Object) -> Iterator[tuple[Value, Condition]]:
    for rule in route.value.elements("spec", "rules"):
        for condition in conditions(rule):
            yield rule, condition


def _site(of: Object, rule: Value, condition: Condition, upstream: str, allowed: bool) -> Site:
    match = condition.as_match("")
    asked = f"{condition.method} " if condition.method else ""
    return Site(
        product=PRODUCT,
        name=f"{of.title}: {asked}{condition.path}",
        where=of.where(rule) if rule is not of.value else of.where(),
        match=Match((), match.path, match.kind, match.methods, match.headers),
        hop=_pass if allowed else _forbid,
        upstream=upstream,
        example=example(condition),
    )


def _pass(request: WireRequest, service: Server) -> Response | None:
    return service(request) or Response(502)


def _forbid(_request: WireRequest, _service: Server) -> Response:
    return Response(403)
