"""A policy compiled for one interface: which answer a request gets, from the one decision.

:class:`~corsage.policy.decide.Decisions` decides; a plan finds the route, and keeps the answers
it was given, encoded, so that the next request from the same origin costs one look-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import AnyStr, Generic

from corsage.middleware.asked import AskedOrigins
from corsage.middleware.wire import Answer, Wire, encode
from corsage.policy.decide import Decisions
from corsage.policy.model import Owner, Policy, Route
from corsage.policy.origins import OriginSet

LONGEST_ORIGIN = 512
"""Characters. What is longer is not looked at: no browser sends it."""

_MOST_ANSWERS = 4096
_NOBODY = "-"

_ELSEWHERE = Route("/", "", None)
"""A path that no route names is never for browsers."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a middleware was told: a valid policy (:func:`standing_for`), and the callable that
    decides its origins, if one does."""

    policy: Policy
    asked: AskedOrigins | None = None


class Plan(Generic[AnyStr]):
    """What a middleware does with each request. Immutable: a change is another plan.

    ``answer`` takes a route, the origin (None where none came) and whether the request is a
    preflight. ``only`` is the route if it is the same for every request; where it is None,
    ``route`` finds it by the path and, if ``by_host``, the host, and every origin must go through
    ``allowed`` first. ``nobody`` stands for an origin that cannot be allowed: it is no member of
    any set but ``*``.
    """

    def __init__(self, rules: Rules, wire: Wire[AnyStr]) -> None:
        policy: Policy = rules.policy
        self._wire: Wire[AnyStr] = wire
        self._decisions: Decisions = Decisions(policy)
        # Routes go by identity: hashing one by its fields would cost more than all the rest.
        self._routes = {id(route): route for route in (*policy.routes, _ELSEWHERE)}
        self.nobody: AnyStr = wire.write(_NOBODY)
        self.by_host: bool = any(route.host is not None for route in policy.routes)
        self.only: int | None = None
        if rules.asked is None and _takes_all(policy.routes):
            self.only = id(policy.routes[0])
        self._asked = rules.asked
        self.answer: Callable[[int, AnyStr | None, bool], Answer[AnyStr]]
        self.answer = lru_cache(maxsize=_MOST_ANSWERS)(self._answer)

    def route(self, host: str, path: str) -> int:
        """The route of a request. ``host`` is the ``Host`` header, ``path`` is decoded."""
        if ("//" in path or "/." in path) and not _is_normal(path):
            # Whether the app takes /a/../b for /b is its own affair: no policy covers a guess.
            return id(_ELSEWHERE)
        return id(self._decisions.route(host, path) or _ELSEWHERE)

    def allowed(self, origin: AnyStr) -> AnyStr:
        """The origin if the callable allows it, else nobody."""
        is_allowed = self._asked is None or self._asked.allows(self._wire.read(origin))
        return origin if is_allowed else self.nobody

    async def allowed_async(self, origin: AnyStr) -> AnyStr:
        """The origin if the callable, which may be a coroutine function, allows it."""
        is_allowed = self._asked is None or await self._asked.allows_async(self._wire.read(origin))
        return origin if is_allowed else self.nobody

    def _answer(self, route: int, origin: AnyStr | None, is_preflight: bool) -> Answer[AnyStr]:
        text = None if origin is None else self._wire.read(origin)
        decisions = self._decisions
        if self._asked is not None:
            # The callable's yes is the policy with that one origin, its no the one with none.
            decisions = Decisions(_with_origin(decisions.policy, text))
        decision = decisions.answer(self._routes[route], text, is_preflight=is_preflight)
        return encode(decision, self._wire)


def standing_for(policy: Policy, service: str | None) -> Policy:
    """The policy as seen from inside an app.

    Without ``service`` the app stands where the gateway would, and answers for what the gateway
    owns. With it the app is that service, and answers for its own routes with ``owner: service``;
    what the gateway owns is left to the gateway.
    """
    if service is None:
        return policy
    swap: dict[Owner, Owner] = {"gateway": "service", "service": "gateway"}
    routes = tuple(
        replace(route, owner=swap[route.owner])
        if route.service == service
        # Another service's: it does not come here, and if it does it has no policy here.
        else replace(route, cors=None, owner="gateway")
        for route in policy.routes
    )
    return replace(policy, routes=routes)


def _takes_all(routes: tuple[Route, ...]) -> bool:
    first = routes[0]
    return len(routes) == 1 and (first.path, first.match, first.host) == ("/", "prefix", None)


def _with_origin(policy: Policy, origin: str | None) -> Policy:
    origins = OriginSet(() if origin in (None, _NOBODY) else (str(origin),))
    policies = {name: replace(p, allow_origins=origins) for name, p in policy.policies.items()}
    return replace(policy, policies=policies)


def _is_normal(path: str) -> bool:
    """Whether no segment is empty (but the last), ``.`` or ``..``."""
    segments = path.split("/")[1:]
    return not any(s in (".", "..") for s in segments) and "" not in segments[:-1]
