"""Whom a location lets read: every origin at once, sent through it.

An actual request and a preflight run with an origin that stands for all (see
:mod:`.possible`). Each way through the configuration that ends with headers for the origin is a
part of the grant, with the line of the configuration that led there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from corsage.browser.exchange import Response, WireRequest
from corsage.layers.nginx.read.configuration import Server
from corsage.layers.nginx.read.headers import Line
from corsage.layers.nginx.read.possible import Possible, explore
from corsage.layers.nginx.read.run import Outcome, outcome_of
from corsage.layers.nginx.read.state import Asked
from corsage.layers.nginx.read.values import ORIGIN, Value, text_of, unseen_in
from corsage.layers.nginx.read.ways import Memo, TooManyPaths
from corsage.layers.site import ClauseName, Grant, OriginEntry, Setting, Unknown
from corsage.layers.where import Where
from corsage.patterns import OriginLanguage, anything, exactly

CLAUSES: dict[str, ClauseName] = {
    "access-control-allow-origin": "allow_origins",
    "access-control-allow-credentials": "allow_credentials",
    "access-control-allow-methods": "allow_methods",
    "access-control-allow-headers": "allow_headers",
    "access-control-expose-headers": "expose_headers",
    "access-control-max-age": "max_age",
    "vary": "vary",
}
_ORIGIN = "access-control-allow-origin"
_ASKED_METHOD = "PUT"
_ASKED_HEADER = "x-asked-for"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


_Key: TypeAlias = tuple[str, Where]


@dataclass
class _Found:
    """What the ways through a location add up to."""

    entries: dict[_Key, list[OriginLanguage]] = field(default_factory=lambda: defaultdict(list))
    exact: dict[_Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    unknown: dict[Where, str] = field(default_factory=dict)
    guessed: dict[_Key, dict[Where, set[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    certain: set[_Key] = field(default_factory=set)
    lines: dict[str, Line] = field(default_factory=dict)
    written: bool = False


def grant_of(server: Server, path: str, url: str) -> Grant | None:
    """The grant of a location that ``path`` reaches; None if it says nothing about CORS."""
    actual = _Found()
    for method in _methods(server):
        wire = WireRequest("actual", method, f"{url}{path}", ())
        _run(server, wire, actual)
    preflight = _Found()
    wire = WireRequest(
        "preflight",
        "OPTIONS",
        f"{url}{path}",
        (
            ("Access-Control-Request-Method", _ASKED_METHOD),
            ("Access-Control-Request-Headers", _ASKED_HEADER),
        ),
    )
    _run(server, wire, preflight)
    if not (actual.written or preflight.written or actual.unknown):
        return None
    return _grant(actual, preflight)


def _methods(server: Server) -> tuple[str, ...]:
    """The methods that are worth asking: configurations seldom tell more than these apart."""
    words = " ".join(
        word
        for each in server.level.inwards()
        for directive, _ in each.codes
        if directive.name == "if"
        for word in directive.args
    )
    tables = " ".join(
        row.key
        for table in server.nginx.maps.values()
        if "request_method" in table.source
        for row in table.rows
    )
    named = tuple(one for one in _METHODS if one in f"{words} {tables}")
    if not named:
        return ("GET",)
    unnamed = next((one for one in ("POST", "PUT", "PATCH", "DELETE") if one not in named), "POST")
    return tuple(dict.fromkeys(("GET", *named, unnamed)))


def _run(server: Server, wire: WireRequest, found: _Found) -> None:
    def program(world: Possible) -> Outcome:
        return outcome_of(server, Asked(wire, signed_in=True), world, _says_nothing)

    try:
        for world, outcome in explore(program, server.nginx.memo):
            _add(world, outcome, found, server.nginx.memo)
    except TooManyPaths:
        where = server.level.directive.where
        found.unknown.setdefault(where, "there are too many ways through this configuration")


def _says_nothing(_request: WireRequest) -> Response:
    return Response(200)


def _add(world: Possible, outcome: Outcome, found: _Found, memo: Memo) -> None:
    for script in outcome.unseen:
        found.unknown.setdefault(script.where, script.why)
    named = [line for line in outcome.lines if line.name.lower() == _ORIGIN]
    if not named:
        return
    found.written = True
    if not 200 <= outcome.status < 300 or len(named) > 1:
        return
    line = named[0]
    if (unseen := unseen_in(line.value)) is not None:
        found.unknown.setdefault(line.where or unseen.where, unseen.why)
        return
    language = _granted(line.value, world.language, memo)
    if language is None:
        return
    for each in outcome.lines:
        found.lines.setdefault(each.name.lower(), each)
    for key, admitted in _entries(world, line, language):
        if isinstance(admitted, str):
            found.exact[key].add(admitted)
        elif all(admitted is not known for known in found.entries[key]):
            found.entries[key].append(admitted)
        if world.guesses:
            for guess, way in world.guesses:
                found.guessed[key][guess.where].add(way)
                found.unknown.setdefault(guess.where, guess.why)
        else:
            found.certain.add(key)


def _granted(value: Value, arriving: OriginLanguage | None, memo: Memo) -> OriginLanguage | None:
    """The origins that may read a response with this ``Access-Control-Allow-Origin``."""
    if value == (ORIGIN,):
        language = anything() if arriving is None else arriving
    else:
        text = text_of(value)
        if text is None:
            return None
        if text == "*":
            language = anything() if arriving is None else arriving
        elif arriving is not None and text not in arriving:
            return None
        else:
            language = exactly(text)
    return None if memo.is_empty(language) else language


def _entries(
    world: Possible, line: Line, language: OriginLanguage
) -> Iterator[tuple[_Key, OriginLanguage | str]]:
    """The lines of the configuration that let these origins in, with the origins."""
    text = text_of(line.value)
    stated = [way for way in world.ways if way.stated]
    ways = stated or world.ways
    way = ways[-1] if ways else None
    if way is None or (text is not None and text != "*" and way.finite is None):
        assert line.where is not None
        yield (line.word if text is None else text, line.where), language
    elif way.origins and (text is None or text == "*"):
        for entry, origin in zip(way.entries, way.origins, strict=True):
            if world.finite is not None and origin in world.finite:
                yield (entry.text, entry.where), origin
    else:
        entry = way.entries[0]
        for each, origin in zip(way.entries, way.origins, strict=False):
            entry = each if origin == text else entry
        yield (entry.text, entry.where), language


def _grant(actual: _Found, preflight: _Found) -> Grant:
    entries = []
    unknown = dict(actual.unknown)
    for key in dict.fromkeys([*actual.exact, *actual.entries]):
        ways = actual.guessed.get(key, {})
        if key in actual.certain or all(len(taken) > 1 for taken in ways.values()):
            entries.append(OriginEntry(*key, _language(actual, key)))
            for where in ways:
                unknown.pop(where, None)
    lines = {**preflight.lines, **actual.lines}
    # Where no preflight is granted, the responses still say what was meant to be.
    asked = preflight.lines or actual.lines
    methods = _list(asked.get("access-control-allow-methods"), _ASKED_METHOD)
    headers = _list(asked.get("access-control-allow-headers"), _ASKED_HEADER)
    exposed = _list(actual.lines.get("access-control-expose-headers"), "")
    return Grant(
        entries=tuple(entries),
        credentials=_text(actual.lines.get("access-control-allow-credentials")) == "true",
        methods=methods,
        headers=headers,
        exposed=exposed or (),
        max_age=_seconds(_text(asked.get("access-control-max-age"))),
        settings=tuple(_settings(lines)),
        unknown=tuple(Unknown("allow_origins", where, why) for where, why in unknown.items()),
    )


def _language(found: _Found, key: _Key) -> OriginLanguage:
    parts = list(found.entries.get(key, ()))
    if key in found.exact:
        parts.append(exactly(*found.exact[key]))
    language = parts[0]
    for part in parts[1:]:
        language = language | part
    return language


def _settings(lines: dict[str, Line]) -> Iterator[Setting]:
    for name, line in lines.items():
        if name in CLAUSES and line.where is not None:
            yield Setting(CLAUSES[name], text_of(line.value) or line.word, line.where)


def _text(line: Line | None) -> str:
    return "" if line is None else text_of(line.value) or ""


def _list(line: Line | None, asked: str) -> tuple[str, ...] | None:
    if line is None:
        return ()
    text = _text(line)
    if asked and text == asked and "$" in line.word:
        return None
    return tuple(one for one in (each.strip() for each in text.split(",")) if one)


def _seconds(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 12 else None
