"""The ``cors`` plugin, header for header (Kong 3.9).

https://developer.konghq.com/plugins/cors/. It runs before every plugin that asks for a login. One
plain origin is sent to everybody, whoever asks; of several, and of regexes, the one that asks is
sent, and the service's own ``Access-Control-Allow-Origin`` is removed where none fits. An entry
with any character but letters, digits, ``.``, ``:``, ``/`` and ``-`` is a regex (PCRE), tied to the
start and, by a ``$``, to its end; without a colon it is compared with the host alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.hops import added, header, is_preflight, with_headers, without
from corsage.layers.regexes import regex_of
from corsage.layers.urls import split_url
from corsage.patterns import (
    OriginLanguage,
    Undecided,
    UnsupportedPattern,
    anything,
    exactly,
    nothing,
    regex,
)

DEFAULT_METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT"

_PLAIN = re.compile(r"[A-Za-z0-9.:/-]+")
_ALLOW_ORIGIN = "Access-Control-Allow-Origin"


@dataclass(frozen=True, slots=True)
class Cors:
    """The plugin's configuration; ``headers`` empty echoes what was asked for."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age: str = ""
    credentials: bool = False
    continues: bool = False
    """``preflight_continue``: the service answers preflights, without any header of Kong's."""
    absent: bool = True
    """``allow_origin_absent``: responses to requests without ``Origin`` have the headers, too."""

    def __call__(self, request: WireRequest, service: Server) -> Response | None:
        """The plugin as a hop."""
        origin = header(request, "Origin")
        if is_preflight(request):
            if self.continues:
                return service(request)
            return Response(200, tuple(self._preflight(request, origin).items()))
        response = service(request)
        if response is None or not (origin or self.absent):
            return response
        headers, varies = self._shared(origin)
        if headers.get(_ALLOW_ORIGIN) == "":
            response = without(response, [_ALLOW_ORIGIN])
        told = {name: value for name, value in headers.items() if value}
        if self.exposed:
            told["Access-Control-Expose-Headers"] = ",".join(self.exposed)
        response = with_headers(response, told)
        return added(response, (("Vary", "Origin"),) if varies else ())

    def _preflight(self, request: WireRequest, origin: str) -> dict[str, str]:
        shared, varies = self._shared(origin)
        found = {name: value for name, value in shared.items() if value}
        if varies:
            found["Vary"] = "Origin"
        asked = header(request, "Access-Control-Request-Headers")
        if names := ",".join(self.headers) or asked:
            found["Access-Control-Allow-Headers"] = names
        found["Access-Control-Allow-Methods"] = ",".join(self.methods) or DEFAULT_METHODS
        if self.max_age:
            found["Access-Control-Max-Age"] = self.max_age
        return found

    def _shared(self, origin: str) -> tuple[dict[str, str], bool]:
        """Headers to set ("" to remove), and whether ``Vary`` is sent."""
        allowed, varies = self._origin(origin)
        found = {_ALLOW_ORIGIN: allowed}
        if self.credentials and allowed != "*":
            found["Access-Control-Allow-Credentials"] = "true"
        elif self.credentials and origin:
            found = {_ALLOW_ORIGIN: origin, "Access-Control-Allow-Credentials": "true"}
            varies = True
        return found, varies

    def _origin(self, origin: str) -> tuple[str, bool]:
        if not self.origins or self.origins == ("*",):
            return "*", False
        if len(self.origins) == 1 and _PLAIN.fullmatch(self.origins[0]):
            return self.origins[0], True
        if origin and "*" in self.origins:
            return "*", True
        if origin and any(admits(entry, origin) for entry in self.origins):
            return _normal(origin), True
        return "", True


def _normal(origin: str) -> str:
    """An origin without the default port of its scheme."""
    return re.sub(r"^(http://.*):80$|^(https://.*):443$", r"\1\2", origin)


def is_regex(entry: str) -> bool:
    """Whether Kong takes an entry for a regex."""
    return entry != "*" and _PLAIN.fullmatch(entry) is None


def expression(entry: str) -> str:
    """The regex that Kong makes of an entry."""
    return entry.removeprefix("^") + ("" if entry.endswith("$") else "$")


def admits(entry: str, origin: str) -> bool:
    """Whether an entry of a list fits an origin."""
    normal = _normal(origin)
    if not is_regex(entry):
        return "://" in entry and normal == _normal(entry)
    subject = normal if ":" in entry else (split_url(normal).hostname or normal)
    return regex_of(expression(entry)).match(subject) is not None


@lru_cache(4096)
def language(entry: str) -> OriginLanguage:
    """The origins that fit an entry."""
    if entry == "*":
        return anything()
    if not is_regex(entry):
        return exactly(_normal(entry))
    try:
        if ":" in entry:
            return regex(expression(entry), "pcre", "prefix")
        host = expression(entry).removesuffix("$")
        return regex(rf"[a-z][a-z0-9+.-]*://(?:{host})(?::[0-9]+)?", "pcre", "full")
    except (UnsupportedPattern, Undecided):
        return nothing()
