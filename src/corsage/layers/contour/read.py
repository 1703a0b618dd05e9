"""HTTPProxies of Contour (1.33): one instance for each virtual host, a site for each route.

https://projectcontour.io/docs/1.33/config/cors/. The policy is the virtual host's. What looks like
an origin to Go's URL parser is compared as it stands, ignoring case; everything else is a regex
(RE2, of the whole origin). Preflights of other origins go to the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corsage.browser.exchange import Response, WireRequest
from corsage.layers import rules
from corsage.layers.envoy_filter import CorsFilter
from corsage.layers.gateway_api.matches import Condition, example, route
from corsage.layers.manifests import expressions
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.durations import seconds_of
from corsage.layers.manifests.envoy_route import EnvoyRoute, HeaderEdit
from corsage.layers.manifests.grants import echoed, grant, texts
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.site import ClauseName, Grant, Instance, OriginEntry, Site, Slip
from corsage.layers.source import Reading
from corsage.layers.yaml_document import Value
from corsage.patterns import (
    OriginLanguage,
    Undecided,
    UnsupportedPattern,
    anything,
    exactly,
    nothing,
    regex,
)

GROUP = "projectcontour.io"
PRODUCT = "contour"

_FIELDS: dict[str, ClauseName] = {
    "allowOrigin": "allow_origins",
    "allowCredentials": "allow_credentials",
    "allowMethods": "allow_methods",
    "allowHeaders": "allow_headers",
    "exposeHeaders": "expose_headers",
    "maxAge": "max_age",
}
_KNOWN = (*_FIELDS, "allowPrivateNetwork")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?P<host>[A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>\"]+)")


@dataclass(frozen=True, slots=True)
class _Found:
    """A route of a proxy, with the prefix under which it is included."""

    of: Object
    route: Value
    prefix: str


def read(cluster: Cluster) -> Reading:
    """Every HTTPProxy with a virtual host, and what it includes."""
    instances: list[Instance] = []
    found: list[Slip] = []
    for of in cluster.of_kind("HTTPProxy", GROUP):
        host = of.value.string("spec", "virtualhost", "fqdn").lower()
        cors = of.value.get("spec", "virtualhost", "corsPolicy")
        found += _misplaced(of)
        if not host:
            continue
        filtered, granted = (None, None) if cors is None else _cors(of, cors)
        if cors is not None:
            found += _slips(of, cors)
        secure = of.value.get("spec", "virtualhost", "tls") is not None
        login = (
            Response(401)
            if of.value.get("spec", "virtualhost", "authorization") is not None
            else None
        )
        led: list[tuple[Condition, Site]] = []
        for each in _routes(cluster, of):
            led.append(_site(cluster, each, host, filtered, granted, login))
            if secure and each.route.string("permitInsecure") != "true":
                led.append(_insecure(each, host))
        instances.append(
            Instance(
                product=PRODUCT,
                name=host,
                where=of.where(),
                sites=tuple(site for _, site in led),
                route=route(host, led),
                reached_at=(host,),
            )
        )
    return Reading(instances=tuple(instances), slips=tuple(dict.fromkeys(found)))


def _routes(cluster: Cluster, root: Object) -> Iterator[_Found]:
    """The routes of a proxy and of those that it includes, each of which counts once."""
    waiting, seen = [(root, "")], {(root.namespace, root.name)}
    while waiting:
        of, prefix = waiting.pop()
        for each in of.value.elements("spec", "routes"):
            yield _Found(of, each, prefix)
        for each in of.value.elements("spec", "includes"):
            name = each.string("namespace") or of.namespace, each.string("name")
            included = cluster.find("HTTPProxy", *name, near=of)
            if included is not None and name not in seen:
                seen.add(name)
                waiting.append((included, prefix + _prefix(each)))


def _prefix(holder: Value) -> str:
    return "".join(each.string("prefix").rstrip("/") for each in holder.elements("conditions"))


def _condition(found: _Found, scheme: str) -> Condition:
    path, kind = found.prefix + _prefix(found.route), "PathPrefix"
    headers: list[tuple[str, str, bool]] = []
    for each in found.route.elements("conditions"):
        for name, of_kind in (("exact", "Exact"), ("regex", "RegularExpression")):
            if each.string(name):
                path, kind = found.prefix + each.string(name), of_kind
        header = each.get("header")
        if header is not None and header.string("exact"):
            headers.append((header.string("name"), header.string("exact"), False))
    return Condition(path or "/", kind, headers=tuple(headers), scheme=scheme)


def _site(
    cluster: Cluster,
    found: _Found,
    host: str,
    filtered: CorsFilter | None,
    granted: Grant | None,
    login: Response | None,
) -> tuple[Condition, Site]:
    condition = _condition(found, "")
    upstream = ""
    for service in found.route.elements("services"):
        upstream = cluster.address(found.of.namespace, service.string("name"), service.get("port"))
        break
    redirect = found.route.get("requestRedirectPolicy")
    edit = found.route.get("responseHeadersPolicy")
    hop = EnvoyRoute(
        cors=filtered,
        edit=HeaderEdit(
            removed=tuple(texts(edit, "remove")) if edit is not None else (),
            replaced={
                each.string("name"): each.string("value")
                for each in (edit.elements("set") if edit is not None else ())
            },
        ),
        answer=None if redirect is None else _to_https,
        login=login,
    )
    return condition, Site(
        product=PRODUCT,
        name=f"{found.of.title}: {host}{condition.path}",
        where=found.of.where(found.route),
        match=condition.as_match(host),
        hop=hop,
        grant=granted,
        upstream=upstream,
        example=example(condition),
    )


def _insecure(found: _Found, host: str) -> tuple[Condition, Site]:
    """What the listener without TLS answers."""
    condition = _condition(found, "http")
    return condition, Site(
        product=PRODUCT,
        name=f"{found.of.title}: http {host}{condition.path}",
        where=found.of.where(found.route),
        match=condition.as_match(host),
        hop=EnvoyRoute(answer=_to_https),
        example=example(condition),
    )


def _to_https(request: WireRequest) -> Response:
    rest = request.url.partition("://")[2]
    return Response(301, (("Location", f"https://{rest}"),))


def _is_exact(text: str) -> bool:
    """Whether Go's URL parser takes a text for scheme://host[:port] and nothing else."""
    url = _URL.fullmatch(text)
    if url is None:
        return False
    host = url["host"]
    if host.startswith("["):
        return re.fullmatch(r"\[[^\]]*\](:[0-9]*)?", host) is not None
    return ":" not in host or re.fullmatch(r".*:[0-9]*", host) is not None


def _is_misread(text: str) -> bool:
    """Whether an entry that is compared as it stands was meant as a pattern."""
    return text != "*" and _is_exact(text) and re.search(r"[*+()]", text) is not None


@lru_cache(4096)
def language(text: str) -> OriginLanguage:
    """The origins of an entry."""
    if text == "*":
        return anything()
    if _is_exact(text):
        return exactly(text.lower())
    try:
        return anything() if re.fullmatch(r"[.*+?()^$]*", text) else regex(text, "re2", "full")
    except (UnsupportedPattern, Undecided):
        return nothing()


def _cors(of: Object, cors: Value) -> tuple[CorsFilter, Grant]:
    entries = tuple(
        OriginEntry(each.text, of.where(each), language(each.text))
        for each in cors.elements("allowOrigin")
        if not _is_misread(each.text)
    )
    methods, headers = texts(cors, "allowMethods"), texts(cors, "allowHeaders")
    age = cors.get("maxAge")
    seconds = None if age is None else seconds_of(age.text)
    granted = grant(
        of,
        cors,
        entries,
        seconds,
        methods=echoed(methods),
        headers=echoed(headers),
        fields=_FIELDS,
    )
    machines = [each.language.machine for each in entries]
    return (
        CorsFilter(
            admits=lambda origin: any(origin in machine for machine in machines),
            methods=",".join(methods),
            headers=",".join(headers),
            exposed=",".join(granted.exposed),
            max_age="" if seconds is None else str(seconds),
            credentials=granted.credentials,
        ),
        granted,
    )


def _misplaced(of: Object) -> Iterator[Slip]:
    for holder in (of.value.get("spec"), *of.value.elements("spec", "routes")):
        if holder is not None and holder.get("corsPolicy") is not None:
            yield Slip(
                rules.INERT,
                "corsPolicy stands outside virtualhost",
                of.where_key(holder, "corsPolicy"),
                "Contour has one policy for a virtual host; the API server drops the field.",
                "virtualhost: {fqdn: api.example.com, corsPolicy: {...}}",
            )


def _slips(of: Object, cors: Value) -> Iterator[Slip]:
    for name in cors.keys or ():
        if name not in _KNOWN:
            near = [field for field in _KNOWN if field.lower() == name.lower().rstrip("s")]
            yield Slip(
                rules.NOT_KNOWN_HERE,
                f"corsPolicy has no field {name}",
                of.where_key(cors, name),
                "The API server drops fields that the schema has not, or refuses the object.",
                near[0] if near else None,
            )
    for each in cors.elements("allowOrigin"):
        if each.text == "*" or templated(each.text):
            continue
        if not _is_exact(each.text):
            yield from expressions.slips(of, each)
        elif _is_misread(each.text):
            yield Slip(
                rules.MISREAD,
                f'"{each.text[:60]}" is compared as it stands',
                of.where(each),
                "To Contour it is an origin, since Go's URL parser takes it for a URL. A backslash "
                "before each dot makes it a regex.",
                expressions.of_glob(each.text.replace(".*", "*")),
            )
    for field in ("allowOrigin", "allowMethods"):
        if not cors.elements(field):
            yield Slip(
                rules.INERT,
                f"corsPolicy without {field}",
                of.where(cors),
                "Contour marks the whole HTTPProxy as invalid.",
            )
    for field in ("allowMethods", "allowHeaders"):
        elements = cors.elements(field)
        if len(elements) > 1 and any(each.text == "*" for each in elements):
            star = next(each for each in elements if each.text == "*")
            yield Slip(
                rules.MISREAD,
                f"* beside others in {field} is a name, not a wildcard",
                of.where(star),
                "Contour joins the list, and Envoy knows the wildcard alone.",
                f'{field}: ["*"]',
            )
