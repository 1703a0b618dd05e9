"""Ingresses of the two controllers that drive HAProxy, header for header.

``haproxy-ingress.github.io`` (0.16 and 0.17) allows credentials unless told otherwise and sends
back whoever asks where no list says who may; it answers every OPTIONS itself. ``haproxy.org`` (3.2)
takes its one origin for a regex that may match anywhere, sends ``*`` where there is none, and lets
OPTIONS through unless told to answer. What they set replaces what the service sent, on every
response to an origin that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers import rules
from corsage.layers.hops import header, with_headers
from corsage.layers.ingress_nginx.annotations import boolean
from corsage.layers.ingress_nginx.locations import Place, route
from corsage.layers.manifests.backends import Path, old_version, paths
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.controllers import ingresses_of
from corsage.layers.manifests.durations import seconds_of
from corsage.layers.manifests.objects import Object
from corsage.layers.site import (
    ClauseName,
    Grant,
    Instance,
    Match,
    OriginEntry,
    Setting,
    Site,
    Slip,
)
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

_PREFIXES = {
    "haproxy-ingress": ("haproxy-ingress.github.io/", "ingress.kubernetes.io/"),
    "haproxytech": ("haproxy.org/",),
}
_CLAUSES: Mapping[str, ClauseName] = {
    "cors-allow-origin": "allow_origins",
    "cors-allow-credentials": "allow_credentials",
    "cors-allow-methods": "allow_methods",
    "cors-allow-headers": "allow_headers",
    "cors-expose-headers": "expose_headers",
    "cors-max-age": "max_age",
}
_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "haproxy-ingress": {
        "cors-allow-origin": "*",
        "cors-allow-credentials": "true",
        "cors-allow-methods": "GET, PUT, POST, DELETE, PATCH, OPTIONS",
        "cors-allow-headers": "DNT,X-CustomHeader,Keep-Alive,User-Agent,X-Requested-With,"
        "If-Modified-Since,Cache-Control,Content-Type,Authorization",
        "cors-max-age": "86400",
    },
    "haproxytech": {
        "cors-allow-origin": "*",
        "cors-allow-credentials": "false",
        "cors-allow-methods": "*",
        "cors-allow-headers": "*",
        "cors-max-age": "5s",
    },
}


_ASKED = {
    "Access-Control-Allow-Methods": "Access-Control-Request-Method",
    "Access-Control-Allow-Headers": "Access-Control-Request-Headers",
}


@dataclass(frozen=True, slots=True)
class Cors:
    """What is set on responses to origins that ``admits`` lets in. ``literal``: ``*`` is sent as
    it stands; ``echoes``: ``*`` in a list stands for what was asked for; ``answers``: OPTIONS
    does not reach the service; ``varies``: ``Vary`` is sent."""

    admits: Callable[[str], bool]
    headers: Mapping[str, str]
    max_age: str
    literal: bool = False
    echoes: bool = False
    answers: bool = False
    varies: bool = False

    def __call__(self, request: WireRequest, service: Server) -> Response | None:
        """The settings as a hop."""
        answers = self.answers and request.method == "OPTIONS"
        if answers and self.echoes:
            response = Response(204, (("Access-Control-Max-Age", self.max_age),))
        elif answers:
            response = Response(204)
        else:
            response = service(request) or Response(503)
        origin = header(request, "Origin")
        if not origin or not self.admits(origin):
            return response
        found = {"Access-Control-Allow-Origin": "*" if self.literal else origin}
        for name, value in self.headers.items():
            wildcard = value == "*" and self.echoes and name in _ASKED
            told = header(request, _ASKED[name]) if wildcard else value
            if told:
                found[name] = told
        if not self.echoes:
            found["Access-Control-Max-Age"] = self.max_age
        response = with_headers(response, found)
        return self._varied(response) if self.varies else response

    def _varied(self, response: Response) -> Response:
        lines = [value for name, value in response.headers if name.lower() == "vary"]
        tokens = [token.strip() for line in lines for token in line.split(",")]
        if "Origin" in tokens:
            return response
        return with_headers(response, {"Vary": f"{lines[-1]},Origin" if lines else "Origin"})


def read(cluster: Cluster) -> Reading:
    """Every Ingress of either controller."""
    led: dict[tuple[str, str], list[tuple[Path, Cors | None, Grant | None]]] = {}
    found: list[Slip] = []
    for product in _PREFIXES:
        for ingress in ingresses_of(cluster, product):
            found += old_version(ingress)
            values = _values(ingress, product)
            cors, granted = _read(ingress, product, values)
            found += _slips(ingress, product, values, cors)
            for path in paths(cluster, ingress):
                led.setdefault((product, path.host), []).append((path, cors, granted))
    instances = tuple(_instance(product, host, each) for (product, host), each in led.items())
    return Reading(instances=instances, slips=tuple(dict.fromkeys(found)))


def _values(ingress: Object, product: str) -> dict[str, tuple[str, Value]]:
    """The annotations of a controller by their short names, each with its full one."""
    found: dict[str, tuple[str, Value]] = {}
    for name, value in ingress.annotations.items():
        for prefix in _PREFIXES[product]:
            if name.startswith(prefix):
                found.setdefault(name.removeprefix(prefix), (name, value))
    return found


def _text(values: Mapping[str, tuple[str, Value]], product: str, name: str) -> str:
    return values[name][1].text if name in values else _DEFAULTS[product].get(name, "")


def _regex(text: str) -> OriginLanguage:
    try:
        return regex(text, "pcre", "search")
    except (UnsupportedPattern, Undecided):
        return nothing()


def _read(
    ingress: Object, product: str, values: Mapping[str, tuple[str, Value]]
) -> tuple[Cors | None, Grant | None]:
    if not boolean(_text(values, product, "cors-enable") or "false"):
        return None, None
    ours = product == "haproxy-ingress"
    origin = _text(values, product, "cors-allow-origin")
    place = ingress.where_annotation(values["cors-enable"][0])
    if "cors-allow-origin" in values:
        place = ingress.where(values["cors-allow-origin"][1])
    entries: list[OriginEntry] = []
    listed: list[str] = []
    if ours:
        listed = [each for each in origin.split(",") if each not in ("", "*")]
        entries += [OriginEntry(each, place, exactly(each)) for each in listed]
        expressions = values.get("cors-allow-origin-regex")
        if expressions is not None:
            where = ingress.where(expressions[1])
            for each in expressions[1].text.split():
                entries.append(OriginEntry(each, where, _regex(each)))
    elif origin != "*":
        entries.append(OriginEntry(origin, place, _regex(origin)))
    if not entries:
        entries.append(OriginEntry("*", place, anything()))
    machines = [each.language.machine for each in entries]
    credentials = boolean(_text(values, product, "cors-allow-credentials")) is not False
    if not ours:
        credentials = _text(values, product, "cors-allow-credentials") == "true"
    age = _text(values, product, "cors-max-age")
    seconds = int(age) if age.isdecimal() and len(age) < 10 else seconds_of(age) or 0
    headers = {
        "Access-Control-Allow-Methods": _text(values, product, "cors-allow-methods"),
        "Access-Control-Allow-Headers": _text(values, product, "cors-allow-headers"),
        "Access-Control-Allow-Credentials": "true" if credentials else "",
        "Access-Control-Expose-Headers": _text(values, product, "cors-expose-headers")
        if ours
        else "",
    }
    if not ours:
        headers["Access-Control-Allow-Methods"] = ", ".join(
            each.strip().upper() for each in headers["Access-Control-Allow-Methods"].split(",")
        )
        names = headers["Access-Control-Allow-Headers"]
        headers["Access-Control-Allow-Headers"] = "".join(names.split())
    cors = Cors(
        admits=lambda origin: any(origin in machine for machine in machines),
        headers=headers,
        max_age=str(seconds),
        literal=not ours and origin == "*",
        echoes=ours,
        answers=ours or _text(values, product, "cors-respond-to-options") == "true",
        varies=bool(listed),
    )
    return cors, Grant(
        entries=tuple(entries),
        credentials=credentials,
        methods=_names(headers["Access-Control-Allow-Methods"], ours),
        headers=_names(headers["Access-Control-Allow-Headers"], ours),
        exposed=_names(headers["Access-Control-Expose-Headers"], False) or (),
        max_age=seconds,
        settings=tuple(_settings(ingress, product, values)),
        by_default="cors-allow-origin" not in values and "cors-allow-origin-regex" not in values,
    )


def _names(text: str, echoes: bool) -> tuple[str, ...] | None:
    names = tuple(name for part in text.split(",") if (name := part.strip()))
    return None if echoes and names == ("*",) else names


def _settings(
    ingress: Object, product: str, values: Mapping[str, tuple[str, Value]]
) -> Iterator[Setting]:
    enabled = ingress.where_annotation(values["cors-enable"][0])
    for name, clause in _CLAUSES.items():
        if name in values:
            yield Setting(clause, values[name][1].text, ingress.where(values[name][1]))
        elif name in _DEFAULTS[product] and not (
            product == "haproxytech" and name == "cors-allow-credentials"
        ):
            yield Setting(clause, _DEFAULTS[product][name], enabled, default=True)


def _slips(
    ingress: Object, product: str, values: Mapping[str, tuple[str, Value]], cors: Cors | None
) -> Iterator[Slip]:
    others = [name for name in values if name in _CLAUSES]
    if cors is None:
        if others and "cors-enable" not in values:
            yield Slip(
                rules.INERT,
                f"{others[0]} has no effect without cors-enable",
                ingress.where_annotation(values[others[0]][0]),
                "The controller looks at the other annotations only where CORS is turned on.",
                f'{_PREFIXES[product][0]}cors-enable: "true"',
            )
        return
    origin = values.get("cors-allow-origin")
    if product == "haproxytech" and origin is not None and "," in origin[1].text:
        yield Slip(
            rules.MISREAD,
            f'"{origin[1].text[:60]}" is one regex, comma and all',
            ingress.where(origin[1]),
            "The controller takes one regex, and finds it anywhere in an origin.",
            "^(https://a\\.example\\.com|https://b\\.example\\.com)$",
        )
    if product == "haproxy-ingress" and origin is not None:
        for each in origin[1].text.split(","):
            if "*" in each and each != "*":
                yield Slip(
                    rules.MISREAD,
                    f'"{each[:60]}" is compared as it stands, * and all',
                    ingress.where_text(origin[1], each),
                    "A wildcard is a regex in cors-allow-origin-regex.",
                )


def _instance(
    product: str, host: str, led: list[tuple[Path, Cors | None, Grant | None]]
) -> Instance:
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
            hop=cors or _pass,
            grant=granted,
            upstream=path.upstream,
            example=path.path if path.path.startswith("/") else "/",
        )
        for path, cors, granted in led
    ]
    places = [
        Place(path.path, path.exact, site) for (path, _, _), site in zip(led, sites, strict=True)
    ]
    return Instance(
        product=product,
        name=host or "*",
        where=led[0][0].ingress.where(),
        sites=tuple(sites),
        route=route(host, places, regexes=False),
        reached_at=(host or "_",),
    )


def _pass(request: WireRequest, service: Server) -> Response | None:
    return service(request) or Response(503)
