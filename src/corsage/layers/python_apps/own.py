"""The modules that ``corsage render`` writes for FastAPI, Flask and Django."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.apps import tree
from corsage.layers.apps.entries import entry, everybody, exact
from corsage.layers.apps.own import OwnPolicy, OwnRoute, Tables, instance, top_level
from corsage.layers.apps.requests import path_of
from corsage.layers.apps.run import Run
from corsage.layers.apps.values import Const, Fields, Items, Made, Pattern, Value, as_text
from corsage.layers.site import Instance, OriginEntry
from corsage.patterns import regex


def read(run: Run) -> Instance | None:
    """The app of a written module; None where its tables are not what they were."""
    policies = run.names.own.get("POLICIES")
    routes = run.names.own.get("ROUTES")
    unrouted = run.names.own.get("UNROUTED")
    if not isinstance(policies, Fields) or not isinstance(routes, Items):
        return None
    rows: dict[Value, OwnPolicy] = {}
    for key, value in policies.pairs:
        if not isinstance(value, Made):
            return None
        rows[value] = _policy(run.module, as_text(key) or "", value)
    made = [_route(one, rows) for one in routes.items]
    left = unrouted.items if isinstance(unrouted, Items) else ()
    tables = Tables(
        tuple(rows.values()),
        tuple(route for route in made if route is not None),
        tuple(rows[one] for one in left if one in rows),
    )
    node = top_level(run.module, "POLICIES")
    where = run.module.where(node if node is not None else tree.NOWHERE)
    return instance("a written module", "app", where, tables, path_of)


def _policy(module: tree.Module, name: str, made: Made) -> OwnPolicy:
    timing = made.named.get("timing")
    return OwnPolicy.of(
        name,
        module.where(made.at),
        tuple(_entries(module, made)),
        _texts(made.named.get("preflight")),
        _texts(made.named.get("actual")),
        timing=isinstance(timing, Const) and bool(timing.value),
    )


def _entries(module: tree.Module, made: Made) -> list[OriginEntry]:
    found: list[OriginEntry] = []
    origins, patterns = made.named.get("origins"), made.named.get("patterns")
    for one in origins.items if isinstance(origins, Items) else ():
        text = as_text(one) or ""
        found.append(everybody(module, one.at) if text == "*" else exact(module, one.at, text))
    listed = patterns.items if isinstance(patterns, Items) else ()
    return found + [
        entry(module, one.at, one.text, regex(one.text, "python", "full"))
        for one in listed
        if isinstance(one, Pattern)
    ]


def _texts(value: Value | None) -> Mapping[str, str]:
    if not isinstance(value, Fields):
        return {}
    return {as_text(key) or "": as_text(one) or "" for key, one in value.pairs}


def _route(value: Value, rows: Mapping[Value, OwnPolicy]) -> OwnRoute | None:
    if not isinstance(value, Made):
        return None
    path = as_text(value.arg(0, "path")) or "/"
    listed = value.arg(1, "policies")
    used = [one for one in listed.items if one in rows] if isinstance(listed, Items) else []
    return OwnRoute(
        path=path,
        exact=_flag(value.named.get("exact")),
        host=as_text(value.named.get("host")),
        gateway=_flag(value.named.get("gateway")),
        policies=tuple(rows[one] for one in used),
    )


def _flag(value: Value | None) -> bool:
    return isinstance(value, Const) and bool(value.value)
