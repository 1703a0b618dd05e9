"""Which location takes a path, in the order of ``ngx_http_core_find_location``.

An exact one, else the longest prefix and what is nested in it, else the first regex of the same
level, unless the prefix says ``^~``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from weakref import WeakKeyDictionary

from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.pcre import UnknownRegex, regex

PASSES = (
    "proxy_pass",
    "fastcgi_pass",
    "uwsgi_pass",
    "scgi_pass",
    "grpc_pass",
    "memcached_pass",
)
"""What sends requests on."""


@dataclass(frozen=True, slots=True)
class Found:
    """``redirects``: the path lacks nothing but the slash at its end, and is sent there."""

    level: Level
    redirects: bool = False
    match: re.Match[str] | None = None


@dataclass(slots=True)
class _Table:
    exact: dict[str, Level] = field(default_factory=dict)
    prefixes: list[Level] = field(default_factory=list)
    regexes: list[Level] = field(default_factory=list)
    slashed: dict[str, Level] = field(default_factory=dict)


_TABLES: WeakKeyDictionary[Level, _Table] = WeakKeyDictionary()


def find_location(server: Level, path: str) -> Found:
    """The location of a server that takes a decoded path; the server itself if none does."""
    return _find(server, path)[1]


def named_location(server: Level, name: str) -> Level | None:
    """``location @name``."""
    return next((one for one in server.locations if one.modifier == "@" and one.path == name), None)


def _find(level: Level, path: str) -> tuple[Literal["found", "prefix", "none"], Found]:
    table = _table(level)
    if exact := table.exact.get(path):
        return "found", Found(exact)
    prefix = next((each for each in table.prefixes if path.startswith(each.path)), None)
    if (prefix is None or prefix.path != path) and (slashed := table.slashed.get(path)):
        return "found", Found(slashed, redirects=True)
    found = Found(level)
    outcome: Literal["found", "prefix", "none"] = "none"
    if prefix is not None:
        outcome, found = _find(prefix, path)
        if outcome == "found":
            return outcome, found
    if prefix is None or prefix.modifier != "^~":
        for each in table.regexes:
            try:
                match = regex(each.path, each.modifier == "~*").search(path)
            except UnknownRegex:
                continue
            if match:
                inner = _find(each, path)[1]
                return "found", Found(inner.level, inner.redirects, inner.match or match)
    return outcome, found


def _table(level: Level) -> _Table:
    table = _TABLES.get(level)
    if table is None:
        table = _TABLES[level] = _Table()
        for each in level.locations:
            if each.modifier in ("~", "~*"):
                table.regexes.append(each)
                continue
            if each.modifier == "=":
                table.exact.setdefault(each.path, each)
            elif each.modifier != "@":
                table.prefixes.append(each)
            if each.path.endswith("/") and any(name in each.own for name in PASSES):
                table.slashed.setdefault(each.path[:-1], each)
        table.prefixes.sort(key=lambda one: -len(one.path))
    return table
