"""The objects by which Linkerd lets a policy's requests through, preflights among them.

A preflight is an OPTIONS request without cookies or tokens. Linkerd finds a route for it (404 if
none matches), then an authorization (403), then a rate limit (429), and its answers carry no CORS
headers: a browser reports each of them as a CORS error. So no route here asks for a method or a
header, and what is authorized is the connection, never the request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from corsage.layers.gateways import NOTE, by_precedence
from corsage.layers.kubernetes import Backend, Node, backend_of, documents
from corsage.layers.target import File
from corsage.policy.model import Policy, Route

GROUP = "policy.linkerd.io"
MATCHES_OF_A_RULE = 8
RULES_OF_A_ROUTE = 16
ROOT = ("PathPrefix", "/")
MESHED = "cors-meshed"
CLUSTER = "cors-cluster"

_CLUSTER_NETWORKS = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fd00::/8",
)
"""What Linkerd takes for the cluster (``clusterNetworks`` of its installation)."""

_HEAD = """\
{note}

Linkerd neither answers preflights nor sets CORS headers, so there is no CORS policy here. It lives
{where}
A CORS filter in an HTTPRoute that is attached to the mesh makes Linkerd drop the whole route.

These objects let what browsers ask for reach its owner:
  - the gateway must be meshed (`linkerd.io/inject` on its pods); the paths of the policy take any
    meshed client, whatever the method, since a preflight is an OPTIONS without cookies or tokens;
  - every other path stays open to the cluster's networks, kubelet's probes among them: the first
    route that is attached to a Server takes the default routes away. Set your own networks.
Check before you apply: `app` is taken for the label of the pods, and the Service's port for the
container's. A rate limit (HTTPLocalRateLimitPolicy) counts preflights, too.
"""


def write(policy: Policy) -> tuple[File, ...]:
    """One file of objects, by service."""
    routes: dict[Backend, list[Route]] = {}
    for route in by_precedence(policy.routes):
        routes.setdefault(backend_of(policy.services[route.service]), []).append(route)
    objects: list[Mapping[str, Node]] = []
    for namespace in dict.fromkeys(backend.namespace for backend in routes):
        objects += _authentications(namespace)
    for backend, led in routes.items():
        objects += _of_service(backend, led)
    return (
        File("linkerd.yaml", documents(objects, _HEAD.format(note=NOTE, where=_where(policy)))),
    )


def _where(policy: Policy) -> str:
    paths: dict[str, list[str]] = {"gateway": [], "service": []}
    for route in policy.routes:
        paths[route.owner].append(f"{route.host or ''}{route.path}")
    found = ""
    if paths["gateway"]:
        found += f"  - in the gateway for {', '.join(paths['gateway'])}\n"
    if paths["service"]:
        found += f"  - in the service for {', '.join(paths['service'])}\n"
    return found or "  - nowhere: the policy has no routes\n"


def _authentications(namespace: str) -> list[Mapping[str, Node]]:
    networks: list[Node] = [{"cidr": network} for network in _CLUSTER_NETWORKS]
    return [
        _object("MeshTLSAuthentication", "v1alpha1", MESHED, namespace, {"identities": ["*"]}),
        _object("NetworkAuthentication", "v1alpha1", CLUSTER, namespace, {"networks": networks}),
    ]


def _of_service(backend: Backend, routes: Sequence[Route]) -> list[Mapping[str, Node]]:
    name = f"cors-{backend.name}-{backend.port}"
    server: Node = {
        "podSelector": {"matchLabels": {"app": backend.name}},
        "port": backend.port,
        "proxyProtocol": "HTTP/1",
        "accessPolicy": "deny",
    }
    # Two hosts may have the same path; a route here is for every host.
    keys = dict.fromkeys(map(_key, routes))
    matches = [_match(*key) for key in keys]
    rules: list[Node] = [{"matches": list(chunk)} for chunk in _chunks(matches, MATCHES_OF_A_RULE)]
    objects = [_object("Server", "v1beta3", name, backend.namespace, server)]
    for number, chunk in enumerate(_chunks(rules, RULES_OF_A_ROUTE), start=1):
        browsers = f"{name}-browsers" + (f"-{number}" if number > 1 else "")
        objects.append(_route(browsers, name, backend.namespace, list(chunk)))
        objects.append(
            _authorization(browsers, browsers, backend.namespace, "MeshTLSAuthentication", MESHED)
        )
        if ROOT in keys:
            # Probes have no other path, and no identity.
            objects.append(
                _authorization(
                    f"{browsers}-cluster",
                    browsers,
                    backend.namespace,
                    "NetworkAuthentication",
                    CLUSTER,
                )
            )
    if ROOT not in keys:
        rest = f"{name}-rest"
        everything: Node = {"matches": [_match(*ROOT)]}
        objects.append(_route(rest, name, backend.namespace, [everything]))
        objects.append(
            _authorization(rest, rest, backend.namespace, "NetworkAuthentication", CLUSTER)
        )
    return objects


def _key(route: Route) -> tuple[str, str]:
    if route.match == "exact":
        return "Exact", route.path
    return "PathPrefix", route.path.rstrip("/") or "/"


def _match(kind: str, path: str) -> Node:
    return {"path": {"type": kind, "value": path}}


def _route(name: str, server: str, namespace: str, rules: list[Node]) -> Mapping[str, Node]:
    parent: Node = {"group": GROUP, "kind": "Server", "name": server}
    spec: Node = {"parentRefs": [parent], "rules": rules}
    return _object("HTTPRoute", "v1beta3", name, namespace, spec)


def _authorization(
    name: str, route: str, namespace: str, kind: str, authentication: str
) -> Mapping[str, Node]:
    spec: Node = {
        "targetRef": {"group": GROUP, "kind": "HTTPRoute", "name": route},
        "requiredAuthenticationRefs": [{"group": GROUP, "kind": kind, "name": authentication}],
    }
    return _object("AuthorizationPolicy", "v1alpha1", name, namespace, spec)


def _object(kind: str, version: str, name: str, namespace: str, spec: Node) -> Mapping[str, Node]:
    return {
        "apiVersion": f"{GROUP}/{version}",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def _chunks(items: Sequence[Node], size: int) -> list[Sequence[Node]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
