"""django-cors-headers, as it behaves in 4.9."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.apps.requests import header, path_of, set_all, values
from corsage.patterns import OriginLanguage

METHODS = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")
HEADERS = (
    "accept",
    "authorization",
    "content-type",
    "user-agent",
    "x-csrftoken",
    "x-requested-with",
)


@dataclass(frozen=True, slots=True, eq=False)
class DjangoCors:
    """The settings. ``urls`` is the regular expression for paths, None for any."""

    origins: OriginLanguage
    any_origin: bool = False
    methods: tuple[str, ...] = METHODS
    headers: tuple[str, ...] = HEADERS
    credentials: bool = False
    exposed: tuple[str, ...] = ()
    max_age: int | None = 86400
    urls: str | None = None

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """What the middleware makes of one request."""
        if not self._takes(path_of(request)):
            return service(request)
        asked = header(request, "access-control-request-method")
        if request.method == "OPTIONS" and asked is not None:
            response: Response | None = Response(200)
        else:
            response = service(request)
        return None if response is None else self._with_headers(request, response)

    def _takes(self, path: str) -> bool:
        return self.urls is None or re.match(self.urls, path[:2048]) is not None

    def _with_headers(self, request: WireRequest, response: Response) -> Response:
        lines = _varied(response)
        origin = header(request, "origin")
        if origin and (self.any_origin or origin in self.origins):
            reflects = not self.any_origin or self.credentials
            lines["access-control-allow-origin"] = origin if reflects else "*"
            if self.credentials:
                lines["access-control-allow-credentials"] = "true"
            if self.exposed:
                lines["access-control-expose-headers"] = ", ".join(self.exposed)
            if request.method == "OPTIONS":
                lines["access-control-allow-headers"] = ", ".join(self.headers)
                lines["access-control-allow-methods"] = ", ".join(self.methods)
                if self.max_age:
                    lines["access-control-max-age"] = str(self.max_age)
        return Response(response.status, set_all(response.headers, lines))


def _varied(response: Response) -> dict[str, str]:
    """``Vary`` with the origin in it, as Django's ``patch_vary_headers`` writes it."""
    before = ", ".join(values(response.headers, "vary"))
    names = [name for name in re.split(r"\s*,\s*", before) if name]
    if "*" in names:
        return {"Vary": "*"}
    if any(name.lower() == "origin" for name in names):
        return {}
    return {"Vary": ", ".join([*names, "origin"])}
