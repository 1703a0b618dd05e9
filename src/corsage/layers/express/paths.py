"""Routes that are one to Express: case does not count unless `case sensitive routing` is on."""

from __future__ import annotations

from corsage.layers.target import Clause, FidelityError
from corsage.policy.model import Policy, Route


def lost(policy: Policy) -> tuple[Clause, ...]:
    """A row for each route that differs from another by case alone."""
    seen: dict[tuple[str | None, str, str], Route] = {}
    rows = []
    for route in policy.routes:
        first = seen.setdefault((route.host, route.path.lower(), route.match), route)
        if first.path != route.path:
            rows.append(
                Clause(
                    f"routes {first.path} and {route.path}",
                    "lost",
                    "Express takes paths that differ only by case for the same path",
                    "rename one of the two routes, or put a gateway that tells them apart in "
                    "front: corsage render nginx",
                )
            )
    return tuple(rows)


def check(policy: Policy) -> None:
    """Raise FidelityError if two routes would be one."""
    if rows := lost(policy):
        raise FidelityError("express", rows)
