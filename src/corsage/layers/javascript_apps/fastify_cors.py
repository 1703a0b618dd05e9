"""@fastify/cors, as it behaves in 11.4.

An OPTIONS that is no preflight is a 400; a fixed origin is sent to everybody without ``Vary``; a
refused origin gets all the other headers.
"""

from __future__ import annotations

from dataclasses import dataclass

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.apps.conditions import holds
from corsage.layers.apps.requests import header, path_of, values, written_before
from corsage.layers.apps.values import Const, settled
from corsage.layers.javascript_apps.express_cors import Origin

METHODS = "GET,HEAD,POST"


@dataclass(frozen=True, slots=True, eq=False)
class FastifyCors:
    """The options. ``headers`` None: reflected. ``varies``: the origin is not a constant."""

    origins: tuple[Origin, ...]
    varies: bool = False
    methods: str = METHODS
    headers: str | None = None
    exposed: str | None = None
    credentials: bool = False
    max_age: str | None = None
    preflight: bool = True
    strict: bool = True
    preflight_continue: bool = False
    status: int = 204

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """What it makes of one request."""
        path = path_of(request)
        chosen = next((one for one in self.origins if holds(one.when, request, path)), None)
        vary = ["Origin"] if self.varies else []
        if chosen is not None and chosen.error:
            return Response(500, _varied(vary))
        if chosen is None or chosen.off:
            if request.method == "OPTIONS":
                return Response(404, _varied(vary))  # its own route for OPTIONS finds nothing
            return _before(_varied(vary), service(request))
        lines = self._lines(chosen, request, path)
        if request.method != "OPTIONS":
            return _before((*lines, *_varied(vary)), service(request))
        if not self.preflight:
            return Response(404, (*lines, *_varied(vary)))
        asked = header(request, "access-control-request-method")
        if self.strict and not (header(request, "origin") and asked):
            return Response(400, (*lines, *_varied(vary)))
        lines = (*lines, ("Access-Control-Allow-Methods", self.methods))
        if self.headers is None:
            vary = [*vary, "Access-Control-Request-Headers"]
            names = header(request, "access-control-request-headers")
            if names is not None:
                lines = (*lines, ("Access-Control-Allow-Headers", names))
        else:
            lines = (*lines, ("Access-Control-Allow-Headers", self.headers))
        if self.max_age is not None:
            lines = (*lines, ("Access-Control-Max-Age", self.max_age))
        status = 200 if self.preflight_continue else self.status
        return Response(status, (*lines, *_varied(vary)))

    def _lines(self, chosen: Origin, request: WireRequest, path: str) -> Headers:
        lines: list[tuple[str, str]] = []
        told = _told(chosen, request, path)
        if told:
            lines.append(("Access-Control-Allow-Origin", told))
        if self.credentials:
            lines.append(("Access-Control-Allow-Credentials", "true"))
        if self.exposed is not None:
            lines.append(("Access-Control-Expose-Headers", self.exposed))
        return tuple(lines)


def _told(chosen: Origin, request: WireRequest, path: str) -> str | None:
    if chosen.any_origin:
        return "*"
    if chosen.text is not None:
        value = settled(chosen.text, request, path)
        return str(value.value) if isinstance(value, Const) and value.value else None
    origin = header(request, "origin")
    if origin is None or chosen.language is None:
        return None
    return origin if origin in chosen.language else None


def _varied(names: list[str]) -> Headers:
    return (("Vary", ", ".join(names)),) if names else ()


def _before(lines: Headers, response: Response | None) -> Response | None:
    if response is None:
        return None
    if values(response.headers, "vary"):
        # `reply.header` takes the place of what was there.
        lines = tuple(line for line in lines if line[0] != "Vary")
    return written_before(lines, response)
