"""What the controller's nginx does with one location's requests, header for header.

``return 204`` and ``set`` run in the rewrite phase: before the redirect to https, before every
kind of authentication and before rate limits. ``more_set_headers`` replaces what the service sent,
on every status.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.hops import header, signed_in, with_headers, without
from corsage.layers.ingress_nginx.annotations import Cors
from corsage.layers.urls import split_url


@dataclass(frozen=True, slots=True)
class Location:
    """What a location does besides passing requests on. ``cors`` None: it is off. ``admits`` says
    whether an ``Origin`` header (maybe empty) is let in. ``custom`` are the headers of
    ``custom-headers``; a blank one removes. ``certificate``: who shows none is refused at once.
    ``login`` is the answer to who is not signed in, ``redirect`` the one to everybody.
    ``errors`` are statuses that the default backend answers instead. ``rewrite`` changes the
    request on its way."""

    cors: Cors | None = None
    admits: Callable[[str], bool] = lambda _origin: False
    custom: Mapping[str, str] = field(default_factory=dict)
    to_https: bool = False
    certificate: bool = False
    login: Response | None = None
    redirect: Response | None = None
    errors: frozenset[int] = frozenset()
    rewrite: Callable[[WireRequest], WireRequest] = lambda request: request

    def __call__(self, request: WireRequest, service: Server) -> Response | None:
        """The location as a hop."""
        https = split_url(request.url).scheme == "https"
        if self.certificate and https and not signed_in(request):
            return Response(400)
        granted = self._granted(header(request, "Origin"))
        if granted and request.method == "OPTIONS":
            return self._sent(Response(204), granted)
        if self.redirect is not None:
            return self._sent(self.redirect, granted)
        if self.to_https and not https:
            location = ("Location", request.url.replace("http:", "https:", 1))
            return self._sent(Response(308, (location,)), granted)
        if self.login is not None and not signed_in(request):
            return self._sent(self.login, granted)
        response = service(self.rewrite(request)) or Response(502)
        if response.status in self.errors:
            return Response(response.status)
        return self._sent(response, granted)

    def _granted(self, origin: str) -> dict[str, str]:
        cors = self.cors
        if cors is None or not (cors.any_origin or (origin and self.admits(origin))):
            return {}
        headers = {
            "Access-Control-Allow-Origin": "*" if cors.any_origin else origin,
            "Access-Control-Allow-Credentials": "true" if cors.credentials else "",
            "Access-Control-Allow-Methods": cors.methods,
            "Access-Control-Allow-Headers": cors.headers,
            "Access-Control-Expose-Headers": cors.exposed,
            "Access-Control-Max-Age": str(cors.max_age),
        }
        return {name: value for name, value in headers.items() if value}

    def _sent(self, response: Response, granted: Mapping[str, str]) -> Response:
        own = {name.lower() for name in granted}
        custom = {name: text for name, text in self.custom.items() if name.lower() not in own}
        headers = {**custom, **granted}
        blank = [name for name, value in headers.items() if not value.strip()]
        return without(with_headers(response, headers), blank)
