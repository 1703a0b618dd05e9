"""What every Kubernetes object is made of: safe scalars, names, and the Service behind a route.

A policy names services by URL. ``http://billing.shop.svc:8080`` is the Service ``billing`` in the
namespace ``shop``; where the host says nothing of the kind (an address, ``localhost``), the Service
is called as the policy calls it, in the namespace ``default``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from corsage.layers.gateways import address_of, by_precedence
from corsage.policy.model import Policy, Route, Service

Node: TypeAlias = "str | int | bool | Mapping[str, Node] | list[Node]"
"""A part of an object; strings are always quoted, so that no value becomes syntax."""

DEFAULT_NAMESPACE = "default"
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
"""A host that an Ingress or a route may name (DNS-1123 subdomain)."""

_SERVICE = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_IN_CLUSTER = re.compile(
    r"(?P<name>[a-z]([a-z0-9-]{0,61}[a-z0-9])?)\.(?P<namespace>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)"
    r"\.svc(\..+)?"
)
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9./-]*")


class KubernetesWriteError(ValueError):
    """A value that a Kubernetes object cannot hold; the message names it and why."""


@dataclass(frozen=True, slots=True)
class Backend:
    """The Service that a route leads to."""

    name: str
    namespace: str
    port: int
    tls: bool


def backend_of(service: Service) -> Backend:
    """The Kubernetes Service that a service of the policy is."""
    address = address_of(service)
    inside = _IN_CLUSTER.fullmatch(address.host)
    name = inside["name"] if inside else service.name
    if not _SERVICE.fullmatch(name):
        raise KubernetesWriteError(f"{name!r} is no name of a Kubernetes Service (RFC 1035 label)")
    namespace = inside["namespace"] if inside else DEFAULT_NAMESPACE
    return Backend(name, namespace, address.port, address.scheme == "https")


def by_host(policy: Policy) -> dict[str | None, list[Route]]:
    """The routes of each host, None being all other hosts, the most specific first.

    A named host takes all its requests, so the routes of every host are repeated for it, but for
    those below a prefix of its own, which always wins.
    """
    ordered = by_precedence(policy.routes)
    everywhere = [route for route in ordered if route.host is None]
    hosts: dict[str | None, list[Route]] = {}
    for route in ordered:
        if route.host is not None:
            hosts.setdefault(route.host, []).append(route)
    for own in hosts.values():
        own += [route for route in everywhere if not any(_covers(mine, route) for mine in own)]
    return hosts | ({None: everywhere} if everywhere else {})


def _covers(route: Route, other: Route) -> bool:
    if route.match == "exact":
        return other.match == "exact" and other.path == route.path
    prefix = route.path.rstrip("/")
    return other.path.rstrip("/") == prefix or other.path.startswith(f"{prefix}/")


def documents(objects: Iterable[Mapping[str, Node]], note: str) -> str:
    """A file of objects, with ``note`` as the comment at its head."""
    head = "".join(f"# {line}".rstrip() + "\n" for line in note.splitlines())
    return head + "".join("---\n" + "".join(_mapping(node, "")) for node in objects)


def _mapping(node: Mapping[str, Node], margin: str) -> Iterable[str]:
    for key, value in node.items():
        name = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key)
        if isinstance(value, Mapping) and value:
            yield f"{margin}{name}:\n"
            yield from _mapping(value, margin + "  ")
        elif isinstance(value, list) and value:
            yield f"{margin}{name}:\n"
            yield from _items(value, margin + "  ")
        else:
            yield f"{margin}{name}: {json.dumps(value)}\n"


def _items(items: list[Node], margin: str) -> Iterable[str]:
    for item in items:
        if isinstance(item, Mapping) and item:
            first, *rest = _mapping(item, margin + "  ")
            yield f"{margin}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{margin}- {json.dumps(item)}\n"
