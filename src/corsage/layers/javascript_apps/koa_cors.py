"""@koa/cors, as it behaves in 5.0."""

from __future__ import annotations

from dataclasses import dataclass

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.apps.conditions import holds
from corsage.layers.apps.requests import header, path_of, written_before
from corsage.layers.apps.values import Const, settled
from corsage.layers.javascript_apps.express_cors import Origin

METHODS = "GET,HEAD,PUT,POST,DELETE,PATCH"


@dataclass(frozen=True, slots=True, eq=False)
class KoaCors:
    """The options. ``headers`` None: reflected."""

    origins: tuple[Origin, ...]
    methods: str = METHODS
    headers: str | None = None
    exposed: str = ""
    credentials: bool = False
    max_age: str = ""

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """What it makes of one request."""
        path = path_of(request)
        vary = (("Vary", "Origin"),)
        chosen = next((one for one in self.origins if holds(one.when, request, path)), None)
        asked = header(request, "access-control-request-method")
        passes = request.method == "OPTIONS" and not asked
        if chosen is not None and chosen.error:
            return Response(500)
        if chosen is None or chosen.off or passes:
            response = service(request)
            return (response and _crashed(response)) or _written(vary, response)
        told = self._told(chosen, request, path)
        lines = [("Access-Control-Allow-Origin", told)] if told is not None else []
        if self.credentials:
            lines.append(("Access-Control-Allow-Credentials", "true"))
        if request.method != "OPTIONS":
            if self.exposed:
                lines.append(("Access-Control-Expose-Headers", self.exposed))
            return _written((*lines, *vary), service(request))
        if self.max_age:
            lines.append(("Access-Control-Max-Age", self.max_age))
        if self.methods:
            lines.append(("Access-Control-Allow-Methods", self.methods))
        names = self.headers or header(request, "access-control-request-headers")
        if names:
            lines.append(("Access-Control-Allow-Headers", names))
        return Response(204, (*lines, *vary))

    def _told(self, chosen: Origin, request: WireRequest, path: str) -> str | None:
        origin = header(request, "origin")
        if chosen.any_origin:
            return (origin or "") if self.credentials else "*"
        if chosen.text is not None:
            value = settled(chosen.text, request, path)
            return str(value.value) if isinstance(value, Const) and value.value else None
        if chosen.language is None:
            return None
        return origin or ""


def _crashed(response: Response) -> Response | None:
    """An error that nobody caught: Koa takes away the headers that were set before."""
    return response if response.status == 500 else None


def _written(lines: tuple[tuple[str, str], ...], response: Response | None) -> Response | None:
    return None if response is None else written_before(lines, response)
