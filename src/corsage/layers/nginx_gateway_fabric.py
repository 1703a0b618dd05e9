"""What NGINX Gateway Fabric (2.5 and later) makes of a CORS filter, header for header.

``map $http_origin`` finds the origin, ``add_header ... always`` sends everything, and any OPTIONS
of the location is answered. Nothing hides what the service sends, so its headers stand beside.
"""

from __future__ import annotations

from dataclasses import dataclass

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.envoy_filter import CorsFilter
from corsage.layers.hops import added, header
from corsage.layers.manifests.envoy_route import HeaderEdit


@dataclass(frozen=True, slots=True)
class Location:
    """A location with a CORS filter."""

    cors: CorsFilter
    edit: HeaderEdit

    def __call__(self, request: WireRequest, service: Server) -> Response | None:
        """The location as a hop."""
        if request.method == "OPTIONS":
            return Response(200, self._headers(request))
        response = service(request) or Response(502)
        return added(self.edit.apply(response), self._headers(request))

    def _headers(self, request: WireRequest) -> Headers:
        origin = header(request, "Origin")
        asked_method = header(request, "Access-Control-Request-Method")
        asked_headers = header(request, "Access-Control-Request-Headers")
        cors = self.cors
        # nginx does not ask the regexes of a map about an empty text.
        admitted = origin != "" and cors.admits(origin)
        found = {
            "Access-Control-Allow-Origin": origin if admitted else "",
            "Access-Control-Allow-Credentials": "true" if admitted and cors.credentials else "",
            "Access-Control-Allow-Methods": asked_method if cors.methods == "*" else cors.methods,
            "Access-Control-Allow-Headers": asked_headers if cors.headers == "*" else cors.headers,
            "Access-Control-Expose-Headers": cors.exposed,
            "Access-Control-Max-Age": cors.max_age,
        }
        return tuple((name, value) for name, value in found.items() if value)
