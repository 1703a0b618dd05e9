"""The decision: what a correct owner of CORS answers, compiled once and asked often.

This is the reference semantics, and there is no second implementation: the gateway's tests,
``explain``, the middleware and every rendered target are measured against it.

- A preflight (``OPTIONS`` with ``Origin`` and ``Access-Control-Request-Method``,
  https://fetch.spec.whatwg.org/#cors-preflight-request) on an owned route is answered here and
  never reaches the service. Any other OPTIONS is the service's.
- An allowed origin gets the policy's full lists, whatever was asked for, so that the browser's
  console can name the method or header that is missing.
- Any other origin gets no ``Access-Control-*`` at all; 403 to its preflight.
- An actual request is never refused for CORS: :class:`Edit` says what to remove from the
  service's response and what to set, on every status.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.policy.model import ANY, CorsPolicy, Policy, Route
from corsage.policy.paths import requested_path

PREFLIGHT_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"

UPSTREAM_CORS_HEADERS = (
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    # Private Network Access is gone from Chromium 156, but a grant that nobody meant is not
    # passed on; nor is Timing-Allow-Origin, which opens timings to other origins.
    "Access-Control-Allow-Private-Network",
    "Timing-Allow-Origin",
)
"""What an owner removes from a service's response, besides anything ``Access-Control-*``."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What the owner does to a response on its way to the browser, on every status.

    ``own``: remove every CORS header of the service first. ``headers`` are set once. ``vary``:
    ``Origin`` must stand in ``Vary`` (merged with what the service sent).
    """

    own: bool
    headers: Headers = ()
    vary: bool = False

    def apply(self, response: Response) -> Response:
        """The response as it leaves the owner."""
        if not self.own:
            return response
        kept = [line for line in response.headers if not _is_cors(line[0])]
        if self.vary:
            kept = _merge_vary(kept)
        return Response(response.status, (*kept, *self.headers))


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one request: the route it takes (None: the gateway's own 404), the
    answer to a preflight that the owner gives itself (None: the request goes to the service),
    and the edit of the response."""

    route: Route | None
    preflight: Response | None
    edit: Edit


PASS_THROUGH = Edit(own=False)
"""Leave the response as it is: somebody else owns its CORS headers."""
_REMOVE_ALL = Edit(own=True)
_REFUSED = Edit(own=True, vary=True)
_REFUSED_PREFLIGHT = Response(403, (("Vary", PREFLIGHT_VARY),))


class _Ruleset:
    """A policy with its answers made in advance; only the echoed origin is filled in.

    The answers for exact origins are kept once they were asked for. Members of patterns are
    not: whoever asks could fill the memory with them.
    """

    __slots__ = ("_actual", "_constant", "_edits", "_exact", "_preflight", "policy")

    def __init__(self, policy: CorsPolicy) -> None:
        self.policy = policy
        grant = (("Access-Control-Allow-Credentials", "true"),) if policy.allow_credentials else ()
        self._preflight = (
            *grant,
            *_list("Access-Control-Allow-Methods", policy.allow_methods),
            *_list("Access-Control-Allow-Headers", policy.allow_headers),
            *_list("Access-Control-Max-Age", () if policy.max_age is None else (policy.max_age,)),
            ("Vary", PREFLIGHT_VARY),
        )
        self._actual = (
            *grant,
            *_list("Access-Control-Expose-Headers", policy.expose_headers),
        )
        self._exact = frozenset(policy.allow_origins.exact)
        self._edits: dict[str | None, Edit] = {}
        self._constant = self._grant(ANY) if policy.allow_origins.any_origin else None

    def preflight(self, origin: str) -> Response | None:
        """The answer to a preflight; None for an origin that is not allowed."""
        if origin not in self.policy.allow_origins:
            return None
        return Response(204, (*self._allow_origin(origin), *self._preflight))

    def edit(self, origin: str | None) -> Edit:
        """The edit of a response to a request from ``origin``."""
        edit = self._constant or self._edits.get(origin)
        if edit is not None:
            return edit
        if origin is None or origin not in self.policy.allow_origins:
            return _REFUSED
        edit = self._grant(origin)
        if origin in self._exact:
            self._edits[origin] = edit
        return edit

    def _grant(self, origin: str) -> Edit:
        varies = not self.policy.allow_origins.any_origin
        return Edit(True, (*self._allow_origin(origin), *self._actual), varies)

    def _allow_origin(self, origin: str) -> Headers:
        value = ANY if self.policy.allow_origins.any_origin else origin
        timing = (("Timing-Allow-Origin", value),) if self.policy.allow_timing else ()
        return (("Access-Control-Allow-Origin", value), *timing)


def _list(name: str, values: Iterable[object]) -> Headers:
    value = ", ".join(map(str, values))
    return ((name, value),) if value else ()


class Decisions:
    """A compiled policy. Build it once; ask it for every request."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._rulesets = {name: _Ruleset(rules) for name, rules in policy.policies.items()}
        self._routes = _RouteTable(policy.routes)
        # The gateway's own 404: a path that no route takes has no policy, and an origin that
        # may read some route may read that there is nothing here. Credentialed policies come
        # first, or the 404 of a fetch with cookies would look like a CORS error.
        owned = dict.fromkeys(r.cors for r in policy.routes if r.owner == "gateway" and r.cors)
        self._unrouted = sorted(
            (self._rulesets[name] for name in owned if name is not None),
            key=lambda rules: not rules.policy.allow_credentials,
        )

    def decide(self, method: str, host: str, path: str, headers: Mapping[str, str]) -> Decision:
        """The decision on one request.

        ``host`` is as in the ``Host`` header, with or without a port. ``path`` is decoded and
        normalised (:func:`corsage.policy.paths.requested_path`) and has no query. ``headers``
        has lower-case names; ``origin`` and ``access-control-request-method`` are read.
        """
        origin = headers.get("origin")
        is_preflight = (
            method == "OPTIONS"
            and bool(origin)
            and bool(headers.get("access-control-request-method"))
        )
        return self.answer(self.route(host, path), origin, is_preflight=is_preflight)

    def route(self, host: str, path: str) -> Route | None:
        """The most specific route of a request; None is the gateway's own 404."""
        return self._routes.find(host, path)

    def answer(self, route: Route | None, origin: str | None, *, is_preflight: bool) -> Decision:
        """The decision on a request of a known kind whose route was found before."""
        if route is None:
            return self._unrouted_answer(origin, is_preflight)
        if route.owner == "service":
            return Decision(route, None, PASS_THROUGH)
        if route.cors is None:
            return Decision(route, _REFUSED_PREFLIGHT if is_preflight else None, _REMOVE_ALL)
        rules = self._rulesets[route.cors]
        if is_preflight:
            answer = rules.preflight(str(origin)) or _REFUSED_PREFLIGHT
            return Decision(route, answer, PASS_THROUGH)
        return Decision(route, None, rules.edit(origin))

    def _unrouted_answer(self, origin: str | None, is_preflight: bool) -> Decision:
        if is_preflight:
            answers = (rules.preflight(str(origin)) for rules in self._unrouted)
            answer = next(filter(None, answers), _REFUSED_PREFLIGHT)
            return Decision(None, answer, PASS_THROUGH)
        edit, varies = _REMOVE_ALL, False
        for rules in self._unrouted:
            edit = rules.edit(origin)
            varies = varies or edit.vary
            if edit.headers:
                break
        return Decision(None, None, Edit(edit.own, edit.headers, varies))


class _RouteTable:
    """Finds the most specific route: a named host before any host, an exact path before a
    prefix, a longer prefix before a shorter one."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[tuple[str | None, str], Route] = {}
        self._prefix: dict[tuple[str | None, str], Route] = {}
        self._hosts: set[str] = set()
        for route in routes:
            if route.match == "exact":
                self._exact[route.host, route.path] = route
            else:
                self._prefix[route.host, route.path.rstrip("/")] = route
            if route.host is not None:
                self._hosts.add(route.host)
        self._deepest = max((prefix.count("/") for _, prefix in self._prefix), default=0)

    def find(self, host: str, path: str) -> Route | None:
        scopes: tuple[str | None, ...] = (None,)
        if self._hosts and (name := _host_name(host)) in self._hosts:
            # As a virtual host does, a named host takes all its requests: routes without a host
            # are part of every host, but never win over the host's own.
            scopes = (name, None)
        # Segments below the deepest route cannot matter, and a hostile path has many.
        deepest = "/".join(path.split("/", self._deepest + 1)[: self._deepest + 1])
        for scope in scopes:
            if found := self._exact.get((scope, path)):
                return found
            prefix = deepest
            while True:
                if found := self._prefix.get((scope, prefix)):
                    return found
                if not prefix:
                    break
                prefix = prefix[: prefix.rfind("/")]
        return None


def _host_name(host: str) -> str:
    """The host of a ``Host`` header, without its port."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower().removesuffix(".")


SourceService: TypeAlias = Server


def _no_cors_service(_: WireRequest) -> Response:
    return Response(200)


def serve(policy: Policy, service: SourceService = _no_cors_service) -> Server:
    """The policy as a :data:`Server`: what a correct owner in front of ``service`` answers.

    Unrouted paths are 404. Paths are decoded and normalised before they are matched.
    """
    decisions = Decisions(policy)

    def answer(request: WireRequest) -> Response | None:
        url = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers}
        path = requested_path(url.path)
        decision = decisions.decide(request.method, url.netloc, path, headers)
        if decision.preflight is not None:
            return decision.preflight
        response = Response(404) if decision.route is None else service(request)
        return None if response is None else decision.edit.apply(response)

    return answer


def _is_cors(name: str) -> bool:
    lowered = name.lower()
    return lowered.startswith("access-control-") or lowered == "timing-allow-origin"


def _merge_vary(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    named = {
        token.strip().lower()
        for name, value in lines
        if name.lower() == "vary"
        for token in value.split(",")
    }
    return lines if named & {"origin", "*"} else [*lines, ("Vary", "Origin")]
