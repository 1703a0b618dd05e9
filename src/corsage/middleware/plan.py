"""A policy compiled for one interface: which answer a request gets, from the one decision.

:class:`~corsage.policy.decide.Decisions` decides; a plan finds the route, and keeps the answers
it was given, encoded, so that the next request from the same origin costs one look-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import AnyStr, Generic

from corsage.middleware.asked import AskedOrigins
from corsage.middleware.wire import Answer, Wire, encode
from corsage.policy.decide import Decision, Decisions
from corsage.policy.model import Owner, Policy, Route
from corsage.policy.origins import OriginSet

_LONGEST_ORIGIN = 512  # characters; no browser sends what is longer
_MOST_ANSWERS = 4096  # of a kind, for all routes together,
_FEWEST_ANSWERS = 16  # and for each of many
NOBODY = "-"

_ELSEWHERE = Route("/", "", None)
"""A path that no route names is never for browsers."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a middleware was told: a valid policy (:func:`standing_for`), and the callable that
    decides its origins, if one does."""

    policy: Policy
    asked: AskedOrigins | None = None


class Remembered(dict[AnyStr | None, Answer[AnyStr]]):
    """Answers by the origin that asks (None: no origin), each made when it is first asked for.

    What is too long for an origin is answered as ``nobody`` is. When ``most`` are kept all are
    forgotten: whoever makes up origins pays a decision for each, and the real ones one more.
    """

    __slots__ = ("_make", "_most", "_nobody")

    def __init__(
        self, make: Callable[[AnyStr | None], Answer[AnyStr]], nobody: AnyStr, most: int
    ) -> None:
        super().__init__()
        self._make: Callable[[AnyStr | None], Answer[AnyStr]] = make
        self._nobody: AnyStr = nobody
        self._most = most

    def __missing__(self, origin: AnyStr | None) -> Answer[AnyStr]:
        if origin is not None and len(origin) > _LONGEST_ORIGIN:
            origin = self._nobody
        answer: Answer[AnyStr] = self._make(origin)
        if len(self) >= self._most:
            self.clear()
        self[origin] = answer
        return answer


class Answers(Generic[AnyStr]):
    """The answers of one route: to actual requests and to preflights."""

    __slots__ = ("actual", "preflight")

    def __init__(
        self, decide: Callable[[str | None, bool], Decision], wire: Wire[AnyStr], most: int
    ) -> None:
        def answer(is_preflight: bool, origin: AnyStr | None) -> Answer[AnyStr]:
            text = None if origin is None else wire.read(origin)
            return encode(decide(text, is_preflight), wire)

        nobody = wire.write(NOBODY)
        self.actual: Remembered[AnyStr] = Remembered(partial(answer, False), nobody, most)
        self.preflight: Remembered[AnyStr] = Remembered(partial(answer, True), nobody, most)


class Plan(Generic[AnyStr]):
    """What a middleware does with each request. Immutable: a change is another plan.

    ``only`` are the answers if they are the same for every path; where it is None, ``route``
    finds them by the path and, if ``by_host``, the host, and every origin must go through
    ``allowed`` first. ``nobody`` stands for an origin that cannot be allowed: it is no member of
    any set but ``*``.
    """

    def __init__(self, rules: Rules, wire: Wire[AnyStr]) -> None:
        policy: Policy = rules.policy
        self._wire: Wire[AnyStr] = wire
        self._decisions: Decisions = Decisions(policy)
        self._asked = rules.asked
        routes = (*policy.routes, _ELSEWHERE)
        most = max(_FEWEST_ANSWERS, _MOST_ANSWERS // len(policy.routes))
        # Routes go by identity: hashing one by its fields would cost more than all the rest.
        self._answers: dict[int, Answers[AnyStr]] = {
            id(route): Answers(partial(self._decide, route), wire, most) for route in routes
        }
        self.nobody: AnyStr = wire.write(NOBODY)
        self.by_host: bool = any(route.host is not None for route in policy.routes)
        self.only: Answers[AnyStr] | None = None
        if rules.asked is None and _takes_all(policy.routes):
            self.only = self._answers[id(policy.routes[0])]

    def route(self, host: str, path: str) -> Answers[AnyStr]:
        """The answers for a request. ``host`` is the ``Host`` header, ``path`` is decoded."""
        route = _ELSEWHERE
        # Whether the app takes /a/../b for /b is its own affair: no policy covers a guess.
        if ("//" not in path and "/." not in path) or _is_normal(path):
            route = self._decisions.route(host, path) or _ELSEWHERE
        return self._answers[id(route)]

    def allowed(self, origin: AnyStr) -> AnyStr:
        """The origin if the callable allows it, else nobody."""
        is_allowed = self._asked is None or self._asked.allows(self._wire.read(origin))
        return origin if is_allowed else self.nobody

    async def allowed_async(self, origin: AnyStr) -> AnyStr:
        """The origin if the callable, which may be a coroutine function, allows it."""
        is_allowed = self._asked is None or await self._asked.allows_async(self._wire.read(origin))
        return origin if is_allowed else self.nobody

    def _decide(self, route: Route, origin: str | None, is_preflight: bool) -> Decision:
        decisions = self._decisions
        if self._asked is not None:
            # The callable's yes is the policy with that one origin, its no the one with none.
            decisions = Decisions(_with_origin(decisions.policy, origin))
        return decisions.answer(route, origin, is_preflight=is_preflight)


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
    origins = OriginSet(() if origin in (None, NOBODY) else (str(origin),))
    policies = {name: replace(p, allow_origins=origins) for name, p in policy.policies.items()}
    return replace(policy, policies=policies)


def _is_normal(path: str) -> bool:
    """Whether no segment is empty (but the last), ``.`` or ``..``."""
    segments = path.split("/")[1:]
    return not any(s in (".", "..") for s in segments) and "" not in segments[:-1]
