"""Starlette's ``CORSMiddleware`` (FastAPI's too), as it behaves in Starlette 1.10.

An exact copy of its decisions: a refused preflight is a 400 that still carries most headers,
credentials and exposed headers go to strangers, safelisted methods count only if listed, and a
500 of an unhandled exception is made outside of whatever ``add_middleware`` added.
"""

from __future__ import annotations

from dataclasses import dataclass

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.apps.requests import header, set_all, values
from corsage.patterns import OriginLanguage

ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
SAFELISTED = ("Accept", "Accept-Language", "Content-Language", "Content-Type")
_PREFLIGHT_VARY = (
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, "
    "Access-Control-Request-Private-Network"
)


@dataclass(frozen=True, slots=True, eq=False)
class StarletteCors:
    """The middleware's options. ``origins`` are those it compares, ``any_origin`` that ``*`` is
    among them; ``outermost``: around the whole app, errors included."""

    origins: OriginLanguage
    any_origin: bool = False
    methods: tuple[str, ...] = ("GET",)
    headers: tuple[str, ...] = ()
    credentials: bool = False
    exposed: tuple[str, ...] = ()
    max_age: int | None = 600
    outermost: bool = False

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """What it makes of one request."""
        origin = header(request, "origin")
        asked = header(request, "access-control-request-method")
        if request.method == "OPTIONS" and origin is not None and asked is not None:
            return self._preflight(request, origin, asked)
        response = service(request)
        if response is None or (response.status == 500 and not self.outermost):
            return response
        return self._simple(response, origin)

    def _admits(self, origin: str) -> bool:
        return self.any_origin or origin in self.origins

    def _preflight(self, request: WireRequest, origin: str, method: str) -> Response:
        names = header(request, "access-control-request-headers")
        methods = ALL_METHODS if "*" in self.methods else self.methods
        any_header = "*" in self.headers
        allowed = sorted({*SAFELISTED, *self.headers})
        lines = {"Vary": _PREFLIGHT_VARY}
        if self.any_origin and not self.credentials:
            lines["Access-Control-Allow-Origin"] = "*"
        lines["Access-Control-Allow-Methods"] = ", ".join(methods)
        lines["Access-Control-Max-Age"] = str(self.max_age)
        if not any_header:
            lines["Access-Control-Allow-Headers"] = ", ".join(allowed)
        if self.credentials:
            lines["Access-Control-Allow-Credentials"] = "true"
        refused = not self._admits(origin) or method not in methods
        if not refused or self._admits(origin):
            lines.setdefault("Access-Control-Allow-Origin", origin)
        if any_header and names is not None:
            lines["Access-Control-Allow-Headers"] = names
        elif names is not None:
            lower = {name.lower() for name in allowed}
            refused = refused or any(n.strip() not in lower for n in names.lower().split(","))
        if header(request, "access-control-request-private-network") is not None:
            refused = True
        return Response(400 if refused else 200, tuple(lines.items()))

    def _simple(self, response: Response, origin: str | None) -> Response:
        lines: dict[str, str] = {}
        if origin is not None:
            if self.any_origin:
                lines["Access-Control-Allow-Origin"] = "*"
            if self.credentials:
                lines["Access-Control-Allow-Credentials"] = "true"
            if self.exposed:
                lines["Access-Control-Expose-Headers"] = ", ".join(self.exposed)
            reflected = self.any_origin and self.credentials
            if reflected or (not self.any_origin and self._admits(origin)):
                lines["Access-Control-Allow-Origin"] = origin
        vary = ", ".join([*values(response.headers, "vary"), "Origin"])
        return Response(response.status, set_all(response.headers, {**lines, "Vary": vary}))
