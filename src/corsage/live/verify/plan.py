"""Which questions a deployment is asked about its policy. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from corsage.browser import Request, preflight_for
from corsage.policy.cases import Case, Extent, cases
from corsage.policy.decide import Decisions
from corsage.policy.model import Policy, Route
from corsage.policy.near_misses import STRANGER

Way: TypeAlias = Literal["sent", "preflight", "unasked"]
"""How a case is asked: as the browser would send it; its preflight alone; or not at all, because
it has no preflight and its method is not one to send uninvited."""

SAFE_METHODS = frozenset({"GET", "HEAD"})
"""Methods whose requests change nothing (RFC 9110, 9.2.1), and that any server expects."""

_NEARLY_ALL = Extent(elsewhere=5, by_hand=True)
_EVERYTHING = Extent(routes=10**9, origins=10**9, mistaken=10**9, elsewhere=10**9, by_hand=True)


@dataclass(frozen=True, slots=True)
class Question:
    """A case, the route that takes it (None: no route does), and who asks: the name of the group
    of origins, ``any origin``, ``a stranger`` or ``another origin``. ``number`` is its place in the
    order of the file."""

    case: Case
    route: Route | None
    who: str
    number: int = 0

    @property
    def place(self) -> str:
        """The route in a word: ``/billing``, ``files.example.com/uploads`` or ``no route``."""
        return place_of(self.route)

    @property
    def clause(self) -> tuple[str, str, str]:
        """What is exercised, alike for all origins of a group: place, who and what."""
        return self.place, self.who, self.case.kind


def place_of(route: Route | None) -> str:
    """The route in a word."""
    return "no route" if route is None else f"{route.host or ''}{route.path}"


def aimed(policy: Policy, url: str) -> Policy:
    """The policy with ``url`` (an origin) as the gateway's public one.

    If the policy's pages see https and ``url`` is http, it is asked in clear behind what ends
    TLS, and judged as https: else every secure page's request would be mixed content.
    """
    at = urlsplit(url)
    secure = policy.gateway.public_origin.startswith("https:") or at.scheme == "https"
    public = f"{'https' if secure else 'http'}://{at.netloc}"
    return replace(policy, gateway=replace(policy.gateway, public=public))


def origins_of(policy: Policy) -> tuple[str, ...]:
    """The origins at which the policy's routes are asked: the public one and their hosts'."""
    public = urlsplit(policy.gateway.public_origin)
    port = f":{public.port}" if public.port is not None else ""
    hosts = dict.fromkeys(route.host for route in policy.routes if route.host is not None)
    others = (f"{public.scheme}://{host}{port}" for host in hosts)
    return tuple(dict.fromkeys((policy.gateway.public_origin, *others)))


def questions(policy: Policy, *, everything: bool = False) -> Iterator[Question]:
    """What to ask: every clause on every route, by origins that stand for those of their group.

    ``everything`` asks for every origin, on every route.
    """
    decisions = Decisions(policy)
    extent = _EVERYTHING if everything else _NEARLY_ALL
    # What no browser sends, no browser lets a page read.
    asked = (case for case in cases(policy, extent) if case.browser)
    for number, case in enumerate(asked):
        yield question_of(policy, decisions, case, number)


def question_of(policy: Policy, decisions: Decisions, case: Case, number: int) -> Question:
    """The question that a case is."""
    url = urlsplit(case.request.url)
    route = decisions.route(url.netloc, url.path or "/")
    return Question(case, route, _who(policy, route, case.request.origin), number)


def way(request: Request, *, send: bool) -> Way:
    """How a case's request is asked. ``send``: whether every method may be."""
    if send or request.method.upper() in SAFE_METHODS:
        return "sent"
    return "unasked" if preflight_for(request) is None else "preflight"


def _who(policy: Policy, route: Route | None, origin: str) -> str:
    groups = [name for name, group in policy.origins.items() if origin in group]
    if groups:
        return "+".join(groups)
    rules = policy.policies[route.cors] if route is not None and route.cors else None
    if rules is not None and rules.allow_origins.any_origin:
        return "any origin"
    if rules is not None and origin in rules.allow_origins:
        return f"an origin of {rules.name}"
    return "a stranger" if origin == STRANGER else "another origin"
