"""Sets of origins: exact strings plus the few patterns that a policy may hold.

An origin is the string that a browser sends: ``scheme://host[:port]``, lower case, no default
port (https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin). Patterns are
``https://*.example.com`` (any depth of subdomain, never the apex) and ``https://example.com:*``
(any port, the default one included). There are no regular expressions to get wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

DEFAULT_PORTS = {"http": 80, "https": 443}

# A label as browsers serialise it. The underscore is not a host name by RFC 952, but browsers
# load such hosts and send them (Chromium 156, Firefox 153).
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_SERIALISED = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    rf"(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])"
    rf"(?::(?P<port>0|[1-9][0-9]{{0,4}}))?"
)
_LONGEST = 512  # scheme + :// + 253 characters of host + port, with room for odd schemes


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """``scheme://[*.]host[:port|:*]``. ``port`` None is the scheme's default, -1 any port."""

    scheme: str
    host: str
    subdomains: bool = False
    port: int | None = None

    ANY_PORT = -1

    def __str__(self) -> str:
        star = "*." if self.subdomains else ""
        port = {None: "", self.ANY_PORT: ":*"}.get(self.port, f":{self.port}")
        return f"{self.scheme}://{star}{self.host}{port}"

    def matches(self, scheme: str, host: str, port: int | None) -> bool:
        """Whether the pattern admits an origin; ``port`` None is the scheme's default."""
        return (
            scheme == self.scheme
            and self.port in (self.ANY_PORT, port)
            and (host.endswith("." + self.host) if self.subdomains else host == self.host)
        )


@dataclass(frozen=True)
class OriginSet:
    """Exact origins plus patterns; ``any_origin`` is ``*`` (every origin, ``null`` too).

    ``exact`` keeps the file's order. ``null`` is a member only if it stands in ``exact``.
    """

    exact: tuple[str, ...] = ()
    patterns: tuple[OriginPattern, ...] = ()
    any_origin: bool = False

    @cached_property
    def _exact(self) -> frozenset[str]:
        return frozenset(self.exact)

    def __contains__(self, origin: str) -> bool:
        if self.any_origin or origin in self._exact:
            return True
        if not self.patterns or len(origin) > _LONGEST:
            return False
        parts = _SERIALISED.fullmatch(origin)
        if parts is None:
            return False
        scheme, host, digits = parts["scheme"], parts["host"], parts["port"]
        port = int(digits) if digits else None
        if port is not None and (port > 65535 or port == DEFAULT_PORTS.get(scheme)):
            return False  # no browser serialises these
        return any(pattern.matches(scheme, host, port) for pattern in self.patterns)

    def __or__(self, other: OriginSet) -> OriginSet:
        return OriginSet(
            exact=tuple(dict.fromkeys(self.exact + other.exact)),
            patterns=tuple(dict.fromkeys(self.patterns + other.patterns)),
            any_origin=self.any_origin or other.any_origin,
        )

    def __bool__(self) -> bool:
        return self.any_origin or bool(self.exact or self.patterns)

    def __iter__(self) -> Iterator[str]:
        """The members as they stand in a policy file."""
        if self.any_origin:
            yield "*"
        yield from self.exact
        yield from map(str, self.patterns)
