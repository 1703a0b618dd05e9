"""The ``headers`` middleware, header for header (Traefik 3.7).

It answers every preflight itself, never with ``Vary``. A refused origin gets all but
``Access-Control-Allow-Origin``, and the service's own where it has one. With credentials a ``*``
echoes whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.hops import header, is_preflight, with_headers, without


@dataclass(frozen=True, slots=True)
class Headers:
    """The options of one middleware. ``matches`` says whether one of the regexes finds an
    ``Origin`` (maybe empty); ``custom`` are customResponseHeaders."""

    origins: tuple[str, ...] = ()
    matches: Callable[[str], bool] = lambda _origin: False
    regexes: bool = False
    credentials: bool = False
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age: int | None = None
    vary: bool = False
    custom: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_cors(self) -> bool:
        """Whether preflights are answered."""
        lists = self.origins or self.methods or self.headers or self.exposed
        said = self.max_age is not None or self.vary
        return bool(lists or self.regexes or self.credentials or said)

    def __call__(self, request: WireRequest, service: Server) -> Response | None:
        """The middleware as a hop."""
        if self.has_cors and is_preflight(request):
            return Response(200, tuple(self._preflight(request).items()))
        response = service(request)
        return None if response is None else self._edited(request, response)

    def _origin(self, request: WireRequest) -> str | None:
        origin = header(request, "Origin")
        for item in self.origins:
            if item == origin:
                return item
            if item == "*":
                return origin if self.credentials else item
        return origin if self.matches(origin) else None

    def _shared(self, request: WireRequest) -> dict[str, str]:
        found: dict[str, str] = {}
        if (origin := self._origin(request)) is not None:
            found["Access-Control-Allow-Origin"] = origin
        if self.credentials:
            found["Access-Control-Allow-Credentials"] = "true"
        if self.exposed and not ("*" in self.exposed and self.credentials):
            found["Access-Control-Expose-Headers"] = ",".join(self.exposed)
        return found

    def _preflight(self, request: WireRequest) -> dict[str, str]:
        found = self._shared(request)
        for name, names, asked in (
            ("Access-Control-Allow-Headers", self.headers, "Access-Control-Request-Headers"),
            ("Access-Control-Allow-Methods", self.methods, "Access-Control-Request-Method"),
        ):
            echoes = "*" in names and self.credentials
            value = header(request, asked) if echoes else ",".join(names)
            if value:
                found[name] = value
        if self.max_age is not None:
            found["Access-Control-Max-Age"] = str(self.max_age)
        return found

    def _edited(self, request: WireRequest, response: Response) -> Response:
        removed = [name for name, value in self.custom.items() if value == ""]
        custom = {name: value for name, value in self.custom.items() if value != ""}
        response = with_headers(without(response, removed), custom)
        response = with_headers(response, self._shared(request))
        if not self.vary:
            return response
        varies = [value for name, value in response.headers if name.lower() == "vary"]
        first = varies[0] if varies else ""
        if first == "Origin":
            return response
        # Only the first line is kept.
        return with_headers(response, {"Vary": f"{first},Origin" if first else "Origin"})
