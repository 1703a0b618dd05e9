"""Sets of origins: exact strings plus the few patterns that a policy may hold.

An origin is the string that a browser sends: ``scheme://host[:port]``, lower case, no default
port (https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin). Patterns are
``https://*.example.com`` (any depth of subdomain, never the apex) and ``https://example.com:*``
(any port, the default one included). There are no regular expressions to get wrong, and so
whether one set lies within another is decided, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count

DEFAULT_PORTS = {"http": 80, "https": 443}
LARGEST_PORT = 65535

# A label as browsers serialise it. The underscore is not a host name by RFC 952, but browsers
# load such hosts and send them (Chromium 156, Firefox 153).
_LABEL = r"[a-z0-9_-]+"
_SERIALISED = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    rf"(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])"
    rf"(?::(?P<port>0|[1-9][0-9]{{0,4}}))?"
)
_LONGEST = 512  # scheme + :// + 253 characters of host + port, with room for odd schemes


def split_origin(origin: str) -> tuple[str, str, int | None]:
    """Scheme, host and port (None: the default) of a serialised origin; raises ValueError for
    what no browser serialises."""
    parts = _SERIALISED.fullmatch(origin) if len(origin) <= _LONGEST else None
    if parts is None:
        raise ValueError("not a serialised origin")
    digits = parts["port"]
    port = int(digits) if digits else None
    if port is not None and (port > LARGEST_PORT or port == DEFAULT_PORTS.get(parts["scheme"])):
        raise ValueError("no browser serialises this port")
    return parts["scheme"], parts["host"], port


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

    @cached_property
    def _ports(self) -> dict[tuple[str, str, bool], frozenset[int | None]]:
        """The patterns' ports by scheme, host and whether subdomains are meant, so that many
        patterns cost no more than a lookup for each label of a host."""
        ports: dict[tuple[str, str, bool], frozenset[int | None]] = {}
        for pattern in self.patterns:
            key = (pattern.scheme, pattern.host, pattern.subdomains)
            ports[key] = ports.get(key, frozenset()) | {pattern.port}
        return ports

    def __contains__(self, origin: str) -> bool:
        if self.any_origin or origin in self._exact:
            return True
        if not self.patterns:
            return False
        try:
            scheme, host, port = split_origin(origin)
        except ValueError:
            return False
        wanted = {port, OriginPattern.ANY_PORT}
        found = self._ports.get((scheme, host, False))
        while found is None or found.isdisjoint(wanted):
            _, dot, host = host.partition(".")
            if not dot:
                return False
            found = self._ports.get((scheme, host, True))
        return True

    def __or__(self, other: OriginSet) -> OriginSet:
        return OriginSet(
            exact=tuple(dict.fromkeys(self.exact + other.exact)),
            patterns=tuple(dict.fromkeys(self.patterns + other.patterns)),
            any_origin=self.any_origin or other.any_origin,
        )

    def __sub__(self, other: OriginSet) -> OriginDifference:
        return OriginDifference(self, other)

    def __le__(self, other: OriginSet) -> bool:
        return self.witness(other) is None

    def __bool__(self) -> bool:
        return self.any_origin or bool(self.exact or self.patterns)

    def __iter__(self) -> Iterator[str]:
        """The members as they stand in a policy file."""
        if self.any_origin:
            yield "*"
        yield from self.exact
        yield from map(str, self.patterns)

    def witness(self, other: OriginSet) -> str | None:
        """An origin of this set that is not in ``other``; None only if there is none.

        The decision is exact. A pattern is probed with a host and a port that ``other`` does
        not name: a part of ``other`` that admits those admits every host and port of the
        pattern.
        """
        if other.any_origin:
            return None
        for origin in self.exact:
            if origin not in other:
                return origin
        for pattern in self.patterns:
            host = _unnamed_host(pattern.host, other) if pattern.subdomains else pattern.host
            for port in _telling_ports(pattern, other):
                origin = str(OriginPattern(pattern.scheme, host, port=port))
                if origin not in other:
                    return origin
        if self.any_origin:
            return f"https://{_unnamed_host('', other)}"
        return None


@dataclass(frozen=True, slots=True)
class OriginDifference:
    """The origins of ``kept`` that are not in ``removed``."""

    kept: OriginSet
    removed: OriginSet

    def __contains__(self, origin: str) -> bool:
        return origin in self.kept and origin not in self.removed

    def __bool__(self) -> bool:
        return self.witness() is not None

    def witness(self) -> str | None:
        """A member, or None if there is none."""
        return self.kept.witness(self.removed)


def _hosts_named(origins: OriginSet) -> Iterator[str]:
    for origin in origins.exact:
        yield origin.partition("://")[2]
    for pattern in origins.patterns:
        yield pattern.host


def _unnamed_host(parent: str, origins: OriginSet) -> str:
    """A subdomain of ``parent`` (or, if empty, a host of one label) that ``origins`` does not
    mention, not even as the parent of another."""
    labels = {label for host in _hosts_named(origins) for label in re.split(r"[.:]", host)}
    label = next(name for name in chain(["any"], _numbered("any")) if name not in labels)
    return f"{label}.{parent}" if parent else label


def _numbered(stem: str) -> Iterator[str]:
    return (f"{stem}{number}" for number in count(1))


def _telling_ports(pattern: OriginPattern, origins: OriginSet) -> Iterator[int | None]:
    """Ports that decide whether ``origins`` covers a pattern: its own, or for any port the
    first that ``origins`` does not name. If every port is named, each is asked."""
    if pattern.port != OriginPattern.ANY_PORT:
        yield pattern.port
        return
    named: set[int | None] = {p.port for p in origins.patterns}
    for origin in origins.exact:
        try:
            named.add(split_origin(origin)[2])
        except ValueError:
            continue
    ports = (port for port in _ports(pattern.scheme) if port not in named)
    unnamed = next(ports, 0)
    yield from _ports(pattern.scheme) if unnamed == 0 else (unnamed,)


def _ports(scheme: str) -> Iterator[int | None]:
    """Every port as origins have it: None for the default."""
    yield None
    default = DEFAULT_PORTS.get(scheme)
    yield from (port for port in range(1, LARGEST_PORT + 1) if port != default)
