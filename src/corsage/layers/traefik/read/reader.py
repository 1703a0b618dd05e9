"""From files to instances: one for each folder of the file provider, and each Compose file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname

from corsage.browser.exchange import WireRequest
from corsage.layers import rules
from corsage.layers.manifests.objects import Object, templated
from corsage.layers.possible import Known, grant_of
from corsage.layers.site import Instance, Site, Slip
from corsage.layers.source import Reader, Reading, Source
from corsage.layers.traefik.manifests import match_of
from corsage.layers.traefik.middlewares import LOGINS
from corsage.layers.traefik.read.run import Middleware, Router, Traefik
from corsage.layers.traefik.read.sources import labels, roots
from corsage.layers.traefik.rule import RuleError
from corsage.layers.traefik.rule import parse as parse_rule
from corsage.layers.traefik.settings import slips as slips_of
from corsage.layers.where import Where
from corsage.layers.yaml_document import Value

PRODUCT = "traefik"
_SIGNS = re.compile(
    r"""^\s*["']?(?:routers|middlewares)["']?\s*:|^\s*\[+\s*http\.(?:routers|middlewares)|"""
    r"""traefik\.http\.""",
    re.MULTILINE | re.IGNORECASE,
)
_OBJECT = re.compile(r"""^["']?(?:apiVersion)["']?\s*:""", re.MULTILINE)
_MOST_MIDDLEWARES = 50


@dataclass(frozen=True, slots=True)
class Part:
    """What one file, or one container, says. ``container`` "" is the file provider."""

    of: Object
    http: Value
    container: str = ""
    ports: tuple[str, ...] = ()


def detect(_path: str, text: str) -> bool:
    """Whether a file holds routers or middlewares, and is no object of Kubernetes."""
    return _SIGNS.search(text) is not None and _OBJECT.search(text) is None


def parse(source: Source) -> tuple[Part, ...]:
    """The parts of a file."""
    found = []
    for root in roots(source):
        of = Object(source.path, 0, source.text, root)
        ports = tuple(
            f":{each.string('address').rpartition(':')[2].partition('/')[0]}"
            for _, each in root.items("entryPoints")
        )
        http = root.get("http")
        if http is not None or ports:
            found.append(Part(of, http or Value({}, 1, 1), "", ports))
    for name, tree in labels(source):
        of = Object(source.path, 0, source.text, tree)
        http = tree.get("http")
        if http is not None:
            found.append(Part(of, http, name))
    return tuple(found)


def link(files: Mapping[str, tuple[Part, ...]]) -> Reading:
    """The routers of every folder and of every Compose file."""
    groups: dict[str, list[Part]] = defaultdict(list)
    everywhere: dict[str, Middleware] = {}
    for path, parts in files.items():
        for part in parts:
            groups[path if part.container else f"{dirname(path)}/"].append(part)
            for name, value in part.http.items("middlewares"):
                everywhere.setdefault(name, Middleware(name, part.of, value))
    instances: list[Instance] = []
    slips: list[Slip] = []
    for group in groups.values():
        own = {
            name: Middleware(name, part.of, value)
            for part in group
            for name, value in part.http.items("middlewares")
        }
        for middleware in own.values():
            options = middleware.value.get("headers")
            if options is not None:
                slips += slips_of(middleware.of, options)
        instance = _instance(group, {**everywhere, **own}, slips)
        if instance is not None:
            instances.append(instance)
    return Reading(instances=tuple(instances), slips=tuple(dict.fromkeys(slips)))


READER = Reader("traefik", detect, parse, link)


def _instance(
    group: list[Part], middlewares: Mapping[str, Middleware], slips: list[Slip]
) -> Instance | None:
    written = [
        (part, name, value)
        for part in group
        for name, value in part.http.items("routers")
        if value.string("rule")
    ]
    secure = any(_is_secure(value) for _, _, value in written)
    services = _services(group)
    routers: list[tuple[Router, str]] = []
    for part, name, value in written:
        router = _router(part, name, value, middlewares, slips, secure)
        if router is not None:
            routers.append((router, _upstream(part, value, services)))
    if not routers:
        return None
    routers.sort(key=lambda each: -each[0].rank)
    traefik = Traefik(tuple(router for router, _ in routers))
    sites: dict[str, Site] = {}
    merged: dict[tuple[object, ...], Site] = {}
    for router, upstream in sorted(routers, key=lambda each: _is_for_preflights(each[0])):
        match = match_of(router.rule)
        key = (match.hosts, match.path, match.kind)
        if key in merged and (not match.methods or _is_for_preflights(router)):
            sites[router.name] = merged[key]
            continue
        example = match.path if match.kind != "regex" else _example(match.path)
        host = next(iter(match.hosts), "localhost")
        scheme = router.scheme or "http"
        run = traefik
        sites[router.name] = Site(
            product=PRODUCT,
            name=router.name,
            where=router.where,
            match=match,
            hop=traefik.hop,
            grant=grant_of(
                run, f"{scheme}://{host}{example}", router.where, match.methods or ("GET",)
            ),
            upstream=upstream,
            example=example,
        )
        merged.setdefault(key, sites[router.name])

    def taken(request: WireRequest) -> Site | None:
        router = traefik.router(request, Known())
        return None if router is None else sites.get(router.name)

    hosts = [host for site in sites.values() for host in site.match.hosts]
    ports = [port for part in group for port in part.ports]
    return Instance(
        product=PRODUCT,
        name=PRODUCT,
        where=routers[0][0].where,
        sites=tuple({id(site): site for site in sites.values()}.values()),
        route=taken,
        reached_at=(*dict.fromkeys([*hosts, *ports]),) or ("_",),
        unrouted=traefik.hop,
    )


def _is_for_preflights(router: Router) -> bool:
    return match_of(router.rule).methods == ("OPTIONS",)


def _example(regex: str) -> str:
    """A path for a regex that is a path, but for its ends."""
    text = re.sub(r"\(\?:/\|\$\)$|\$$", "", regex.removeprefix("^"))
    plain = re.sub(r"\\(.)", r"\1", text)
    return plain if re.fullmatch(r"/[\w./-]*", plain) else "/"


def _is_secure(router: Value) -> bool:
    names = [each.text for each in router.elements("entryPoints")]
    return router.get("tls") is not None or "websecure" in names


def _router(
    part: Part,
    name: str,
    value: Value,
    middlewares: Mapping[str, Middleware],
    slips: list[Slip],
    secure: bool,
) -> Router | None:
    said = value.get("rule") or value
    where = part.of.where(said)
    try:
        rule = parse_rule(value.string("rule"))
    except RuleError as error:
        if not templated(said.text):
            message = f"the rule of the router cannot be read: {error}"
            slips.append(Slip(rules.INERT, message, where, "Traefik does not start the router."))
        return None
    chain, missing = [], False
    for reference in _flattened(value, middlewares):
        if isinstance(reference, Middleware):
            chain.append(reference)
        elif not templated(reference.text):
            missing = missing or reference.text.partition("@")[2] in ("", "file", "docker")
            if missing:
                slips.append(_not_there(part, name, reference))
    slips += _order(chain)
    priority = value.string("priority")
    number = int(priority) if re.fullmatch(r"-?\d{1,18}", priority) else 0
    scheme = ("https" if _is_secure(value) else "http") if secure and _says(value) else ""
    return Router(
        name=name,
        rule=rule,
        rank=number or len(value.string("rule")),
        scheme=scheme,
        middlewares=tuple(chain),
        where=where,
        broken=missing,
        internal=value.string("service").endswith("@internal"),
    )


def _says(router: Value) -> bool:
    return bool(router.elements("entryPoints")) or router.get("tls") is not None


def _flattened(router: Value, known: Mapping[str, Middleware]) -> Iterator[Middleware | Value]:
    """The middlewares in order, those of chains in their place; a name where nothing is."""
    waiting = router.elements("middlewares")[::-1]
    for _ in range(_MOST_MIDDLEWARES):
        if not waiting:
            return
        reference = waiting.pop()
        found = known.get(reference.text.partition("@")[0])
        if found is None:
            yield reference
        elif found.value.get("chain") is not None:
            waiting += found.value.elements("chain", "middlewares")[::-1]
        else:
            yield found


def _not_there(part: Part, name: str, reference: Value) -> Slip:
    return Slip(
        rules.INERT,
        f"there is no middleware {reference.text}",
        part.of.where(reference),
        f"Traefik leaves the router {name} out, and answers its requests with 404.",
    )


def _order(chain: list[Middleware]) -> Iterator[Slip]:
    """Guards before the middleware that answers preflights."""
    for number, middleware in enumerate(chain):
        if middleware.headers is None or not middleware.headers.has_cors:
            continue
        for before in chain[:number]:
            if any(before.value.get(kind) is not None for kind in LOGINS):
                yield Slip(
                    rules.MIDDLEWARE_ORDER,
                    f"{before.name} stands before {middleware.name}",
                    _place(before),
                    "It asks preflights to log in, and its 401 has no CORS headers. Name "
                    f"{middleware.name} first.",
                )
            elif before.value.get("rateLimit") is not None:
                yield Slip(
                    rules.PREFLIGHT_COUNTED,
                    f"{before.name} counts preflights",
                    _place(before),
                    f"It stands before {middleware.name}, which answers them. Name that first.",
                )


def _place(middleware: Middleware) -> Where:
    return middleware.of.where(middleware.value)


def _services(group: list[Part]) -> dict[str, str]:
    """The addresses of services by name."""
    found = {}
    for part in group:
        for name, value in part.http.items("services"):
            for server in value.elements("loadBalancer", "servers")[:1]:
                found[name] = server.string("url")
            port = value.string("loadBalancer", "server", "port")
            if part.container:
                scheme = value.string("loadBalancer", "server", "scheme") or "http"
                found[name] = f"{scheme}://{part.container}{f':{port}' if port else ''}"
    return found


def _upstream(part: Part, router: Value, services: Mapping[str, str]) -> str:
    name = router.string("service").partition("@")[0]
    if not name and part.container:
        own = [each for each, _ in part.http.items("services")]
        return services.get(own[0], "") if own else f"http://{part.container}"
    return services.get(name, "")
