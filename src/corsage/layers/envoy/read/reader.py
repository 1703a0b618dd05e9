"""From files to instances: one for each connection manager, with a site for each route."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from posixpath import dirname
from typing import TypeAlias

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.envoy.read.file import Part
from corsage.layers.envoy.read.run import Manager
from corsage.layers.envoy.read.slips import slips_of
from corsage.layers.possible import Known, grant_of
from corsage.layers.site import Instance, Match, Site, Slip
from corsage.layers.source import Reader, Reading, Source
from corsage.layers.target import Hop
from corsage.layers.yaml_document import documents

PRODUCT = "envoy"
_SIGNS = re.compile(
    r"""^[\s{-]*["']?(?:static_resources|dynamic_resources|virtual_?[hH]osts|filter_?[cC]hains|"""
    r"""resources|staticResources|load_assignment)["']?\s*:""",
    re.MULTILINE,
)
_OBJECT = re.compile(r"""^["']?(?:apiVersion)["']?\s*:""", re.MULTILINE)
_Addresses: TypeAlias = Callable[[Part], str]
_MANAGER = "HttpConnectionManager"
_DEEPEST = 12
_OPTIONAL = re.compile(r"(?:\\\.\?)?\(\?::[^()]*\)\??$")
_HOST = re.compile(r"[a-z0-9.-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds: listeners, clusters, route configurations."""

    listeners: tuple[Part, ...]
    clusters: tuple[Part, ...]
    routes: tuple[Part, ...]


def detect(_path: str, text: str) -> bool:
    """Whether a file is Envoy's own, and no object of Kubernetes that holds some of it."""
    return _SIGNS.search(text) is not None and _OBJECT.search(text) is None


def parse(source: Source) -> Parsed:
    """The resources of a file."""
    lines = tuple(source.text.splitlines())
    listeners: list[Part] = []
    clusters: list[Part] = []
    routes: list[Part] = []
    for value in documents(source):
        root = Part(source.path, lines, value)
        if root.get("apiVersion") is not None:
            continue
        listeners += root.all("static_resources", "listeners")
        clusters += root.all("static_resources", "clusters")
        for each in root.all("resources"):
            kinds = {"Listener": listeners, "Cluster": clusters, "RouteConfiguration": routes}
            if each.type in kinds:
                kinds[each.type].append(each)
        if root.get("virtual_hosts") is not None:
            routes.append(root)
        elif (config := root.get("route_config")) is not None:
            routes.append(config)
    return Parsed(tuple(listeners), tuple(clusters), tuple(routes))


def link(files: Mapping[str, Parsed]) -> Reading:
    """Every connection manager of every listener, and routes that no listener here uses."""
    clusters = {
        (dirname(path), each.text("name")): each
        for path, parsed in files.items()
        for each in parsed.clusters
    }
    configurations = {
        (dirname(path), each.text("name")): each
        for path, parsed in files.items()
        for each in parsed.routes
    }
    instances: list[Instance] = []
    used: set[int] = set()
    slips: list[Slip] = []
    for path, parsed in files.items():
        addresses = partial(_address, clusters, dirname(path))
        for listener in parsed.listeners:
            for config in _managers(listener):
                routes = config.get("route_config")
                if routes is None:
                    name = config.text("rds", "route_config_name")
                    routes = configurations.get((dirname(path), name))
                if routes is None:
                    continue
                used.add(id(routes.value))
                manager = Manager(config, routes)
                instance = _instance(listener, manager, addresses)
                instances.append(instance)
                slips += slips_of(manager)
    return Reading(instances=tuple(instances), slips=tuple(dict.fromkeys(slips)))


READER = Reader("envoy", detect, parse, link)


def _managers(listener: Part) -> Iterator[Part]:
    chains = listener.all("filter_chains")
    if (default := listener.get("default_filter_chain")) is not None:
        chains.append(default)
    for chain in chains:
        for each in chain.all("filters"):
            config = each.get("typed_config")
            if config is not None and config.type == _MANAGER:
                yield config
    api = listener.get("api_listener", "api_listener")
    if api is not None and api.type == _MANAGER:
        yield api


def _instance(listener: Part, manager: Manager, addresses: _Addresses) -> Instance:
    sites: dict[int, Site] = {}
    merged: dict[tuple[object, ...], Site] = {}
    hop = partial(_hop, manager)
    for host in manager.virtual_hosts:
        hosts = () if manager.routes.text("vhost_header") else _hosts(host)
        for route, above in _routes(host):
            match = _match(route, hosts, above)
            key = (match.hosts, match.path, match.kind)
            if key in merged and (not match.methods or match.methods == ("OPTIONS",)):
                sites[id(route.value)] = merged[key]
                continue
            site = _site(manager, route, match, hop, addresses)
            sites[id(route.value)] = site
            merged.setdefault(key, site)

    def taken(request: WireRequest) -> Site | None:
        levels = manager.routed(manager.asked(request), Known())
        return None if levels.route is None else sites.get(id(levels.route.value))

    port = listener.text("address", "socket_address", "port_value")
    hosts = tuple(name for site in sites.values() for name in site.match.hosts)
    return Instance(
        product=PRODUCT,
        name=listener.text("name") or (f":{port}" if port else PRODUCT),
        where=listener.where,
        sites=tuple({id(site): site for site in sites.values()}.values()),
        route=taken,
        reached_at=(*dict.fromkeys(hosts), *((f":{port}",) if port else ())),
        unrouted=hop,
    )


def _hop(manager: Manager, request: WireRequest, service: Server) -> Response | None:
    answer = manager(request, Known(), service)
    return None if answer is None else answer.response


def _hosts(host: Part) -> tuple[str, ...]:
    names = [each.value.text.lower() for each in host.all("domains")]
    return () if "*" in names else tuple(dict.fromkeys(re.sub(r":\d+$", "", n) for n in names))


@dataclass(frozen=True, slots=True)
class _Above:
    """What the matchers above a route say of its requests."""

    path: str = ""
    hosts: tuple[str, ...] = ()


def _routes(host: Part) -> Iterator[tuple[Part, _Above]]:
    for route in host.all("routes"):
        yield route, _Above()
    yield from _in_matcher(host.get("matcher"), _Above(), 0)


def _in_matcher(matcher: Part | None, above: _Above, depth: int) -> Iterator[tuple[Part, _Above]]:
    """The routes below a matcher."""
    if matcher is None or depth > _DEEPEST:
        return
    ways = [
        (replace(above, hosts=_named_host(each) or above.hosts), each.get("on_match"))
        for each in matcher.all("matcher_list", "matchers")
    ]
    for kind in ("exact_match_map", "prefix_match_map"):
        for key, on_match in matcher.items("matcher_tree", kind, "map"):
            path = key.rstrip("/") or "/" if key.startswith("/") else above.path
            ways.append((replace(above, path=path), on_match))
    ways.append((above, matcher.get("on_no_match")))
    for below, way in ways:
        if way is None:
            continue
        action = way.get("action", "typed_config")
        if action is not None:
            for route in action.all("routes") or [action]:
                yield route, below
        yield from _in_matcher(way.get("matcher"), below, depth + 1)


def _named_host(each: Part) -> tuple[str, ...]:
    """The host that a predicate asks for, if it is one."""
    predicate = each.get("predicate", "single_predicate")
    if predicate is None:
        return ()
    if predicate.text("input", "typed_config", "header_name").lower() not in (":authority", "host"):
        return ()
    text = predicate.text("value_match", "exact")
    pattern = predicate.text("value_match", "safe_regex", "regex")
    if pattern:
        text = _OPTIONAL.sub("", pattern.removeprefix("(?i)")).replace("\\.", ".")
    return (text,) if _HOST.fullmatch(text) else ()


def _match(route: Part, hosts: tuple[str, ...], above: _Above) -> Match:
    match = route.get("match")
    if match is None:
        return Match(hosts=hosts)
    methods = tuple(
        value
        for each in match.all("headers")
        if each.text("name") == ":method" and not each.true("invert_match")
        for value in [each.text("string_match", "exact") or each.text("exact_match")]
        if value
    )
    hosts = above.hosts or hosts
    if above.path:
        return Match(hosts, above.path, "segments", methods)
    for name, kind in (("path", "exact"), ("path_separated_prefix", "segments")):
        if text := match.text(name):
            return Match(hosts, text, kind, methods)  # type: ignore[arg-type]  # its literals
    if text := match.text("safe_regex", "regex"):
        return Match(hosts, text, "regex", methods)
    return Match(hosts, match.text("prefix") or "/", "prefix", methods)


def _site(manager: Manager, route: Part, match: Match, hop: Hop, addresses: _Addresses) -> Site:
    example = "/" if match.kind == "regex" else match.path
    host = next(iter(match.hosts), "localhost").replace("*", "any")
    url = f"http://{host}{example}"
    shown = f"{match.kind} {match.path}" if match.kind != "prefix" else f"prefix {match.path}"
    return Site(
        product=PRODUCT,
        name=f"{' '.join((*match.hosts, ''))}{shown}",
        where=route.where,
        match=match,
        hop=hop,
        grant=grant_of(manager, url, route.where, match.methods or ("GET",)),
        upstream=addresses(route),
        example=example,
    )


def _address(clusters: Mapping[tuple[str, str], Part], folder: str, route: Part) -> str:
    name = route.text("route", "cluster")
    for each in route.all("route", "weighted_clusters", "clusters")[:1]:
        name = each.text("name")
    cluster = clusters.get((folder, name))
    if cluster is None:
        return ""
    for group in cluster.all("load_assignment", "endpoints"):
        for endpoint in group.all("lb_endpoints"):
            place = endpoint.get("endpoint", "address", "socket_address")
            if place is not None:
                secure = cluster.get("transport_socket") is not None
                port = place.text("port_value")
                return f"{'https' if secure else 'http'}://{place.text('address')}:{port}"
    return ""
