"""Envoy's CORS filter with the policy of one route (Envoy 1.40), header for header.

A preflight is an OPTIONS with a non-empty ``Origin`` and ``Access-Control-Request-Method``. The
filter never refuses one for its method or headers, always echoes the origin (``*`` is never sent),
leaves the service's own headers to origins that it does not admit, and sends no ``Vary``.
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.hops import header, is_preflight, with_headers


@dataclass(frozen=True, slots=True)
class CorsFilter:
    """A ``CorsPolicy``. Lists are as sent; ``*`` alone echoes what was asked for. ``forwards``
    is ``forward_not_matching_preflights``, which Envoy has on unless it is told otherwise."""

    admits: Callable[[str], bool]
    methods: str = ""
    headers: str = ""
    exposed: str = ""
    max_age: str = ""
    credentials: bool = False
    forwards: bool = True

    def __call__(self, request: WireRequest, service: Server) -> Response | None:
        """The filter as a hop."""
        origin = header(request, "Origin")
        admitted = origin != "" and self.admits(origin)
        if is_preflight(request) and (admitted or not self.forwards):
            return Response(200, self._preflight(request, origin if admitted else ""))
        response = service(request)
        if response is None or not admitted:
            return response
        return with_headers(response, dict(self._granted(origin)))

    def _granted(self, origin: str) -> Headers:
        exposed = (("Access-Control-Expose-Headers", self.exposed),) if self.exposed else ()
        return (("Access-Control-Allow-Origin", origin), *self._credentials(), *exposed)

    def _credentials(self) -> Headers:
        return (("Access-Control-Allow-Credentials", "true"),) if self.credentials else ()

    def _preflight(self, request: WireRequest, origin: str) -> Headers:
        # Whoever asks is told everything but the one header that counts.
        found = [*(self._granted(origin) if origin else self._credentials())]
        for name, value, asked in (
            ("Access-Control-Allow-Methods", self.methods, "Access-Control-Request-Method"),
            ("Access-Control-Allow-Headers", self.headers, "Access-Control-Request-Headers"),
        ):
            if value:
                found.append((name, header(request, asked) if value == "*" else value))
        if self.max_age:
            found.append(("Access-Control-Max-Age", self.max_age))
        return tuple(found)
