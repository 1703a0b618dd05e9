"""Ingresses of controllers that configure no CORS by annotations, or of ones that nothing names:
they pass requests on."""

from __future__ import annotations

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.ingress_nginx.locations import Place
from corsage.layers.ingress_nginx.locations import route as route_of
from corsage.layers.manifests.backends import Path, old_version, paths
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.controllers import controller_of
from corsage.layers.site import Instance, Match, Site, Slip
from corsage.layers.source import Reading

_ELSEWHERE = frozenset(["ingress-nginx", "traefik", "kong", "haproxy-ingress", "haproxytech"])


def read(cluster: Cluster) -> Reading:
    """Every Ingress that no other room reads."""
    led: dict[tuple[str, str], list[Path]] = {}
    slips: list[Slip] = []
    for ingress in cluster.of_kind("Ingress"):
        controller = controller_of(cluster, ingress)
        if controller in _ELSEWHERE:
            continue
        slips += old_version(ingress)
        for path in paths(cluster, ingress):
            led.setdefault((controller, path.host), []).append(path)
    instances = tuple(_instance(controller, host, each) for (controller, host), each in led.items())
    return Reading(instances=instances, slips=tuple(slips))


def _instance(controller: str, host: str, led: list[Path]) -> Instance:
    product = controller or "ingress"
    sites = [
        Site(
            product=product,
            name=path.name,
            where=path.ingress.where(path.value.get("path") or path.value),
            match=Match(
                hosts=(host,) if host else (),
                path=path.path,
                kind="exact" if path.exact else "segments",
            ),
            hop=_pass,
            upstream=path.upstream,
            example=path.path if path.path.startswith("/") else "/",
        )
        for path in led
    ]
    places = [Place(p.path, p.exact, site) for p, site in zip(led, sites, strict=True)]
    return Instance(
        product=product,
        name=host or "*",
        where=led[0].ingress.where(),
        sites=tuple(sites),
        route=route_of(host, places, regexes=False),
        reached_at=(host or "_",),
    )


def _pass(request: WireRequest, service: Server) -> Response | None:
    return service(request) or Response(502)
