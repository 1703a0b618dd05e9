"""Kubernetes manifests: the objects of all products that share a cluster.

Objects refer to each other across files, so one reader takes them all: it finds the objects that
matter, and hands them to the room of each product that has some.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.objects import Object, matters, objects
from corsage.layers.source import Reader, Reading, Source

_ROOMS: Mapping[str, tuple[str, ...]] = {
    "corsage.layers.ingress_nginx.read": ("Ingress",),
    "corsage.layers.gateway_api.read": ("HTTPRoute", "GRPCRoute"),
    "corsage.layers.istio.read": ("VirtualService",),
    "corsage.layers.traefik.manifests": ("IngressRoute", "Middleware", "Ingress"),
    "corsage.layers.manifests.ingresses": ("Ingress",),
    "corsage.layers.haproxy.ingresses": ("Ingress",),
    "corsage.layers.kong.read": ("Ingress", "KongPlugin"),
    "corsage.layers.contour.read": ("HTTPProxy",),
}
"""Who reads, and the kinds of objects without any of which there is nothing to read."""


def _detect(_path: str, text: str) -> bool:
    return matters(text)


def _parse(source: Source) -> tuple[Object, ...]:
    return tuple(objects(source))


def _link(parsed: Mapping[str, tuple[Object, ...]]) -> Reading:
    cluster = Cluster(each for found in parsed.values() for each in found)
    readings = [
        importlib.import_module(room).read(cluster)
        for room, kinds in _ROOMS.items()
        if any(cluster.of_kind(kind) for kind in kinds)
    ]
    linkerd = importlib.import_module("corsage.layers.linkerd.read")
    readings.append(linkerd.read(cluster, [one for each in readings for one in each.instances]))
    return Reading(
        instances=tuple(each for reading in readings for each in reading.instances),
        workloads=tuple(cluster.workloads()),
        slips=tuple(each for reading in readings for each in reading.slips),
    )


READER = Reader("kubernetes", _detect, _parse, _link)
