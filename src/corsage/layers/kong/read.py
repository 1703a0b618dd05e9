"""Ingresses of Kong's controller with the plugins that they name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers import rules
from corsage.layers.gateway_api.matches import Condition, example, route
from corsage.layers.hops import signed_in
from corsage.layers.kong.cors import Cors, is_regex, language
from corsage.layers.manifests import expressions
from corsage.layers.manifests.backends import Path, paths
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.controllers import ingresses_of
from corsage.layers.manifests.grants import grant, texts
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.manifests.preflights import unrouted_preflights
from corsage.layers.site import ClauseName, Grant, Instance, OriginEntry, Site, Slip
from corsage.layers.source import Reading
from corsage.layers.yaml_document import Value

PRODUCT = "kong"

_PLUGINS = "konghq.com/plugins"
_METHODS = "konghq.com/methods"
_LOGINS = frozenset(["key-auth", "basic-auth", "jwt", "oauth2", "hmac-auth", "ldap-auth"])
_FIELDS: dict[str, ClauseName] = {
    "origins": "allow_origins",
    "credentials": "allow_credentials",
    "methods": "allow_methods",
    "headers": "allow_headers",
    "exposed_headers": "expose_headers",
    "max_age": "max_age",
}


def read(cluster: Cluster) -> Reading:
    """Every Ingress of Kong."""
    led: dict[str, list[tuple[Condition, Site]]] = {}
    owners: dict[str, Object] = {}
    found: list[Slip] = []
    for plugin in cluster.of_kind("KongPlugin"):
        if plugin.value.string("plugin") == "cors":
            found += _slips(plugin)
    for ingress in ingresses_of(cluster, PRODUCT):
        for path in paths(cluster, ingress):
            owners.setdefault(path.host, ingress)
            led.setdefault(path.host, []).extend(_sites(cluster, path))
    instances = tuple(
        Instance(
            product=PRODUCT,
            name=host or "*",
            where=owners[host].where(),
            sites=tuple(site for _, site in pairs),
            route=route(host, pairs),
            reached_at=(host or "_",),
        )
        for host, pairs in led.items()
    )
    for instance in instances:
        found += unrouted_preflights(instance)
    return Reading(instances=instances, slips=tuple(dict.fromkeys(found)))


def _plugins(cluster: Cluster, path: Path) -> Iterator[Object]:
    """The plugins of a path: those of its Ingress, then those of its Service."""
    _, _, rest = path.upstream.partition("service/")
    namespace, _, service = rest.rpartition(":")[0].partition("/")
    behind = cluster.find("Service", namespace, service, near=path.ingress)
    for holder in (path.ingress, *([] if behind is None else [behind])):
        for name in holder.value.string("metadata", "annotations", _PLUGINS).split(","):
            plugin = cluster.find("KongPlugin", holder.namespace, name.strip(), near=holder)
            if plugin is not None:
                yield plugin


def _sites(cluster: Cluster, path: Path) -> Iterator[tuple[Condition, Site]]:
    cors: Cors | None = None
    granted: Grant | None = None
    login = False
    for plugin in _plugins(cluster, path):
        if plugin.value.string("plugin") in _LOGINS:
            login = True
        elif plugin.value.string("plugin") == "cors" and cors is None:
            cors, granted = _read(plugin)
    methods = path.ingress.value.string("metadata", "annotations", _METHODS)
    for method in [each.strip().upper() for each in methods.split(",")] if methods else [""]:
        condition = Condition(path.path, "Exact" if path.exact else "PathPrefix", method)
        yield (
            condition,
            Site(
                product=PRODUCT,
                name=path.name,
                where=path.ingress.where(path.value.get("path") or path.value),
                match=condition.as_match(path.host),
                hop=partial(_hop, cors, login),
                grant=granted,
                upstream=path.upstream,
                example=example(condition),
            ),
        )


def _hop(cors: Cors | None, login: bool, request: WireRequest, service: Server) -> Response | None:
    def behind(onward: WireRequest) -> Response:
        if login and not signed_in(onward):
            return Response(401)
        return service(onward) or Response(502)

    return behind(request) if cors is None else cors(request, behind)


def _read(plugin: Object) -> tuple[Cors, Grant]:
    config = plugin.value.get("config") or plugin.value
    origins = texts(config, "origins")
    headers = texts(config, "headers")
    age = config.string("max_age")
    entries = tuple(
        OriginEntry(each.text, plugin.where(each), language(each.text))
        for each in config.elements("origins")
    )
    granted = grant(
        plugin,
        config,
        entries or (OriginEntry("*", plugin.where(config), language("*")),),
        int(age) if age.isdecimal() and len(age) < 10 else None,
        methods=texts(config, "methods") or None,
        headers=headers or None,
        fields=_FIELDS,
        defaults={"allow_origins": "*"},
        by_default=not entries,
    )
    cors = Cors(
        origins=origins,
        methods=texts(config, "methods"),
        headers=headers,
        exposed=granted.exposed,
        max_age=age,
        credentials=granted.credentials,
        continues=config.string("preflight_continue") == "true",
        absent=config.string("allow_origin_absent") != "false",
    )
    return cors, granted


def _slips(plugin: Object) -> Iterator[Slip]:
    origins: list[Value] = plugin.value.elements("config", "origins")
    for each in origins:
        if templated(each.text) or each.text == "*":
            continue
        if is_regex(each.text):
            yield from expressions.slips(plugin, each, "pcre")
        elif "://" not in each.text:
            yield Slip(
                rules.MISREAD,
                f'"{each.text[:60]}" has no scheme, and fits no origin',
                plugin.where(each),
                "Kong compares it with scheme://host[:port]; alone in its list it is sent to "
                "everybody as it stands.",
                f"https://{each.text}",
            )
