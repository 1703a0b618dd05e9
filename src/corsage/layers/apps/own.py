"""What ``corsage render`` writes for applications: tables of policies and routes, which say it all.

The code below the tables is always the same, and follows paths and lists that no reading would;
so the tables are read, and what the code does with them is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.apps import tree
from corsage.layers.apps.entries import union
from corsage.layers.apps.requests import header, values
from corsage.layers.hops import host_of, is_preflight
from corsage.layers.site import Grant, Instance, Match, OriginEntry, Site
from corsage.layers.target import Hop
from corsage.layers.where import Where
from corsage.patterns import OriginLanguage
from corsage.policy.decide import PREFLIGHT_VARY

_MARK = "Written by `corsage render "


def is_own(module: tree.Module) -> bool:
    """Whether a file says that Corsage wrote it."""
    return any(_MARK in line for line in module.lines[:12])


@dataclass(frozen=True, slots=True, eq=False)
class OwnPolicy:
    """A row of the table of policies."""

    name: str
    where: Where
    entries: tuple[OriginEntry, ...]
    language: OriginLanguage
    any_origin: bool
    preflight: Mapping[str, str]
    actual: Mapping[str, str]
    timing: bool = False

    @classmethod
    def of(
        cls,
        name: str,
        where: Where,
        entries: tuple[OriginEntry, ...],
        preflight: Mapping[str, str],
        actual: Mapping[str, str],
        *,
        timing: bool,
    ) -> OwnPolicy:
        """The row of some entries."""
        any_origin = any(one.text == "*" for one in entries)
        return cls(name, where, entries, union(entries), any_origin, preflight, actual, timing)

    def admits(self, origin: str | None) -> bool:
        """Whether an origin may read."""
        return self.any_origin or (origin is not None and origin in self.language)

    def told(self, origin: str | None, others: Mapping[str, str]) -> Headers:
        """The headers for an origin that is admitted."""
        allowed = "*" if self.any_origin else str(origin)
        timing = (("Timing-Allow-Origin", allowed),) if self.timing else ()
        return (("Access-Control-Allow-Origin", allowed), *timing, *others.items())

    @property
    def grant(self) -> Grant:
        """Whom it lets read."""
        age = self.preflight.get("Access-Control-Max-Age")
        return Grant(
            entries=self.entries,
            credentials="Access-Control-Allow-Credentials" in self.preflight,
            methods=_listed(self.preflight.get("Access-Control-Allow-Methods")),
            headers=_listed(self.preflight.get("Access-Control-Allow-Headers")),
            exposed=_listed(self.actual.get("Access-Control-Expose-Headers")),
            max_age=int(age) if age is not None and age.isdigit() else None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class OwnRoute:
    """A row of the table of routes. A prefix ends with a slash."""

    path: str
    exact: bool
    host: str | None
    gateway: bool
    policies: tuple[OwnPolicy, ...]

    def takes(self, host: str, path: str) -> bool:
        """Whether it is for a request."""
        if self.host is not None and self.host.lower() != host:
            return False
        return path == self.path if self.exact else f"{path}/".startswith(self.path)


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """All that a file says."""

    policies: tuple[OwnPolicy, ...]
    routes: tuple[OwnRoute, ...]
    unrouted: tuple[OwnPolicy, ...]

    def route(self, host: str, path: str) -> OwnRoute | None:
        """The row for a request."""
        return next((route for route in self.routes if route.takes(host, path)), None)


def instance(
    product: str, name: str, where: Where, tables: Tables, path_of: Callable[[WireRequest], str]
) -> Instance:
    """The app that the tables speak for."""
    hop = _hop(tables, path_of)
    sites = tuple(
        Site(
            product=product,
            name=f"{name} {route.path}",
            where=route.policies[0].where,
            match=Match(
                hosts=(route.host,) if route.host is not None else (),
                path=route.path if route.exact else route.path.rstrip("/") or "/",
                kind="exact" if route.exact else "segments",
            ),
            hop=hop,
            grant=route.policies[0].grant,
            example=route.path,
        )
        for route in tables.routes
        if route.policies
    )
    by_route = dict(zip([id(one) for one in tables.routes if one.policies], sites, strict=True))

    def site(request: WireRequest) -> Site | None:
        route = tables.route(host_of(request), path_of(request))
        return None if route is None else by_route.get(id(route))

    return Instance(product, name, where, sites, site, unrouted=hop)


def _hop(tables: Tables, path_of: Callable[[WireRequest], str]) -> Hop:
    def hop(request: WireRequest, service: Server) -> Response | None:
        origin = header(request, "origin")
        route = tables.route(host_of(request), path_of(request))
        candidates = tables.unrouted if route is None else route.policies
        granted = next((one for one in candidates if one.admits(origin)), None)
        if is_preflight(request) and not (route is not None and route.gateway):
            lines: Headers = (("Vary", PREFLIGHT_VARY),)
            if granted is None:
                return Response(403, lines)
            return Response(204, (*lines, *granted.told(origin, granted.preflight)))
        response = service(request)
        if response is None:
            return None
        kept = tuple(line for line in response.headers if not _is_cors(line[0]))
        vary = ",".join(values(kept, "vary")).lower().replace(" ", "").split(",")
        if not {"origin", "*"} & set(vary) and not all(one.any_origin for one in candidates):
            kept = (*kept, ("Vary", "Origin"))
        told = () if granted is None else granted.told(origin, granted.actual)
        return Response(response.status, (*kept, *told))

    return hop


def _is_cors(name: str) -> bool:
    return name.lower().startswith("access-control-") or name.lower() == "timing-allow-origin"


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def top_level(module: tree.Module, name: str) -> tree.Node | None:
    """What a name is bound to, anywhere in a file."""
    for node in tree.walk(*module.body):
        if isinstance(node, tree.Assign) and getattr(node.target, "name", None) == name:
            return node.value
    return None
