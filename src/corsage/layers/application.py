"""What an application must do for a policy: the same duties in every framework.

An application enforces CORS on the routes that its service owns. On the others it is silent: it
removes what its handlers send, since the gateway writes those headers, and a route with
``cors: none`` is never for browsers, whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.target import Hop
from corsage.layers.urls import split_url
from corsage.policy.decide import Decisions, Edit
from corsage.policy.model import CorsPolicy, Policy, Route

Duty: TypeAlias = Literal["enforce", "refuse", "leave"]
"""``enforce`` the policy; ``refuse`` browsers (``cors: none``); ``leave`` it to the gateway."""


@dataclass(frozen=True, slots=True)
class Duties:
    """A policy from the application's side.

    ``routes`` has the most specific first, so that the first that takes a path is the right one.
    ``unrouted`` are the policies for paths that no route takes, in the order in which they are
    asked: an origin that may read something here may read that there is nothing there.
    ``policies`` are those in use, in the file's order.
    """

    routes: tuple[tuple[Route, Duty], ...]
    policies: tuple[CorsPolicy, ...]
    unrouted: tuple[CorsPolicy, ...]


def duties(policy: Policy) -> Duties:
    """What an application that serves every route of ``policy`` must do."""
    routes = sorted(policy.routes, key=_specificity)
    used = {route.cors for route in routes if _duty(route) == "enforce"}
    return Duties(
        routes=tuple((route, _duty(route)) for route in routes),
        policies=tuple(rules for name, rules in policy.policies.items() if name in used),
        unrouted=tuple(_until_any_origin(_unrouted(policy))),
    )


def uses_hosts(policy: Policy) -> bool:
    """Whether any route is for one host only."""
    return any(route.host is not None for route in policy.routes)


def behave(
    policy: Policy,
    *,
    path_of: Callable[[str], str],
    preflight: Callable[[Headers], Headers] = tuple,
    actual: Callable[[Headers], Headers] = tuple,
) -> Hop:
    """The reference decision, with what a product writes otherwise.

    ``path_of`` is the path by which the product finds a route, given that of the URL.
    ``preflight`` and ``actual`` rewrite the headers that the decision sets.
    """
    decisions = Decisions(_owned_here(policy))

    def hop(request: WireRequest, service: Server) -> Response | None:
        url = split_url(request.url)
        headers = {name.lower(): value for name, value in request.headers}
        path = path_of(url.path or "/")
        decision = decisions.decide(request.method, url.hostname or "", path, headers)
        if decision.preflight is not None:
            answer = decision.preflight
            return Response(answer.status, preflight(answer.headers))
        response = service(request)
        edit = decision.edit
        if decision.route is not None and decision.route.owner == "service":
            edit = Edit(own=True)  # the gateway's route: nothing of ours, nothing of the handler's
        return response and replace(edit, headers=actual(edit.headers)).apply(response)

    return hop


def _owned_here(policy: Policy) -> Policy:
    # Decisions speaks for the gateway. Seen from the application the owners change places.
    other: dict[str, Literal["gateway", "service"]] = {"gateway": "service", "service": "gateway"}
    routes = tuple(
        replace(route, owner="gateway" if route.cors is None else other[route.owner])
        for route in policy.routes
    )
    return replace(policy, routes=routes)


def _duty(route: Route) -> Duty:
    if route.cors is None:
        return "refuse"
    return "enforce" if route.owner == "service" else "leave"


def _specificity(route: Route) -> tuple[bool, int, bool, int]:
    length = len(route.path.rstrip("/"))
    return route.host is None, -length, route.match != "exact", -len(route.path)


def _unrouted(policy: Policy) -> list[CorsPolicy]:
    # As Decisions orders them: those with credentials first, or the 404 of a fetch with cookies
    # would look like a CORS error.
    names = dict.fromkeys(route.cors for route in policy.routes if _duty(route) == "enforce")
    owned = [policy.policies[name] for name in names if name is not None]
    return sorted(owned, key=lambda rules: not rules.allow_credentials)


def _until_any_origin(policies: Iterable[CorsPolicy]) -> Iterable[CorsPolicy]:
    # Nobody asks the policies after one that admits everybody.
    for policy in policies:
        yield policy
        if policy.allow_origins.any_origin:
            return
