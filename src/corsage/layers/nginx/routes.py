"""The routing table as locations: which block of a server takes which path.

nginx's own rules (an exact location first, then the longest prefix) are the policy's, with two
differences that are settled here. A prefix of nginx ends anywhere and ours at a slash, so a route
is two locations, ``= /a`` and ``/a/``. And a named host's own routes win over longer ones that
stand for every host.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from corsage.policy.model import Route


@dataclass(frozen=True, slots=True)
class Location:
    """``exact``: ``location = path``. ``route`` None is the gateway's own 404."""

    path: str
    exact: bool
    route: Route | None


def hosts(routes: Iterable[Route]) -> list[str]:
    """The named hosts, in the file's order."""
    return list(dict.fromkeys(route.host for route in routes if route.host is not None))


def locations(routes: Iterable[Route], host: str | None) -> list[Location]:
    """The locations of the server for ``host`` (None: for every other host); the last is ``/``."""
    every = tuple(routes)
    own = [route for route in every if route.host == host]
    if host is None:
        return list(_Table(own).locations())
    table = _Table(own)
    shared = [route for route in every if route.host is None and not table.takes(route)]
    return list(_Table([*shared, *own]).locations())


class _Table:
    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[str, Route] = {}
        self._prefix: dict[str, Route] = {}
        for route in routes:
            if route.match == "exact":
                self._exact[route.path] = route
            else:
                self._prefix[route.path.rstrip("/")] = route

    def takes(self, route: Route) -> bool:
        """Whether every path of ``route`` finds a route here."""
        if route.match == "exact":
            return route.path in self._exact or self._by_prefix(route.path) is not None
        return self._by_prefix(route.path.rstrip("/")) is not None

    def locations(self) -> Iterable[Location]:
        exact: dict[str, Route | None] = {path: r for path, r in self._prefix.items() if path}
        exact.update(self._exact)
        for path in self._exact:
            # nginx would redirect /a to an existing `= /a/`; here the two are different paths.
            if path.endswith("/") and path != "/":
                exact.setdefault(path[:-1], self._by_prefix(path[:-1]))
        for path, route in exact.items():
            yield Location(path, True, route)
            if path in self._prefix:
                yield Location(f"{path}/", False, self._prefix[path])
        yield Location("/", False, self._prefix.get(""))

    def _by_prefix(self, path: str) -> Route | None:
        while (found := self._prefix.get(path)) is None and path:
            path = path[: path.rfind("/")]
        return found
