"""Spring's ``CorsConfiguration`` and its processor, as they behave in Spring Framework 7.0.

An actual request of another origin is refused with 403, too; so is a method that is not listed.
A request whose Origin is the server's own is no CORS request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corsage.browser.exchange import Headers, Response, WireRequest
from corsage.layers.apps.requests import header, values
from corsage.layers.urls import split_url
from corsage.patterns import OriginLanguage

VARY = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
_DEFAULT_METHODS = ("GET", "HEAD")
_PORTS = re.compile(r"(.*):\[(\*|\d+(?:,\d+)*)\]")


@dataclass(frozen=True, slots=True, eq=False)
class Cors:
    """One configuration. ``star``: ``*`` is among the allowed origins. ``methods`` None: those
    that are allowed where none is named (GET and HEAD)."""

    origins: OriginLanguage
    star: bool = False
    methods: tuple[str, ...] | None = None
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int | None = None

    def checked(self, request: WireRequest) -> tuple[int, Headers]:
        """The status of a refusal (0: none), and the headers."""
        origin = header(request, "origin") or ""
        preflight = is_preflight(request)
        if self.star and self.credentials:
            return 500, ()  # an IllegalArgumentException, at the first request
        told = "*" if self.star else origin if origin in self.origins else None
        asked = header(request, "access-control-request-method") if preflight else request.method
        methods = self._methods(asked or "")
        names = self._headers(request) if preflight else ()
        if told is None or methods is None or names is None:
            return 403, ()
        lines = [("Access-Control-Allow-Origin", told)]
        if preflight:
            lines.append(("Access-Control-Allow-Methods", ",".join(methods)))
            if names:
                lines.append(("Access-Control-Allow-Headers", ", ".join(names)))
        if self.exposed:
            lines.append(("Access-Control-Expose-Headers", ", ".join(self.exposed)))
        if self.credentials:
            lines.append(("Access-Control-Allow-Credentials", "true"))
        if preflight and self.max_age is not None:
            lines.append(("Access-Control-Max-Age", str(self.max_age)))
        return 0, tuple(lines)

    def _methods(self, asked: str) -> tuple[str, ...] | None:
        if self.methods is not None and "*" in self.methods:
            return (asked,)
        listed = _DEFAULT_METHODS if self.methods is None else self.methods
        return listed if asked in listed else None

    def _headers(self, request: WireRequest) -> tuple[str, ...] | None:
        given = header(request, "access-control-request-headers")
        if given is None:
            return ()
        asked = [name.strip() for name in given.split(",") if name.strip()]
        if not asked:
            return ()
        lower = {name.lower() for name in self.headers}
        kept = [name for name in asked if "*" in self.headers or name.lower() in lower]
        return tuple(kept) or None


def is_preflight(request: WireRequest) -> bool:
    """Whether Spring takes a request for a preflight."""
    asked = header(request, "access-control-request-method")
    return request.method == "OPTIONS" and header(request, "origin") is not None and bool(asked)


def is_cors(request: WireRequest) -> bool:
    """Whether a request has an Origin that is not the server's own."""
    origin = header(request, "origin")
    if origin is None:
        return False
    own, other = split_url(request.url), split_url(origin)
    try:
        return (own.scheme, own.hostname, own.port or _port(own.scheme)) != (
            other.scheme,
            other.hostname,
            other.port or _port(other.scheme),
        )
    except ValueError:
        return True


def _port(scheme: str) -> int | None:
    return {"http": 80, "https": 443}.get(scheme)


def processed(cors: Cors | None, request: WireRequest) -> tuple[Response | None, Headers]:
    """Spring's processor: a refusal, or the headers that were set before the handler."""
    if cors is None:
        return None, ()
    vary = tuple(("Vary", name) for name in VARY)
    if not is_cors(request):
        return None, vary
    status, lines = cors.checked(request)
    if status == 500:
        return Response(500), ()
    if status:
        return Response(status, vary), vary
    return None, (*vary, *lines)


def after(lines: Headers, response: Response) -> Response:
    """A handler's response behind the headers that were set: what it sets itself takes their
    place, and its ``Vary`` is added."""
    own = {name.lower() for name, _ in response.headers} - {"vary"}
    if values(response.headers, "access-control-allow-origin"):
        own.add("access-control-allow-origin")
    kept = tuple(line for line in lines if line[0].lower() not in own)
    return Response(response.status, (*kept, *response.headers))


def origin_regex(pattern: str) -> str:
    """An ``allowedOriginPatterns`` entry as Spring compiles it."""
    ports = ""
    found = _PORTS.fullmatch(pattern)
    if found is not None:
        pattern = found[1]
        ports = r"(:\d+)?" if found[2] == "*" else f":({found[2].replace(',', '|')})"
    return ".*".join(map(re.escape, pattern.split("*"))) + ports


def path_regex(pattern: str) -> str:
    """A path pattern as a regular expression for the whole path."""
    made = []
    for part in re.split(r"(/\*\*|\*\*|\*|\?|\{[^}]*\})", pattern):
        if part == "/**":
            made.append("(?:/.*)?")
        elif part == "**":
            made.append(".*")
        elif part == "*" or part.startswith("{"):
            made.append(".*" if part.startswith("{*") else "[^/]*")
        elif part == "?":
            made.append("[^/]")
        else:
            made.append(re.escape(part))
    return "".join(made)
