"""The class that ``corsage render spring`` writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from corsage.browser.exchange import WireRequest
from corsage.layers.apps import tree
from corsage.layers.apps.entries import entry, everybody, exact
from corsage.layers.apps.own import OwnPolicy, OwnRoute, Tables, instance, top_level
from corsage.layers.site import Instance, OriginEntry
from corsage.layers.urls import split_url
from corsage.patterns import regex

_PARAMETERS = re.compile(";[^/]*")
_ROUTES = ("Route.owned", "Route.closed", "Route.ofTheGateway")


def read(module: tree.Module) -> Instance | None:
    """The application of a written class; None where its tables are not what they were."""
    rows: dict[str, OwnPolicy] = {}
    routes: list[OwnRoute] = []
    hosts: dict[int, str] = {}
    for node in tree.walk(*module.body):
        if not isinstance(node, tree.Call):
            continue
        function = node.function
        if node.new and tree.dotted(function) == "Policy" and len(node.args) >= 5:
            if (name := _text(node.args[0])) is not None:
                rows[name] = _policy(module, name, node)
        elif isinstance(function, tree.Member) and function.name == "on" and node.args:
            hosts[id(function.of)] = _text(node.args[0]) or ""
        elif isinstance(function, tree.Member) and tree.dotted(function) in _ROUTES:
            routes.append(_route(node, function.name, hosts.get(id(node)), rows))
    unrouted = top_level(module, "UNROUTED")
    if unrouted is None:
        return None
    used = [name for node in tree.walk(unrouted) if (name := _named(node)) is not None]
    tables = Tables(
        tuple(rows.values()), tuple(routes), tuple(rows[name] for name in used if name in rows)
    )
    at = next(iter(rows.values())).where if rows else module.where(unrouted)
    return instance("a written class", "app", at, tables, _path)


def _path(request: WireRequest) -> str:
    return unquote(_PARAMETERS.sub("", split_url(request.url).path or "/"))


def _text(node: tree.Node) -> str | None:
    return node.value if isinstance(node, tree.Literal) and isinstance(node.value, str) else None


def _named(node: tree.Node) -> str | None:
    """``name`` of ``policy("name")``."""
    if isinstance(node, tree.Call) and tree.dotted(node.function) == "policy" and node.args:
        return _text(node.args[0])
    return None


def _policy(module: tree.Module, name: str, node: tree.Call) -> OwnPolicy:
    _, origins, patterns, preflight, actual, *rest = node.args
    entries = (*_origins(module, origins), *_patterns(module, patterns))
    timing = bool(rest) and isinstance(rest[0], tree.Literal) and rest[0].value is True
    return OwnPolicy.of(
        name, module.where(node), entries, _map(preflight), _map(actual), timing=timing
    )


def _origins(module: tree.Module, node: tree.Node) -> Iterator[OriginEntry]:
    for one in node.args if isinstance(node, tree.Call) else ():
        for text in (_text(one) or "").split("\n"):
            if text.strip() == "*":
                yield everybody(module, one.at)
            elif text.strip():
                yield exact(module, one.at, text.strip())


def _patterns(module: tree.Module, node: tree.Node) -> Iterator[OriginEntry]:
    for one in node.args if isinstance(node, tree.Call) else ():
        text = _text(one.args[0]) if isinstance(one, tree.Call) and one.args else None
        if text is not None:
            yield entry(module, one.at, text, regex(text, "java", "full"))


def _map(node: tree.Node) -> dict[str, str]:
    texts = [_text(one) or "" for one in node.args] if isinstance(node, tree.Call) else []
    return dict(zip(texts[::2], texts[1::2], strict=False))


def _route(node: tree.Call, kind: str, host: str | None, rows: dict[str, OwnPolicy]) -> OwnRoute:
    pattern = (_text(node.args[0]) if node.args else None) or "/**"
    is_prefix = pattern.endswith("/**")
    path = pattern.removesuffix("**") if is_prefix else pattern
    name = _named(node.args[1]) if len(node.args) > 1 else None
    used = (rows[name],) if name is not None and name in rows else ()
    return OwnRoute(_plain(path), not is_prefix, host, kind == "ofTheGateway", used)


def _plain(pattern: str) -> str:
    """The literal path of a pattern, in which nothing stands for anything else."""
    return re.sub(r"\\(.)", r"\1", pattern)
