"""The modules that ``corsage render`` writes for Express and Fastify."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.browser.exchange import WireRequest
from corsage.layers.apps import tree
from corsage.layers.apps.entries import entry, everybody, exact
from corsage.layers.apps.own import OwnPolicy, OwnRoute, Tables, instance, top_level
from corsage.layers.apps.run import Run
from corsage.layers.apps.values import Const, Fields, Items, Pattern, as_text
from corsage.layers.javascript import decode_uri
from corsage.layers.site import Instance, OriginEntry
from corsage.layers.urls import split_url
from corsage.patterns import regex


def read(run: Run) -> Instance | None:
    """The app of a written module; None where its tables are not what they were."""
    module = run.module
    policies, routes = top_level(module, "policies"), top_level(module, "routes")
    unrouted = top_level(module, "unrouted")
    if not isinstance(policies, tree.MapOf) or not isinstance(routes, tree.ListOf):
        return None
    rows: dict[str, OwnPolicy] = {}
    for key, node in policies.pairs:
        if key is None or not isinstance(node, tree.Call) or not node.args:
            return None
        name = as_text(run.value(key, run.names, True)) or ""
        fields = run.value(node.args[0], run.names, True)
        if not isinstance(fields, Fields):
            return None
        rows[name] = _policy(module, name, node, fields)
    made = tuple(_route(run, node, rows) for node in routes.items if isinstance(node, tree.MapOf))
    left = unrouted.items if isinstance(unrouted, tree.ListOf) else ()
    used = tuple(rows[name] for node in left if (name := _member(run, node)) in rows)
    tables = Tables(tuple(rows.values()), made, used)
    return instance("a written module", "app", module.where(policies), tables, _path)


def _path(request: WireRequest) -> str:
    return decode_uri(split_url(request.url).path or "/")


def _policy(module: tree.Module, name: str, node: tree.Node, fields: Fields) -> OwnPolicy:
    credentials = (
        {"Access-Control-Allow-Credentials": "true"} if _flag(fields, "credentials") else {}
    )
    preflight = credentials | _lists(
        fields,
        {
            "methods": "Access-Control-Allow-Methods",
            "allowedHeaders": "Access-Control-Allow-Headers",
        },
    )
    age = fields.get("maxAge")
    if isinstance(age, Const):
        preflight["Access-Control-Max-Age"] = as_text(age) or ""
    actual = credentials | _lists(fields, {"exposedHeaders": "Access-Control-Expose-Headers"})
    entries = tuple(_entries(module, fields))
    timing = _flag(fields, "timing")
    return OwnPolicy.of(name, module.where(node), entries, preflight, actual, timing=timing)


def _flag(fields: Fields, name: str) -> bool:
    value = fields.get(name)
    return isinstance(value, Const) and bool(value.value)


def _lists(fields: Fields, names: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, header in names.items():
        value = fields.get(name)
        if isinstance(value, Items) and value.items:
            found[header] = ", ".join(as_text(one) or "" for one in value.items)
    return found


def _entries(module: tree.Module, fields: Fields) -> list[OriginEntry]:
    origins, patterns = fields.get("origins"), fields.get("patterns")
    if isinstance(origins, Const):
        return [everybody(module, origins.at)]
    listed = origins.items if isinstance(origins, Items) else ()
    found = [exact(module, one.at, as_text(one) or "") for one in listed]
    for one in patterns.items if isinstance(patterns, Items) else ():
        if isinstance(one, Pattern):
            language = regex(one.text, "javascript", "search")
            found.append(entry(module, one.at, one.text, language))
    return found


def _route(run: Run, node: tree.MapOf, rows: Mapping[str, OwnPolicy]) -> OwnRoute:
    pairs = {getattr(key, "value", None): value for key, value in node.pairs}
    texts = {
        name: as_text(run.value(pairs[name], run.names, True))
        for name in ("host", "exact", "prefix")
        if name in pairs
    }
    listed = pairs.get("policies")
    items = listed.items if isinstance(listed, tree.ListOf) else ()
    used = tuple(rows[name] for one in items if (name := _member(run, one)) in rows)
    exact_path = texts.get("exact")
    path = exact_path if exact_path is not None else texts.get("prefix")
    return OwnRoute(
        path or "/", exact_path is not None, texts.get("host"), "gateway" in pairs, used
    )


def _member(run: Run, node: tree.Node) -> str:
    """``session`` of ``policies.session`` and ``policies["session"]``."""
    if isinstance(node, tree.Member):
        return node.name
    return (
        as_text(run.value(node.key, run.names, True)) or "" if isinstance(node, tree.Index) else ""
    )
