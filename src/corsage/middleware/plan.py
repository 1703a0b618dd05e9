"""A policy compiled for one interface: which answer a request gets, from the one decision.

:class:`~corsage.policy.decide.Decisions` decides; a plan finds the route, and keeps the answers
it was given, encoded, so that the next request from the same origin costs one look-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import AnyStr, Generic
from urllib.parse import urlsplit

from corsage.middleware.asked import AskedOrigins
from corsage.middleware.wire import Answer, Wire, encode
from corsage.policy.decide import Decisions
from corsage.policy.model import Owner, Policy, Route
from corsage.policy.origins import OriginSet

_MOST_ANSWERS = 4096
_LONGEST_ORIGIN = 512


@dataclass(frozen=True, slots=True)
class Rules:
    """What a middleware was told: a valid policy (:func:`standing_for`), and the callable that
    decides its origins, if one does."""

    policy: Policy
    asked: AskedOrigins | None = None


class Plan(Generic[AnyStr]):
    """What a middleware does with each request. Immutable: a change is another plan.

    ``only`` is the route that takes every request, None where the path or the host matters.
    ``by_host``: the host does. ``asked`` is to be asked about every origin that comes.
    """

    def __init__(self, rules: Rules, wire: Wire[AnyStr]) -> None:
        self.asked: AskedOrigins | None = rules.asked
        self.by_host: bool = any(route.host is not None for route in rules.policy.routes)
        self.only: Route | None = _taking_all(rules.policy.routes)
        self._wire: Wire[AnyStr] = wire
        self._nobody: AnyStr = wire.write(_NOBODY)
        self._decisions: Decisions = Decisions(rules.policy)
        # Routes are known by identity: hashing one by its fields would cost more than the rest.
        self._routes = {id(route): route for route in (*rules.policy.routes, _ELSEWHERE)}
        self._answers: Callable[[int, AnyStr | None, bool], Answer[AnyStr]]
        self._answers = lru_cache(maxsize=_MOST_ANSWERS)(self._decide)

    def route(self, host: str, path: str) -> Route:
        """The route of a request. ``host`` is the ``Host`` header, ``path`` is decoded."""
        if ("//" in path or "/." in path) and not _is_normal(path):
            # Whether the app takes /a/../b for /b is its own affair: no policy covers a guess.
            return _ELSEWHERE
        return self._decisions.route(_hostname(host) if host else "", path) or _ELSEWHERE

    def answer(
        self, route: Route, origin: AnyStr | None, is_preflight: bool, is_denied: bool = False
    ) -> Answer[AnyStr]:
        """The answer to a request. ``is_denied``: ``asked`` has said no."""
        if origin is not None and (is_denied or len(origin) > _LONGEST_ORIGIN):
            origin = self._nobody
        return self._answers(id(route), origin, is_preflight)

    def _decide(self, route: int, origin: AnyStr | None, is_preflight: bool) -> Answer[AnyStr]:
        text = None if origin is None else self._wire.read(origin)
        decisions = self._decisions
        if self.asked is not None:
            # The callable's yes is the policy with that one origin, its no the one with none.
            decisions = Decisions(_with_origin(decisions.policy, text))
        decided = decisions.answer(self._routes[route], text, is_preflight=is_preflight)
        return encode(decided, self._wire)


_NOBODY = "-"
"""Stands for an origin that cannot be allowed: it is no member of any set but ``*``."""

_ELSEWHERE = Route("/", "", None)
"""A path that no route names is never for browsers."""


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


def _taking_all(routes: tuple[Route, ...]) -> Route | None:
    first = routes[0]
    takes_all = (first.path, first.match, first.host) == ("/", "prefix", None)
    return first if len(routes) == 1 and takes_all else None


def _with_origin(policy: Policy, origin: str | None) -> Policy:
    origins = OriginSet(() if origin in (None, _NOBODY) else (str(origin),))
    policies = {name: replace(p, allow_origins=origins) for name, p in policy.policies.items()}
    return replace(policy, policies=policies)


def _is_normal(path: str) -> bool:
    """Whether no segment is empty (but the last), ``.`` or ``..``."""
    segments = path.split("/")[1:]
    return not any(s in (".", "..") for s in segments) and "" not in segments[:-1]


def _hostname(host: str) -> str:
    try:
        return urlsplit("//" + host).hostname or ""
    except ValueError:
        return ""
