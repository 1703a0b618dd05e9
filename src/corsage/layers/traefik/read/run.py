"""Routers in their order, and the middlewares of each, with a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.hops import header
from corsage.layers.manifests.objects import Object
from corsage.layers.possible import Answer, Check, Known, Line, World
from corsage.layers.regexes import regex_of
from corsage.layers.target import Hop
from corsage.layers.traefik.headers import Headers
from corsage.layers.traefik.middlewares import (
    LOGINS,
    NOBODY,
    login,
    path_hop,
    redirect,
    refuse,
    travel,
)
from corsage.layers.traefik.rule import Both, Either, Matcher, Not, Rule
from corsage.layers.traefik.settings import LIST, REGEX, headers_of
from corsage.layers.where import Where
from corsage.layers.yaml_document import Value

_HEADERS = {
    LIST: "access-control-allow-origin",
    REGEX: "access-control-allow-origin",
    "accessControlAllowCredentials": "access-control-allow-credentials",
    "accessControlAllowMethods": "access-control-allow-methods",
    "accessControlAllowHeaders": "access-control-allow-headers",
    "accessControlExposeHeaders": "access-control-expose-headers",
    "accessControlMaxAge": "access-control-max-age",
    "addVaryHeader": "vary",
}
_PERMANENT = {(False, True): 302, (False, False): 307, (True, True): 301, (True, False): 308}


@dataclass(frozen=True)
class Middleware:
    """A middleware, of the file that it stands in."""

    name: str
    of: Object
    value: Value

    @cached_property
    def headers(self) -> Headers | None:
        """The ``headers`` middleware; None for another."""
        options = self.value.get("headers")
        return None if options is None else headers_of(options)

    @cached_property
    def checks(self) -> tuple[tuple[Check, ...], bool]:
        """The origins that the middleware admits by name or regex, before a ``*`` if there is
        one, and whether there is."""
        found: list[Check] = []
        options = self.value.get("headers") or self.value
        for each in options.elements(LIST):
            if each.text == "*":
                return tuple(found), True
            found.append(Check("exact", each.text, self.of.where(each)))
        found += [
            Check("search", each.text, self.of.where(each)) for each in options.elements(REGEX)
        ]
        return tuple(found), False

    def in_world(self, request: WireRequest, world: World) -> Headers:
        """The middleware for whoever asks."""
        headers = self.headers
        assert headers is not None
        origin = header(request, "Origin")
        if not origin:
            return headers
        named, star = self.checks
        admitted: tuple[str, ...] = ()
        if named and world.ask(origin, named):
            admitted = (origin,)
        elif star:
            place = self.value.get("headers", LIST) or self.value
            everybody = Check("exact", "*", self.of.where(place), everybody=True)
            world.ask(origin, [everybody])
            admitted = ("*",)
        answers = bool(headers.origins) or headers.regexes
        return replace(headers, origins=admitted, matches=_nobody, regexes=answers)

    def lines(self) -> Iterator[tuple[str, tuple[Where, str]]]:
        """The headers that it sets, each with its place and what is written there."""
        options = self.value.get("headers") or self.value
        for field, name in _HEADERS.items():
            said = options.get(field)
            if said is not None:
                texts = [each.text for each in said.elements()]
                yield name, (self.of.where(said), ", ".join(texts) or said.text)
        for name, said in options.items("customResponseHeaders"):
            yield name.lower(), (self.of.where(said), said.text)

    def hop(self, request: WireRequest, world: World) -> Hop | None:
        """What it does; None for what it does is not known, or passes everything."""
        if self.headers is not None:
            return self.in_world(request, world)
        spec = self.value
        if any(spec.get(name) is not None for name in LOGINS):
            return login
        if (scheme := spec.get("redirectScheme")) is not None:
            return partial(redirect, scheme)
        if (pattern := spec.get("redirectRegex")) is not None:
            return partial(_redirect_regex, pattern)
        if NOBODY in [each.text for each in spec.elements("ipAllowList", "sourceRange")]:
            return partial(refuse, spec.string("ipAllowList", "rejectStatusCode"))
        return path_hop(spec)


def _nobody(_origin: str) -> bool:
    return False


def _redirect_regex(options: Value, request: WireRequest, service: Server) -> Response | None:
    found = regex_of(options.string("regex")).search(request.url)
    if found is None:
        return service(request)
    location = options.string("replacement")
    for number, group in enumerate(found.groups(), 1):
        location = location.replace(f"${{{number}}}", group or "").replace(
            f"${number}", group or ""
        )
    status = _PERMANENT[options.string("permanent") == "true", request.method == "GET"]
    return Response(status, (("Location", location),))


@dataclass(frozen=True)
class Router:
    """A router. ``scheme`` "" is any; ``rank``: the greatest is asked first. ``broken``: it
    names what is not there, and Traefik leaves it out."""

    name: str
    rule: Rule
    rank: int
    scheme: str
    middlewares: tuple[Middleware, ...]
    where: Where
    broken: bool = False
    internal: bool = False

    def takes(self, request: WireRequest, world: World) -> bool:
        """Whether a request is one of its."""
        scheme = request.url.partition(":")[0]
        return self.scheme in ("", scheme) and _takes(self.rule, request, world, self.where)


def _takes(rule: Rule, request: WireRequest, world: World, where: Where) -> bool:
    if isinstance(rule, Not):
        return not _takes(rule.rule, request, world, where)
    if isinstance(rule, Both):
        return all(_takes(each, request, world, where) for each in rule.rules)
    if isinstance(rule, Either):
        return any(_takes(each, request, world, where) for each in rule.rules)
    check = _of_origin(rule, where)
    if check is None:
        return rule.takes(request)
    origin = header(request, "Origin")
    return bool(origin) and world.ask(origin, [check])


def _of_origin(rule: Matcher, where: Where) -> Check | None:
    name = rule.name.lower()
    if len(rule.values) != 2 or rule.values[0].lower() != "origin":
        return None
    if name in ("header", "headers"):
        return Check("exact", rule.values[1], where)
    if name in ("headerregexp", "headersregexp"):
        return Check("search", rule.values[1], where)
    return None


@dataclass(frozen=True)
class Traefik:
    """All routers, in the order in which they are asked."""

    routers: tuple[Router, ...]

    def router(self, request: WireRequest, world: World) -> Router | None:
        """The router of a request."""
        return next((each for each in self.routers if each.takes(request, world)), None)

    def __call__(self, request: WireRequest, world: World, service: Server) -> Answer | None:
        """What it answers."""
        router = self.router(request, world)
        if router is None or router.broken:
            return Answer(404)
        hops = tuple(
            hop for each in router.middlewares if (hop := each.hop(request, world)) is not None
        )
        behind = _teapot if router.internal else service
        response = travel(hops, request, behind)
        if response is None:
            return None
        places: dict[str, tuple[Where, str]] = {}
        for each in reversed(router.middlewares):
            if each.headers is not None:
                places.update(each.lines())
        return Answer(
            response.status,
            tuple(
                Line(name, value, *places.get(name.lower(), (None, "")))
                for name, value in response.headers
            ),
        )

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """All of it as a hop."""
        answer = self(request, Known(), service)
        return None if answer is None else answer.response


def _teapot(_request: WireRequest) -> Response:
    """``noop@internal``."""
    return Response(418)
