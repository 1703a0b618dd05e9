"""The `cors` package of Express, as it behaves in 2.8.

Every OPTIONS is answered as a preflight; a list reflects the origin, a text is sent to everybody,
a refused origin gets all the other headers; nothing of what is asked is checked.
"""

from __future__ import annotations

from dataclasses import dataclass

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.apps.conditions import Condition, holds
from corsage.layers.apps.requests import header, merged_vary, path_of, written_before
from corsage.layers.apps.values import Const, Value, settled
from corsage.patterns import OriginLanguage

METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE"


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """What the option ``origin`` comes to under a condition: a constant ``text``, or a language
    of which the asking origin is reflected. ``off``: no CORS (a false value); ``error``: the
    request fails."""

    when: Condition
    text: Value | None = None
    language: OriginLanguage | None = None
    off: bool = False
    error: bool = False
    any_origin: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class ExpressCors:
    """The options; lists are joined as the package joins them. ``headers`` None: reflected."""

    origins: tuple[Origin, ...]
    methods: str = METHODS
    headers: str | None = None
    exposed: str = ""
    credentials: bool = False
    max_age: str = ""
    preflight_continue: bool = False
    status: int = 204
    when: Condition = True

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """What it makes of one request."""
        path = path_of(request)
        if not holds(self.when, request, path):
            return service(request)
        chosen = next((one for one in self.origins if holds(one.when, request, path)), None)
        if chosen is None or chosen.off:
            return service(request)
        if chosen.error:
            return Response(500)
        lines = self._lines(chosen, request, path)
        if request.method == "OPTIONS" and not self.preflight_continue:
            return Response(self.status, lines)
        response = service(request)
        return response and written_before(lines, response)

    def _lines(self, chosen: Origin, request: WireRequest, path: str) -> Headers:
        lines: list[tuple[str, str]] = []
        vary = ""
        told = self._told(chosen, request, path)
        if told:
            lines.append(("Access-Control-Allow-Origin", told))
        if not chosen.any_origin:
            vary = "Origin"
        if self.credentials:
            lines.append(("Access-Control-Allow-Credentials", "true"))
        if request.method == "OPTIONS":
            if self.methods:
                lines.append(("Access-Control-Allow-Methods", self.methods))
            headers: str | None = self.headers
            if headers is None:
                headers = header(request, "access-control-request-headers")
                name = "Access-Control-Request-Headers"
                vary = merged_vary(vary, name) if vary else name
            if headers:
                lines.append(("Access-Control-Allow-Headers", headers))
            if self.max_age:
                lines.append(("Access-Control-Max-Age", self.max_age))
        if self.exposed:
            lines.append(("Access-Control-Expose-Headers", self.exposed))
        if vary:
            lines.append(("Vary", vary))
        return tuple(lines)

    def _told(self, chosen: Origin, request: WireRequest, path: str) -> str | None:
        if chosen.any_origin:
            return "*"
        if chosen.text is not None:
            value = settled(chosen.text, request, path)
            return str(value.value) if isinstance(value, Const) and value.value else None
        origin = header(request, "origin")
        if origin is None or chosen.language is None:
            return None
        return origin if origin in chosen.language else None
