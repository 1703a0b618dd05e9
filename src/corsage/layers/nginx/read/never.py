"""Texts that are compared with origins, or sent as one, and that no origin is equal to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corsage.browser.origin import serialise
from corsage.layers import rules
from corsage.layers.nginx.read.apart import language_of
from corsage.layers.nginx.read.conditions import condition
from corsage.layers.nginx.read.configuration import Server
from corsage.layers.nginx.read.headers import changes_of
from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.maps import Map, Row
from corsage.layers.nginx.read.origins import is_origin
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.nginx.read.values import parts_of
from corsage.layers.site import Slip
from corsage.layers.urls import split_url
from corsage.layers.where import Where
from corsage.patterns import Undecided, UnsupportedPattern

_ALLOW_ORIGIN = "access-control-allow-origin"
_SEVERAL = re.compile(r"[\s,;]+")
_HOST = re.compile(r"\.?(?:[a-z0-9_-]+\.)+[a-z]{2,}(?::\d+)?", re.IGNORECASE)
_REFUSED = ("", "0", "deny", "denied", "off", "no", "false")
_MAP = (
    'map $http_origin $allowed_origin { default ""; "https://app.example.com" $http_origin; } '
    "and add_header Access-Control-Allow-Origin $allowed_origin always;"
)


def never_matching(server: Server) -> Iterator[Slip]:
    """Findings in the values of ``Access-Control-Allow-Origin`` and in what ``$http_origin`` is
    compared with."""
    used: set[str] = set()
    for level in (*server.level.inwards(), server.nginx.http):
        for directive, word in _told(level):
            used |= {name for kind, name in parts_of(word) if kind == "variable"}
            yield from _sent(word, directive.where)
        yield from _asked(level)
    yield from _set(server, used)
    for table in server.nginx.maps.values():
        yield from _keys(table)
        if table.variable in used:
            for row in (*table.rows, *([table.default] if table.default else [])):
                yield from _sent(row.value, row.where)


def _told(level: Level) -> Iterator[tuple[Directive, str]]:
    for each in level.own.get("add_header", ()):
        if len(each.args) > 1 and each.args[0].lower() == _ALLOW_ORIGIN:
            yield each, each.args[1]
    for each in level.own.get("more_set_headers", ()):
        for change in changes_of(each):
            if change.name.lower() == _ALLOW_ORIGIN and change.value:
                yield each, change.value


def _set(server: Server, used: set[str]) -> Iterator[Slip]:
    for level in server.level.inwards():
        for each, _ in level.codes:
            if each.name == "set" and len(each.args) > 1 and each.args[0][1:].lower() in used:
                yield from _sent(each.args[1], each.where)


def _sent(word: str, where: Where) -> Iterator[Slip]:
    """A value that goes out as ``Access-Control-Allow-Origin``."""
    kinds = parts_of(word)
    if ("variable", "http_referer") in kinds:
        yield Slip(
            rules.NEVER_MATCHES,
            "$http_referer is the address of a page, and ends with a path",
            where,
            why="Browsers compare the header with the origin: scheme, host and port, no slash.",
            fix=_MAP,
        )
    if any(kind != "text" for kind, _ in kinds):
        return
    several = [part for part in _SEVERAL.split(word.strip()) if part]
    if len(several) > 1:
        yield Slip(
            rules.SEVERAL_IN_ONE,
            f'"{_short(word)}" is one value to a browser, and equal to no origin',
            where,
            why="Access-Control-Allow-Origin holds one origin or *; lists are not understood.",
            fix=_MAP,
        )
    elif word not in ("", "*") and not is_origin(word) and _is_meant_as_origin(word):
        yield _never(word, where, f'a browser finds "{_short(word)}" equal to no origin')


def _is_meant_as_origin(word: str) -> bool:
    return "://" in word or "*" in word or _HOST.fullmatch(word) is not None


def _asked(level: Level) -> Iterator[Slip]:
    """Comparisons with ``$http_origin`` that never hold."""
    for directive, inner in level.codes:
        words = condition(directive) if inner is not None else []
        if len(words) != 3 or words[0].lower() not in ("$http_origin", "${http_origin}"):
            continue
        operator, operand = words[1:]
        where = directive.where_of(len(directive.args) - 1)
        if operator == "=" and operand and "$" not in operand:
            if not is_origin(operand):
                yield _never(operand, where, f'$http_origin is never "{_short(operand)}"')
        elif operator in ("~", "~*") and _never_found(operand, operator == "~*"):
            yield _never(operand, where, f'no origin matches "{_short(operand)}"')


def _keys(table: Map) -> Iterator[Slip]:
    if table.source.lower() not in ("$http_origin", "${http_origin}"):
        return
    for row in table.rows:
        if row.value.lower() in _REFUSED or not row.key:
            continue
        if row.is_regex:
            text, caseless = row.pattern
            never = _never_found(text, caseless)
        else:
            text, never = row.key, _is_dead_key(table, row)
        if never:
            yield _never(text, row.where, f'no origin matches "{_short(row.key)}"')


def _is_dead_key(table: Map, row: Row) -> bool:
    if table.hostnames and (row.key.startswith(("*.", ".")) or row.key.endswith(".*")):
        return "/" in row.key.removeprefix("*").removesuffix("*")
    key = row.key.removeprefix("\\").lower()
    return not is_origin(key)


def _never_found(text: str, caseless: bool) -> bool:
    """Whether a regex matches no origin; one for requests without any is not meant for them."""
    try:
        return re.search(r"\^\)?\$", text) is None and language_of(text, caseless).is_empty()
    except (UnsupportedPattern, Undecided):
        return False


def _never(text: str, where: Where, message: str) -> Slip:
    fix, why = _instead(text)
    return Slip(rules.NEVER_MATCHES, message, where, why=why, fix=fix)


def _instead(text: str) -> tuple[str | None, str]:
    if "*" in text and not text.startswith("^"):
        regex = re.escape(text).replace(r"\*", "[a-z0-9-]+").replace("/", "/")
        return f"~^{regex}$", "There are no wildcards here; a map takes a regex behind `~`."
    if text.startswith("^"):
        return None, "An origin is scheme://host[:port], in lower case, without a path."
    if "://" not in text:
        host = text.removeprefix(".")
        return f"https://{host}", "An origin begins with its scheme."
    url = split_url(text)
    if url.path or url.query:
        return serialise(text), "An origin has no path, not even a slash at its end."
    return serialise(text), "Browsers send origins in lower case, and leave default ports out."


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."
