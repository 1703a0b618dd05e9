"""Traefik's routers as IngressRoutes of their namespace, and the middlewares as objects in it.

An object names middlewares and Services of its own namespace, which is all that Traefik allows
unless it is told otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from corsage.layers.gateways import NOTE
from corsage.layers.kubernetes import DEFAULT_NAMESPACE, Node, backend_of, documents
from corsage.layers.target import File
from corsage.layers.traefik.routers import Backend, Router, Routing
from corsage.layers.traefik.write import INTERNAL, timeouts
from corsage.policy.model import Policy

GROUP = "traefik.io/v1alpha1"
CHARACTERS_OF_RULES = 250_000
"""Of one IngressRoute, so that it stays well below the 1.5 MiB that the API server takes."""

_HEAD = f"""\
{NOTE}

For Traefik's kubernetescrd provider. The routes of an IngressRoute are tried by their priority:
one for preflights of admitted origins, one for those that are refused, one for admitted origins
and one for everybody else, because the headers middleware would answer all of them alike. What is
empty in a middleware is removed from the response.

Set encodedCharacters.allowEncodedSlash of your entry points to false (entryPoints.NAME.http): by
default a path may hide from these rules as %2F.
"""


def write(policy: Policy) -> tuple[File, ...]:
    """One file of Middlewares, ServersTransports and IngressRoutes."""
    routing = Routing(policy)
    namespaces: dict[str, list[Router]] = {}
    for router in routing.routers:
        service = None if router.route is None else policy.services[router.route.service]
        namespace = DEFAULT_NAMESPACE if service is None else backend_of(service).namespace
        namespaces.setdefault(namespace, []).append(router)
    objects: list[Mapping[str, Node]] = []
    for namespace, routers in namespaces.items():
        used = dict.fromkeys(name for router in routers for name in router.middlewares)
        chain = {name: _plain(routing.middlewares[name]) for name in used}
        objects += [_object("Middleware", name, namespace, spec) for name, spec in chain.items()]
        transports = {r.backend.name: r.backend.timeout for r in routers if r.backend is not None}
        for name, seconds in transports.items():
            if seconds is not None:
                times: Node = {"forwardingTimeouts": dict(timeouts(seconds))}
                objects.append(_object("ServersTransport", name, namespace, times))
        for number, chunk in enumerate(_chunks(routers), 1):
            routes: list[Node] = [_route(router) for router in chunk]
            name = f"routes-{number}" if number > 1 else "routes"
            objects.append(_object("IngressRoute", name, namespace, {"routes": routes}))
    return (File("traefik-crd.yaml", documents(objects, _HEAD)),)


def _chunks(routers: list[Router]) -> Iterator[list[Router]]:
    """The routers in groups, none of which makes an object too large."""
    chunk: list[Router] = []
    size = 0
    for router in routers:
        size += len(router.rule)
        if chunk and size > CHARACTERS_OF_RULES:
            yield chunk
            chunk, size = [], len(router.rule)
        chunk.append(router)
    yield chunk


def _route(router: Router) -> Node:
    found: dict[str, Node] = {
        "match": router.rule,
        "kind": "Rule",
        "priority": router.priority,
    }
    if router.middlewares:
        found["middlewares"] = [{"name": _name(name)} for name in router.middlewares]
    found["services"] = [_service(router.backend)]
    return found


def _service(backend: Backend | None) -> Node:
    if backend is None:
        return {"kind": "TraefikService", "name": INTERNAL}
    there = backend_of(backend.service)
    found: dict[str, Node] = {"name": there.name, "port": there.port}
    if there.tls:
        found["scheme"] = "https"
    if backend.timeout is not None:
        found["serversTransport"] = _name(backend.name)
    return found


def _object(kind: str, name: str, namespace: str, spec: Node) -> Mapping[str, Node]:
    return {
        "apiVersion": GROUP,
        "kind": kind,
        "metadata": {"name": _name(name), "namespace": namespace},
        "spec": spec,
    }


def _name(name: str) -> str:
    return f"cors-{name.replace('_', '-')}"


def _plain(value: object) -> Node:
    """A part of the file provider's configuration, as an object has it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str | int):
        return value
    raise TypeError(value)
