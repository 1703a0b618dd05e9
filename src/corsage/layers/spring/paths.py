"""Routes as Spring's path patterns, and those that no pattern can take."""

from __future__ import annotations

from corsage.layers.target import Clause, FidelityError
from corsage.policy.model import Policy, Route


def pattern(route: Route) -> str:
    """The PathPattern that takes exactly the paths of ``route``."""
    return route.path if route.match == "exact" else f"{route.path.rstrip('/')}/**"


def lost(policy: Policy) -> tuple[Clause, ...]:
    """A row for each route with a semicolon in its path."""
    return tuple(
        Clause(
            f"route {route.path}",
            "lost",
            "Spring routes by a path without what follows a semicolon: the route is never found",
            "rename the route, or put a gateway that owns it in front: corsage render nginx",
        )
        for route in policy.routes
        if ";" in route.path
    )


def check(policy: Policy) -> None:
    """Raise FidelityError if a route would never be found."""
    if rows := lost(policy):
        raise FidelityError("spring", rows)
