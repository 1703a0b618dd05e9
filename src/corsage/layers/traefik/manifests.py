"""Traefik in Kubernetes: IngressRoutes with their Middlewares, and Ingresses of its class.

https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/ingressroute/.
The annotations of ingress-nginx on an Ingress of Traefik's class are those of its
``kubernetesIngressNGINX`` provider: the same names and defaults, and another meaning (``*`` with
credentials echoes whoever asks).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from corsage.browser.exchange import WireRequest
from corsage.layers import rules
from corsage.layers.ingress_nginx import annotations as nginx
from corsage.layers.ingress_nginx.read import values_of
from corsage.layers.manifests.backends import Path, old_version, paths
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.controllers import ingresses_of
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.manifests.preflights import unrouted_preflights
from corsage.layers.site import Grant, Instance, Match, Site, Slip
from corsage.layers.source import Reading
from corsage.layers.target import Hop
from corsage.layers.traefik.middlewares import chain, references, travel
from corsage.layers.traefik.nginx_annotations import read as annotated
from corsage.layers.traefik.rule import Both, Matcher, Rule, RuleError, parse, required
from corsage.layers.traefik.settings import slips as slips_of
from corsage.layers.yaml_document import Value

PRODUCT = "traefik"
GROUPS = ("traefik.io", "traefik.containo.us")

_MIDDLEWARES = "traefik.ingress.kubernetes.io/router.middlewares"


@dataclass(frozen=True, slots=True)
class _Router:
    """A router: its rule, its rank (the greater one is asked first) and its site."""

    rule: Rule
    scheme: str
    rank: int
    site: Site

    def takes(self, request: WireRequest) -> bool:
        scheme = request.url.partition(":")[0]
        return self.scheme in ("", scheme) and self.rule.takes(request)


def read(cluster: Cluster) -> Reading:
    """Everything that Traefik takes."""
    found: list[Slip] = []
    routers = [*_of_crd(cluster, found), *_of_ingresses(cluster, found)]
    for middleware in cluster.of_kind("Middleware"):
        if middleware.group in GROUPS:
            found += _gone(middleware)
            headers = middleware.value.get("spec", "headers")
            if headers is not None:
                found += slips_of(middleware, headers)
    if not routers:
        return Reading(slips=tuple(found))
    order = sorted(routers, key=lambda router: -router.rank)
    hosts = [host for router in routers for host in router.site.match.hosts or ("_",)]
    instance = Instance(
        product=PRODUCT,
        name="in Kubernetes",
        where=routers[0].site.where,
        sites=tuple(router.site for router in routers),
        route=partial(_route, order),
        reached_at=tuple(dict.fromkeys(hosts)),
    )
    found += unrouted_preflights(instance)
    return Reading(instances=(instance,), slips=tuple(dict.fromkeys(found)))


def _route(order: list[_Router], request: WireRequest) -> Site | None:
    return next((router.site for router in order if router.takes(request)), None)


def _gone(of: Object) -> Iterator[Slip]:
    version = of.value.get("apiVersion")
    if version is not None and of.group == "traefik.containo.us":
        yield Slip(
            rules.GONE,
            "Traefik 3 does not read traefik.containo.us",
            of.where(version),
            "The group was renamed in 2.10, and the old one is gone in 3.0: the object has no "
            "effect.",
            "apiVersion: traefik.io/v1alpha1",
            edits=of.replaced(version, "traefik.io/v1alpha1"),
        )


def _of_crd(cluster: Cluster, found: list[Slip]) -> Iterator[_Router]:
    ingress_routes = [each for each in cluster.of_kind("IngressRoute") if each.group in GROUPS]
    secure = any(_is_secure(each) for each in ingress_routes)
    for of in ingress_routes:
        found += _gone(of)
        scheme = ("https" if _is_secure(of) else "http") if secure and _says(of) else ""
        for route in of.value.elements("spec", "routes"):
            text = route.string("match")
            try:
                rule = parse(text)
            except RuleError as error:
                if not templated(text):
                    found.append(
                        Slip(
                            rules.INERT,
                            f"the rule of the router cannot be read: {error}",
                            of.where(route.get("match") or route),
                            "Traefik does not start the router.",
                        )
                    )
                continue
            hops, grant, slips = chain(cluster, of, list(references(of, route)))
            found += slips
            priority = route.string("priority")
            rank = int(priority) if priority.isdecimal() and priority != "0" else len(text)
            yield _Router(rule, scheme, rank, _site(of, route, rule, text, hops, grant, cluster))


def _is_secure(of: Object) -> bool:
    names = [each.text for each in of.value.elements("spec", "entryPoints")]
    return of.value.get("spec", "tls") is not None or "websecure" in names


def _says(of: Object) -> bool:
    return bool(of.value.elements("spec", "entryPoints")) or of.value.get("spec", "tls") is not None


def _site(
    of: Object,
    route: Value,
    rule: Rule,
    text: str,
    hops: list[Hop],
    grant: Grant | None,
    cluster: Cluster,
) -> Site:
    upstream = ""
    for service in route.elements("services"):
        if service.string("kind") in ("", "Service"):
            namespace = service.string("namespace") or of.namespace
            upstream = cluster.address(namespace, service.string("name"), service.get("port"))
            break
    return Site(
        product=PRODUCT,
        name=f"{of.title}: {text[:80]}",
        where=of.where(route),
        match=match_of(rule),
        hop=partial(travel, tuple(hops)),
        grant=grant,
        upstream=upstream,
        example=_example(rule),
    )


def match_of(rule: Rule) -> Match:
    """A rule as far as a site can show it."""
    prefix, exact = required(rule, "pathprefix"), required(rule, "path")
    regex = required(rule, "pathregexp")
    kind, path = ("prefix", prefix[0]) if prefix else ("exact", exact[0]) if exact else ("", "")
    if not kind:
        kind, path = ("regex", regex[0]) if regex else ("prefix", "/")
    headers = required(rule, "header") or required(rule, "headers")
    return Match(
        hosts=tuple(host.lower() for host in required(rule, "host")),
        path=path,
        kind=kind,  # type: ignore[arg-type]  # one of its literals
        methods=required(rule, "method"),
        headers=((headers[0], headers[1]),) if len(headers) == 2 else (),
    )


def _example(rule: Rule) -> str:
    for name in ("path", "pathprefix"):
        if values := required(rule, name):
            return values[0] if values[0].startswith("/") else "/"
    return "/"


def _of_ingresses(cluster: Cluster, found: list[Slip]) -> Iterator[_Router]:
    # shop-cors@kubernetescrd: a namespace and a name, either of which may have hyphens.
    middlewares = {
        f"{each.namespace}-{each.name}": (each.namespace, each.name)
        for each in cluster.of_kind("Middleware")
    }
    for of in ingresses_of(cluster, PRODUCT):
        found += old_version(of)
        values = values_of(of)
        named = of.value.string("metadata", "annotations", _MIDDLEWARES)
        full = [each.strip().partition("@")[0] for each in named.split(",")]
        names = [middlewares[each] for each in full if each in middlewares]
        hops, grant, slips = chain(cluster, of, names)
        found += slips
        if nginx.enabled(values):
            cors, grant = annotated(of, values)
            hops = [cors, *hops]
        for path in paths(cluster, of):
            yield _router(path, hops, grant)


def _router(path: Path, hops: list[Hop], grant: Grant | None) -> _Router:
    conditions: list[Rule] = [Matcher("Host", (path.host,))] if path.host else []
    conditions.append(Matcher("Path" if path.exact else "PathPrefix", (path.path,)))
    rule = Both(tuple(conditions))
    site = Site(
        product=PRODUCT,
        name=path.name,
        where=path.ingress.where(path.value.get("path") or path.value),
        match=match_of(rule),
        hop=partial(travel, tuple(hops)),
        grant=grant,
        upstream=path.upstream,
        example=path.path if path.path.startswith("/") else "/",
    )
    return _Router(rule, "", len(path.host) + len(path.path) + 30, site)
