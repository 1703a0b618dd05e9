"""A connection manager with a request: which route takes it, what every filter makes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

from corsage.browser.exchange import Server, WireRequest
from corsage.layers.envoy.read.file import Part
from corsage.layers.envoy.read.filters import (
    ROUTER,
    Exchange,
    Filter,
    Levels,
    decoded,
    encoded,
    filters_of,
    is_final,
    skipped,
)
from corsage.layers.envoy.read.headers import edit, expanded, overwrite, received
from corsage.layers.envoy.read.matching import Asked, asked_of, matched, takes, virtual_host
from corsage.layers.hops import signed_in, with_path
from corsage.layers.possible import Answer, Line, World, lines_of
from corsage.layers.regexes import regex_of
from corsage.layers.urls import split_url
from corsage.policy.paths import requested_path

_STATUSES = {
    "MOVED_PERMANENTLY": 301,
    "FOUND": 302,
    "SEE_OTHER": 303,
    "TEMPORARY_REDIRECT": 307,
    "PERMANENT_REDIRECT": 308,
}
_FAILED = frozenset(["UF", "UC", "UH", "LR", "UR", "UPE"])


@dataclass(frozen=True)
class Manager:
    """An HTTP connection manager, and the routes that it uses."""

    config: Part
    routes: Part

    @cached_property
    def filters(self) -> list[tuple[Filter, bool]]:
        """Its filters."""
        return filters_of(self.config)

    @cached_property
    def virtual_hosts(self) -> list[Part]:
        """The virtual hosts of its routes."""
        return self.routes.all("virtual_hosts")

    @cached_property
    def _routes(self) -> dict[int, list[Part]]:
        return {id(host.value): host.all("routes") for host in self.virtual_hosts}

    def asked(self, request: WireRequest) -> Asked:
        """A request after the manager's early work on it."""
        if self.config.true("normalize_path"):
            url = split_url(request.url)
            # Dots and slashes only: what is encoded stays so.
            path = requested_path(url.path.replace("%", "%25"))
            request = with_path(request, path)
        asked = asked_of(request)
        for extension in self.config.all("early_header_mutation_extensions"):
            for each in extension.all("typed_config", "mutations"):
                if (header := each.get("append", "header")) is not None:
                    name = header.text("key").lower()
                    asked.headers[name] = expanded(header.text("value"), asked)
        return asked

    def routed(self, asked: Asked, world: World) -> Levels:
        """The route of a request, and the levels that it is under."""
        header = self.routes.text("vhost_header")
        host = (asked.header(header) if header else self._host(asked.authority)) or ""
        virtual = virtual_host(self.virtual_hosts, host, world)
        if virtual is None:
            return Levels((self.routes,))
        route = self._route(virtual, asked, world)
        return Levels(tuple(filter(None, (route, virtual, self.routes))), route)

    def _host(self, authority: str) -> str:
        host, colon, port = authority.rpartition(":")
        if colon and port.isdecimal():
            if self.config.true("strip_any_host_port"):
                return host
            if self.routes.true("ignore_port_in_host_matching"):
                return host
        return authority

    def _route(self, virtual: Part, asked: Asked, world: World) -> Part | None:
        path = asked.path.partition("?")[0]
        routes = self._routes.get(id(virtual.value), [])
        matcher = virtual.get("matcher")
        if matcher is not None:
            for action in matched(matcher, asked, world):
                routes = action.all("routes") or [action]
        return next((each for each in routes if takes(each, asked, world, path)), None)

    def __call__(self, request: WireRequest, world: World, service: Server) -> Answer | None:
        """What it answers."""
        asked = self.asked(request)
        levels = self.routed(asked, world)
        path = asked.path.partition("?")[0]
        exchange = Exchange(asked, world, levels, signed_in(request), path)
        answer, final, failed = None, False, False
        for filter_, disabled in self.filters:
            if filter_.is_off(levels, disabled):
                continue
            if _of_request(filter_) and skipped(filter_, exchange, None):
                continue
            if filter_.config.type == ROUTER:
                answer, failed = self._answered(request, exchange, service)
                break
            answer = decoded(filter_, exchange)
            if answer is not None:
                final = is_final(filter_)
                break
        if answer is None:
            return None
        lines = list(answer.lines)
        status = answer.status
        if failed:
            status = self._mapped(status, lines, asked)
        if not final and levels.route is not None:
            self._edit(levels, lines, asked)
        for filter_, disabled in reversed(self.filters):
            if not filter_.is_off(levels, disabled) and not skipped(filter_, exchange, lines):
                encoded(filter_, exchange, lines)
        return Answer(status, tuple(lines))

    def _answered(
        self, request: WireRequest, exchange: Exchange, service: Server
    ) -> tuple[Answer, bool]:
        route = exchange.levels.route
        if route is None:
            return Answer(404), False
        if (direct := route.get("direct_response")) is not None:
            return Answer(direct.number("status") or 200), False
        if (redirect := route.get("redirect")) is not None:
            return _redirected(redirect, route, request), False
        response = service(_rewritten(route, request))
        if response is None:
            return Answer(503), True
        return Answer(response.status, tuple(received(list(lines_of(response))))), False

    def _edit(self, levels: Levels, lines: list[Line], asked: Asked) -> None:
        specific_wins = self.routes.true("most_specific_header_mutations_wins")
        for level in reversed(levels.parts) if specific_wins else levels.parts:
            edit(lines, level, asked)

    def _mapped(self, status: int, lines: list[Line], asked: Asked) -> int:
        for mapper in self.config.all("local_reply_config", "mappers"):
            flags = mapper.get("filter", "response_flag_filter")
            if flags is None:
                continue
            named = {each.value.text for each in flags.all("flags")}
            if not named or named & _FAILED:
                for option in mapper.all("headers_to_add"):
                    if (header := option.get("header")) is not None:
                        value = expanded(header.text("value"), asked)
                        overwrite(lines, Line(header.text("key"), value, header.where, value))
                return mapper.number("status_code") or status
        return status


def _of_request(filter_: Filter) -> bool:
    """Whether a filter's own matcher is asked before the request goes on."""
    if filter_.unless is None:
        return False
    inputs = [
        each.get("predicate", "single_predicate", "input", "typed_config")
        for each in filter_.unless.all("matcher_list", "matchers")
    ]
    return not any(each is not None and each.type.startswith("HttpResponse") for each in inputs)


def _redirected(redirect: Part, route: Part, request: WireRequest) -> Answer:
    url = split_url(request.url)
    scheme, host = url.scheme, url.netloc
    if redirect.true("https_redirect"):
        scheme, host = "https", host.removesuffix(":80")
    scheme = redirect.text("scheme_redirect") or scheme
    host = redirect.text("host_redirect") or host
    if port := redirect.text("port_redirect"):
        host = f"{host.partition(':')[0]}:{port}"
    path = redirect.text("path_redirect") or url.path or "/"
    if (prefix := redirect.get("prefix_rewrite")) is not None:
        path = prefix.value.text + path.removeprefix(route.text("match", "prefix"))
    elif (pattern := redirect.get("regex_rewrite")) is not None:
        path = _substituted(pattern, path)
    query = f"?{url.query}" if url.query and not redirect.true("strip_query") else ""
    if "?" in path:
        query = ""
    status = _STATUSES.get(redirect.text("response_code"), 301)
    location = f"{scheme}://{host}{path}{query}"
    return Answer(status, (Line("location", location, redirect.where, location),))


def _rewritten(route: Part, request: WireRequest) -> WireRequest:
    action = route.get("route")
    if action is None:
        return request
    path = split_url(request.url).path or "/"
    if (prefix := action.get("prefix_rewrite")) is not None:
        match = route.text("match", "prefix") or route.text("match", "path")
        match = match or route.text("match", "path_separated_prefix")
        path = prefix.value.text + path.removeprefix(match)
    elif (pattern := action.get("regex_rewrite")) is not None:
        path = _substituted(pattern, path)
    host = action.text("host_rewrite_literal")
    if host:
        url = split_url(request.url)._replace(netloc=host).geturl()
        request = replace(request, url=url)
    return with_path(request, path) if path != split_url(request.url).path else request


def _substituted(rewrite: Part, path: str) -> str:
    found = regex_of(rewrite.text("pattern", "regex")).search(path)
    try:
        return path if found is None else found.re.sub(rewrite.text("substitution"), path)
    except (re.error, IndexError):
        return path
