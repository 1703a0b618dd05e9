"""What can be asked of any source: a server, and requests that are worth asking it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from corsage.browser import Request, Response, Server, Verdict, WireRequest, judge
from corsage.chain.carry import carry
from corsage.chain.compose import travel
from corsage.chain.system import System
from corsage.chain.topology import Chain
from corsage.layers.urls import split_url
from corsage.patterns import OriginLanguage, from_policy, nothing
from corsage.policy import Policy, cases
from corsage.policy.cases import Extent
from corsage.policy.decide import Decisions, serve
from corsage.policy.model import Route

_EXTENT = Extent(origins=50, mistaken=5)


@dataclass(frozen=True, slots=True)
class Question:
    """A request, and in a few words what it is about."""

    request: Request
    about: str


@dataclass(frozen=True, slots=True)
class Surface:
    """A source to compare. ``admits(url)`` is the set of origins that its lists let read there,
    None where that is not known (a running server). ``knows(url)``: the host is one of its own;
    ``routes(url)``: so is the path."""

    name: str
    server: Server
    questions: tuple[Question, ...]
    admits: Callable[[str], OriginLanguage | None]
    knows: Callable[[str], bool] = lambda _url: True
    routes: Callable[[str], bool] = lambda _url: False

    def ask(self, request: Request) -> Verdict:
        """The browsers' verdict on a request to this source."""
        return judge(request, self.server)


def of_policy(policy: Policy, name: str) -> Surface:
    """A policy as it is enforced, its services silent."""
    decisions = Decisions(policy)

    def route_of(url: str) -> Route | None:
        split = split_url(url)
        return decisions.route(split.hostname or "", split.path)

    def admits(url: str) -> OriginLanguage:
        route = route_of(url)
        rules = policy.policies.get(route.cors or "") if route is not None else None
        return from_policy(rules.allow_origins) if rules is not None else nothing()

    owned = tuple(replace(route, owner="gateway") for route in policy.routes)
    faithful = serve(replace(policy, routes=owned), lambda _request: Response(200))
    return Surface(
        name,
        faithful,
        tuple(_questions(policy)),
        admits,
        routes=lambda url: route_of(url) is not None,
    )


def of_system(system: System, name: str) -> Surface:
    """Configuration, its services silent."""
    carried = carry(system)
    questions = tuple(_questions(carried.policy)) if carried is not None else ()

    def admits(url: str) -> OriginLanguage:
        language = nothing()
        chain = _chain(system, url)
        if chain is None:
            return language
        for passage in travel(chain.links, WireRequest("actual", "GET", url, ())).passages:
            if passage.site is not None and passage.site.grant is not None:
                for entry in passage.site.grant.entries:
                    language = language | entry.language
        return language

    return Surface(
        name,
        system,
        questions,
        admits,
        knows=lambda url: system.entry(url) is not None,
        routes=lambda url: _chain(system, url) is not None,
    )


def _chain(system: System, url: str) -> Chain | None:
    """The path under a URL, which may be one of few methods."""
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        chain = system.chain(WireRequest("actual", method, url, ()))
        if chain is not None:
            return chain
    return None


def of_server(server: Server, name: str) -> Surface:
    """Something that runs: it can be asked, and says nothing of its own accord."""
    return Surface(name, server, (), lambda _url: None)


def _questions(policy: Policy) -> Iterator[Question]:
    for case in cases(policy, _EXTENT):
        if case.browser:
            yield Question(case.request, case.kind)
