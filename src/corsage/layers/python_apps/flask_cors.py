"""flask-cors, as it behaves in 6.0.

Texts with a character of regular expressions are taken for one, matched at the start and without
case; other texts are compared without case. An answer to a request without an Origin carries the
first of the listed origins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.apps.requests import header, path_of, values
from corsage.patterns import OriginLanguage

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
_REGEX_HINTS = frozenset("*\\]?$^[]()")


def looks_like_regex(text: str) -> bool:
    """Whether flask-cors takes a text for a regular expression."""
    return not _REGEX_HINTS.isdisjoint(text)


@dataclass(frozen=True, slots=True, eq=False)
class FlaskCors:
    """The options of one resource. ``texts`` are the origins given as plain texts, ``count`` how
    many entries there are, ``has_regex`` that one of them is a regular expression."""

    origins: OriginLanguage
    any_origin: bool = False
    texts: tuple[str, ...] = ()
    count: int = 1
    has_regex: bool = False
    methods: tuple[str, ...] = METHODS
    headers: tuple[str, ...] = ("*",)
    credentials: bool = False
    exposed: tuple[str, ...] = ()
    max_age: str | None = None
    send_wildcard: bool = False
    always_send: bool = True
    vary: bool = True

    def applied(self, request: WireRequest, response: Response) -> Response:
        """A response with the headers of one request."""
        origin = header(request, "origin")
        told = self._origins(origin)
        if not told:
            return response
        lines = [("Access-Control-Allow-Origin", one) for one in told[:1]]
        if self.exposed:
            lines.append(("Access-Control-Expose-Headers", ", ".join(sorted(self.exposed))))
        if self.credentials:
            lines.append(("Access-Control-Allow-Credentials", "true"))
        if header(request, "access-control-request-private-network") == "true":
            lines.append(("Access-Control-Allow-Private-Network", "false"))
        if request.method == "OPTIONS":
            lines += self._preflight(request)
        if self.vary and told[0] != "*" and (self.count > 1 or len(told) > 1 or self.has_regex):
            lines.append(("Vary", "Origin"))
        return Response(response.status, (*response.headers, *lines))

    def _origins(self, origin: str | None) -> list[str]:
        if origin:
            if self.any_origin and self.send_wildcard:
                return ["*"]
            return [origin] if self.any_origin or origin in self.origins else []
        if not self.always_send:
            return []
        if self.any_origin:
            return [] if self.credentials else ["*"]
        return sorted(self.texts)

    def _preflight(self, request: WireRequest) -> list[tuple[str, str]]:
        asked = (header(request, "access-control-request-method") or "").upper()
        methods = ", ".join(sorted(self.methods)).upper()
        if not asked or asked not in methods:
            return []
        lines = []
        names = header(request, "access-control-request-headers")
        if names:
            kept = [name.strip() for name in names.split(",") if self._takes(name.strip())]
            if kept:
                lines.append(("Access-Control-Allow-Headers", ", ".join(sorted(kept))))
        if self.max_age:
            lines.append(("Access-Control-Max-Age", self.max_age))
        lines.append(("Access-Control-Allow-Methods", methods))
        return lines

    def _takes(self, name: str) -> bool:
        for allowed in self.headers:
            if allowed in ("*", ".*"):
                return True
            if looks_like_regex(allowed):
                # Of header names, which are short.
                if _matches(allowed, name):
                    return True
            elif allowed.casefold() == name.casefold():
                return True
        return False


def _matches(pattern: str, name: str) -> bool:
    try:
        return bool(re.match(pattern, name[:64], re.IGNORECASE))
    except re.error:
        return False


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A path, or a regular expression for paths, and what holds there."""

    pattern: str
    options: FlaskCors
    is_compiled: bool = False

    def takes(self, path: str) -> bool:
        """Whether it is for a path."""
        text = ".*" if self.pattern == "*" else self.pattern
        if self.is_compiled or looks_like_regex(text):
            try:
                return bool(re.match(text, path))
            except re.error:
                return False
        return path == text

    @property
    def order(self) -> tuple[int, int, int, int]:
        """Where it stands among the keys of a dict: plain paths first, long ones before short."""
        text = ".*" if self.pattern == "*" else self.pattern
        kind = (1, 0) if self.is_compiled else (1, 1) if looks_like_regex(text) else (0, 0)
        return (*kind, -text.count("/"), -len(text))


@dataclass(frozen=True, slots=True, eq=False)
class Extension:
    """``CORS(app, ...)``: the resources in the order in which they are asked."""

    resources: tuple[Resource, ...]

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """What it makes of one request: Flask answers first, OPTIONS too."""
        response = service(request)
        if response is None or values(response.headers, "access-control-allow-origin"):
            return response
        path = path_of(request)
        for resource in self.resources:
            if resource.takes(path):
                return resource.options.applied(request, response)
        return response
