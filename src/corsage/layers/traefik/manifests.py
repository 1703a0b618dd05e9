"""Traefik in Kubernetes: IngressRoutes with their Middlewares, and Ingresses of its class.

https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/ingressroute/.
The annotations of ingress-nginx on an Ingress of Traefik's class are those of its
``kubernetesIngressNGINX`` provider: the same names and defaults, and another meaning (``*`` with
credentials echoes whoever asks).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers import rules
from corsage.layers.hops import signed_in, with_path
from corsage.layers.ingress_nginx import annotations as nginx
from corsage.layers.ingress_nginx.read import values_of
from corsage.layers.manifests.backends import Path, old_version, paths
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.controllers import ingresses_of
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.manifests.preflights import unrouted_preflights
from corsage.layers.site import Grant, Instance, Match, OriginEntry, Setting, Site, Slip, Unknown
from corsage.layers.source import Reading
from corsage.layers.target import Hop
from corsage.layers.traefik.headers import Headers
from corsage.layers.traefik.rule import Both, Matcher, Rule, RuleError, parse, required
from corsage.layers.traefik.settings import grant_of, headers_of
from corsage.layers.traefik.settings import slips as slips_of
from corsage.layers.yaml_document import Value
from corsage.patterns import OriginLanguage, anything, exactly, labels

PRODUCT = "traefik"
GROUPS = ("traefik.io", "traefik.containo.us")

_MIDDLEWARES = "traefik.ingress.kubernetes.io/router.middlewares"
_LOGINS = ("basicAuth", "digestAuth", "forwardAuth")
_MOST_MIDDLEWARES = 50
_WILDCARD = re.compile(r"([a-z]+://)\*(\.[A-Za-z0-9.-]+(?::[0-9]+)?)")
"""Of the annotation; since 3.7.15, before which such an entry never matched."""
_REDIRECTS = {
    (False, True): 302,
    (False, False): 307,
    (True, True): 301,
    (True, False): 308,
}
"""Status by whether the redirect is permanent, and the request a GET."""


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
    hosts = [host for router in routers for host in router.site.match.hosts]
    instance = Instance(
        product=PRODUCT,
        name="in Kubernetes",
        where=routers[0].site.where,
        sites=tuple(router.site for router in routers),
        route=partial(_route, order),
        reached_at=tuple(dict.fromkeys(hosts)) or ("_",),
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


# IngressRoute


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
            hops, grant, slips = _chain(cluster, of, list(_references(of, route)))
            found += slips
            priority = route.string("priority")
            rank = int(priority) if priority.isdecimal() and priority != "0" else len(text)
            yield _Router(rule, scheme, rank, _site(of, route, rule, text, hops, grant, cluster))


def _is_secure(of: Object) -> bool:
    names = [each.text for each in of.value.elements("spec", "entryPoints")]
    return of.value.get("spec", "tls") is not None or "websecure" in names


def _says(of: Object) -> bool:
    return bool(of.value.elements("spec", "entryPoints")) or of.value.get("spec", "tls") is not None


def _references(of: Object, holder: Value) -> Iterator[tuple[str, str]]:
    for each in holder.elements("middlewares"):
        yield each.string("namespace") or of.namespace, each.string("name")


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


# Middlewares


def travel(hops: tuple[Hop, ...], request: WireRequest, service: Server) -> Response | None:
    """Through hops, the outermost first, to a service that may be silent."""
    if not hops:
        return service(request) or Response(502)
    return hops[0](request, lambda onward: travel(hops[1:], onward, service))


def _chain(
    cluster: Cluster, of: Object, names: list[tuple[str, str]]
) -> tuple[list[Hop], Grant | None, list[Slip]]:
    """The hops of a router's middlewares, whom they let read, and what is wrong with them."""
    hops: list[Hop] = []
    grant: Grant | None = None
    slips: list[Slip] = []
    counted: Object | None = None
    for middleware in _flattened(cluster, of, names):
        spec = middleware.value.get("spec") or middleware.value
        headers = spec.get("headers")
        if headers is not None:
            hop = headers_of(headers)
            hops.append(hop)
            if hop.has_cors:
                grant = grant or grant_of(middleware, headers)
                if counted is not None:
                    slips.append(
                        Slip(
                            rules.PREFLIGHT_COUNTED,
                            f"{counted.name} counts preflights",
                            counted.where(),
                            "It stands before the headers middleware, which answers them. Name "
                            "it after that one.",
                        )
                    )
        elif any(spec.get(name) is not None for name in _LOGINS):
            hops.append(_login)
        elif spec.get("redirectScheme") is not None:
            hops.append(partial(_redirect, spec.get("redirectScheme") or spec))
        elif spec.get("rateLimit") is not None:
            counted = middleware
        elif (hop_of_path := _path_hop(spec)) is not None:
            hops.append(hop_of_path)
    return hops, grant, slips


def _flattened(cluster: Cluster, of: Object, names: list[tuple[str, str]]) -> Iterator[Object]:
    """The middlewares in order, with those of chains in their place."""
    waiting = names[::-1]
    for _ in range(_MOST_MIDDLEWARES):
        if not waiting:
            return
        namespace, name = waiting.pop()
        middleware = cluster.find("Middleware", namespace, name.partition("@")[0], near=of)
        if middleware is None:
            continue
        chain = middleware.value.get("spec", "chain")
        if chain is None:
            yield middleware
        else:
            waiting += [*_references(middleware, chain)][::-1]


def _login(request: WireRequest, service: Server) -> Response | None:
    return service(request) if signed_in(request) else Response(401)


def _redirect(options: Value, request: WireRequest, service: Server) -> Response | None:
    scheme, _, rest = request.url.partition("://")
    wanted = options.string("scheme") or "https"
    if scheme == wanted:
        return service(request)
    status = _REDIRECTS[options.string("permanent") == "true", request.method == "GET"]
    return Response(status, (("Location", f"{wanted}://{rest}"),))


def _path_hop(spec: Value) -> Hop | None:
    prefixes = [each.text for each in spec.elements("stripPrefix", "prefixes")]
    if prefixes:
        return partial(_strip, tuple(prefixes))
    if prefix := spec.string("addPrefix", "prefix"):
        return partial(_add, prefix)
    if path := spec.string("replacePath", "path"):
        return lambda request, service: service(with_path(request, path))
    return None


def _path_of(request: WireRequest) -> str:
    return "/" + request.url.partition("://")[2].partition("/")[2].partition("?")[0]


def _strip(prefixes: tuple[str, ...], request: WireRequest, service: Server) -> Response | None:
    path = _path_of(request)
    for prefix in prefixes:
        if path.startswith(prefix):
            rest = path.removeprefix(prefix)
            return service(with_path(request, rest if rest.startswith("/") else f"/{rest}"))
    return service(request)


def _add(prefix: str, request: WireRequest, service: Server) -> Response | None:
    return service(with_path(request, f"{prefix.rstrip('/')}{_path_of(request)}"))


# Ingress


def _of_ingresses(cluster: Cluster, found: list[Slip]) -> Iterator[_Router]:
    for of in ingresses_of(cluster, PRODUCT):
        found += old_version(of)
        values = values_of(of)
        named = of.value.string("metadata", "annotations", _MIDDLEWARES)
        names = []
        for each in named.split(",") if named else ():
            # shop-cors@kubernetescrd: a namespace and a name, either of which may have hyphens.
            full = each.strip().partition("@")[0]
            for middleware in cluster.of_kind("Middleware"):
                if full == f"{middleware.namespace}-{middleware.name}":
                    names.append((middleware.namespace, middleware.name))
                    break
        hops, grant, slips = _chain(cluster, of, names)
        found += slips
        if nginx.enabled(values):
            cors = _provider(of, values)
            hops, grant = [cors[0], *hops], cors[1]
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


def _provider(of: Object, values: dict[str, str]) -> tuple[Headers, Grant]:
    """What the ingress-nginx provider makes of the annotations (Traefik 3.7)."""
    origins = tuple(part.strip() for part in values.get(nginx.ORIGIN, "*").split(","))
    # ingress-nginx goes on allowing them where a value is no boolean.
    credentials = nginx.boolean(values.get(nginx.CREDENTIALS, "true")) is True
    methods = _items(values.get(nginx.METHODS, nginx.DEFAULT_METHODS))
    headers = _items(values.get(nginx.HEADERS, nginx.DEFAULT_HEADERS))
    exposed = _items(values.get(nginx.EXPOSED, ""))
    age = values.get(nginx.MAX_AGE, "")
    seconds = int(age) if age.isdecimal() and len(age) < 10 else nginx.DEFAULT_MAX_AGE
    wildcards = [_WILDCARD.fullmatch(each) for each in origins]
    hop = Headers(
        origins=origins,
        matches=lambda origin: any(
            found is not None and _one_label(found).fullmatch(origin) for found in wildcards
        ),
        credentials=credentials,
        methods=methods,
        headers=headers,
        exposed=exposed,
        max_age=seconds,
    )
    annotations = of.annotations
    written = annotations.get(nginx.PREFIX + nginx.ORIGIN)
    enabled = of.where_annotation(nginx.PREFIX + nginx.ENABLE)
    entries = tuple(
        OriginEntry(
            each,
            enabled if written is None else of.where_text(written, each),
            _language(each),
        )
        for each in origins
    )
    clauses = {
        nginx.ORIGIN: ("allow_origins", ", ".join(origins)),
        nginx.CREDENTIALS: ("allow_credentials", "true" if credentials else "false"),
        nginx.METHODS: ("allow_methods", ", ".join(methods)),
        nginx.HEADERS: ("allow_headers", ", ".join(headers)),
        nginx.MAX_AGE: ("max_age", str(seconds)),
    }
    settings = []
    for name, (clause, value) in clauses.items():
        said = annotations.get(nginx.PREFIX + name)
        place = enabled if said is None else of.where(said)
        settings.append(Setting(clause, value, place, default=said is None))  # type: ignore[arg-type]  # its literals
    unknown: tuple[Unknown, ...] = ()
    if written is not None and templated(written.text):
        unknown = (Unknown("allow_origins", of.where(written), "it is still a template"),)
    grant = Grant(
        entries=entries,
        credentials=credentials,
        methods=None if credentials and "*" in methods else methods,
        headers=None if credentials and "*" in headers else headers,
        exposed=exposed,
        max_age=seconds,
        settings=tuple(settings),
        unknown=unknown,
        by_default=written is None,
    )
    return hop, grant


def _one_label(wildcard: re.Match[str]) -> re.Pattern[str]:
    return re.compile(f"{re.escape(wildcard[1])}[A-Za-z0-9-]+{re.escape(wildcard[2])}")


def _language(entry: str) -> OriginLanguage:
    if entry == "*":
        return anything()
    wildcard = _WILDCARD.fullmatch(entry)
    if wildcard is None:
        return exactly(entry)
    return labels(wildcard[1], wildcard[2], label="[A-Za-z0-9-]+")


def _items(text: str) -> tuple[str, ...]:
    return tuple(item for part in text.split(",") if (item := part.strip()))
