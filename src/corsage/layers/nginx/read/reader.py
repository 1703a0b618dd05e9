"""From files to instances: one for each server block, with a site for each location."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import dirname

from corsage.browser.exchange import Response, WireRequest
from corsage.browser.exchange import Server as Service
from corsage.layers import rules
from corsage.layers.nginx.read.configuration import Nginx, Server, nginx_of
from corsage.layers.nginx.read.examples import example_of
from corsage.layers.nginx.read.grants import grant_of
from corsage.layers.nginx.read.includes import Includes
from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.maps import Map
from corsage.layers.nginx.read.run import location_of, outcome_of
from corsage.layers.nginx.read.slips import slips_of
from corsage.layers.nginx.read.state import Asked
from corsage.layers.nginx.read.syntax import Parsed, parse
from corsage.layers.nginx.read.values import text_of
from corsage.layers.nginx.read.world import Known
from corsage.layers.site import Instance, Match, OriginEntry, Site, Slip
from corsage.layers.source import Reader, Reading
from corsage.layers.target import Hop
from corsage.layers.where import Where
from corsage.patterns import Undecided

PRODUCT = "nginx"

_SIGNS = re.compile(
    r"^\s*(?:(?:http\s*|server\s*|location\s[^;{}]*|upstream\s[^;{}]*|map\s[^;{}]*)\{"
    r"|(?:add_header|more_set_headers|more_clear_headers|proxy_pass|proxy_set_header|"
    r"proxy_hide_header|server_name|listen|fastcgi_pass)\s[^;{}]*;)",
    re.MULTILINE,
)
_OTHERS = re.compile(
    r"^\s*(?:<(?:VirtualHost|Directory|Location|IfModule)\b|(?:frontend|backend|defaults)\s*\w*$)",
    re.MULTILINE,
)
_OTHER_FILES = re.compile(
    r"\.(?:md|rst|txt|py|js|mjs|ts|go|rs|rb|php|java|sh|ya?ml|json|toml|html?|css|lua|service|sql)$"
    r"|(?:^|/)[^/]*dockerfile[^/]*$",
    re.IGNORECASE,
)
_CORS = re.compile("access-control-|_by_lua|js_header_filter", re.IGNORECASE)
_A_PAGE = "https://app.example"
_SITE_KINDS = {"=": "exact", "~": "regex", "~*": "regex"}


def detect(path: str, text: str) -> bool:
    """Whether a file is nginx's, or a template of one."""
    return (
        not _OTHER_FILES.search(path)
        and _SIGNS.search(text) is not None
        and _OTHERS.search(text) is None
    )


def link(files: Mapping[str, Parsed]) -> Reading:
    """Every server of every file that no other includes."""
    includes = Includes(files)
    found: list[tuple[str, Nginx]] = []
    for path, parsed in files.items():
        if path not in includes.included:
            nginx = nginx_of(parsed, includes)
            if nginx is not None:
                found.append((path, nginx))
    _share_maps(found)
    slips = [slip for _, nginx in found for slip in slips_of(nginx)]
    instances = []
    for path, nginx in found:
        for server, instance in _instances(path, nginx, files[path]):
            instances.append(instance)
            slips += _counted(server, instance)
    return Reading(instances=tuple(instances), slips=tuple(slips))


READER = Reader("nginx", detect, parse, link)


def _share_maps(found: list[tuple[str, Nginx]]) -> None:
    """Files of one folder are mostly included together by one that is not here."""
    by_folder: dict[str, dict[str, Map | None]] = {}
    for path, nginx in found:
        tables = by_folder.setdefault(dirname(path), {})
        for name, table in nginx.maps.items():
            tables[name] = None if name in tables else table
    for path, nginx in found:
        tables = by_folder[dirname(path)]
        nginx.others = {name: table for name, table in tables.items() if table is not None}


def _instances(path: str, nginx: Nginx, parsed: Parsed) -> Iterator[tuple[Server, Instance]]:
    defaults: dict[str, Server] = {}
    for server in nginx.servers:
        for address in server.listens:
            if address not in defaults or address in server.defaults:
                defaults[address] = server
    for server in nginx.servers:
        if server.fragment and not _CORS.search(parsed.text.text):
            continue
        yield server, _instance(path, server, defaults)


def _instance(path: str, server: Server, defaults: Mapping[str, Server]) -> Instance:
    sites: dict[Level, Site] = {}
    concerned = _is_concerned(server)
    for level in _located(server.level):
        example = example_of(level, server.level)
        sites[level] = _site(server, level, example, concerned)
    if all(level.path != "/" or level.modifier != "" for level in sites):
        sites[server.level] = _site(server, server.level, "/", concerned)

    def route(request: WireRequest) -> Site | None:
        level = location_of(server, *_asked(request), _nobody)
        return sites.get(level) or sites.get(server.level)

    names = [name for name in server.names if not name.startswith("~")]
    ports = [f":{address.rpartition(':')[2]}" for address in server.listens]
    default = [
        port
        for port, address in zip(ports, server.listens, strict=True)
        if defaults.get(address) is server and not address.startswith("unix:")
    ]
    return Instance(
        product=PRODUCT,
        name=names[0] if names else path,
        where=server.level.directive.where,
        sites=tuple(sites.values()),
        route=route,
        unrouted=_hop(server),
        reached_at=(*(name.removeprefix(".") for name in names), *dict.fromkeys(default)),
    )


def _located(level: Level) -> Iterator[Level]:
    for each in level.locations:
        if each.modifier != "@" and "internal" not in each.own:
            yield each
            yield from _located(each)


def _site(server: Server, level: Level, example: str | None, concerned: bool) -> Site:
    path = example or "/"
    url = _url(server)
    probe = WireRequest("actual", "GET", f"{url}{path}", (), credentials=True)
    grant = grant_of(server, path, url) if concerned and example is not None else None
    upstream = outcome_of(server, *_asked(probe), _nobody).upstream or ""
    return Site(
        product=PRODUCT,
        name=level.title,
        where=level.directive.where,
        match=_match(server, level),
        hop=_hop(server),
        grant=grant,
        upstream=upstream,
        example=path,
        limit=_limit(server, path, _A_PAGE) if upstream and grant is None else None,
    )


def _counted(server: Server, instance: Instance) -> Iterator[Slip]:
    """Limits of rates that count preflights of locations with CORS."""
    seen: set[Where] = set()
    for site in instance.sites:
        entries = site.grant.entries if site.grant is not None else ()
        limit = _limit(server, site.example, _an_origin_of(entries[0])) if entries else None
        if limit is not None and limit.where not in seen:
            seen.add(limit.where)
            yield limit


def _limit(server: Server, path: str, origin: str) -> Slip | None:
    asked = (("Origin", origin), ("Access-Control-Request-Method", "PUT"))
    request = WireRequest("preflight", "OPTIONS", f"{_url(server)}{path}", asked)
    limit = outcome_of(server, *_asked(request), _nobody).counted
    if limit is None:
        return None
    return Slip(
        rules.PREFLIGHT_COUNTED,
        "the limit counts preflights",
        limit.where,
        why="A page that asks first is stopped after half as many requests, and sees a CORS "
        "error instead of the limit.",
        fix='map $request_method $limited { OPTIONS ""; default $binary_remote_addr; } '
        "and limit_req_zone $limited ...;",
        witness=f"OPTIONS {path} from {origin}",
    )


def _an_origin_of(entry: OriginEntry) -> str:
    """An origin that an entry admits."""
    if entry.text in entry.language:
        return entry.text
    try:
        return entry.language.shortest() or "null"
    except Undecided:
        return "null"


def _hop(server: Server) -> Hop:
    """What the whole server does with a request: its location is found again on the way."""

    def hop(request: WireRequest, service: Service) -> Response | None:
        outcome = outcome_of(server, *_asked(request), service)
        if not outcome.status:
            return None
        lines = tuple((line.name, text_of(line.value) or "") for line in outcome.lines)
        return Response(outcome.status, lines)

    return hop


def _asked(request: WireRequest) -> tuple[Asked, Known]:
    named = [value for name, value in request.headers if name.lower() == "origin"]
    return Asked.by(request), Known(named[0] if named else "")


def _nobody(_request: WireRequest) -> Response:
    return Response(200)


def _match(server: Server, level: Level) -> Match:
    hosts = tuple(name for name in server.names if not name.startswith("~"))
    if level.kind == "server":
        return Match(hosts=hosts)
    if level.modifier in ("~", "~*"):
        return Match(hosts=hosts, path=level.path, kind="regex")
    return Match(hosts=hosts, path=level.path, kind="exact" if level.modifier == "=" else "prefix")


def _url(server: Server) -> str:
    """A URL that reaches the server."""
    secure = any(address.endswith(":443") for address in server.listens) or any(
        "ssl" in one.args for one in server.level.own.get("listen", ())
    )
    plain = [name for name in server.names if re.fullmatch(r"(?:\*|\.)?[a-z0-9.-]+", name)]
    host = plain[0].replace("*.", "any.").removeprefix(".") if plain else "localhost"
    return f"{'https' if secure else 'http'}://{host}"


def _is_concerned(server: Server) -> bool:
    """Whether anything in or around a server speaks of CORS."""
    levels = [*server.level.inwards(), server.nginx.http]
    return any(
        _CORS.search(word)
        for level in levels
        for name, directives in level.own.items()
        for directive in directives
        for word in (name, *directive.args)
    )
