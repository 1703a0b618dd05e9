"""What a configuration does for one origin, and for all of them at once.

A product's interpreter asks a :class:`World` wherever its way depends on a text. :class:`Known`
answers for one request. :func:`grant_of` runs the same interpreter for a request whose ``Origin``
is :data:`ORIGIN`, which stands for every origin: where an answer depends on it, it runs once for
those for whom a test holds, and once for the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Protocol, TypeAlias

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.regexes import regex_of
from corsage.layers.site import ClauseName, Grant, OriginEntry, Setting, Unknown
from corsage.layers.urls import split_url
from corsage.layers.where import Where
from corsage.patterns import (
    Dialect,
    OriginLanguage,
    Undecided,
    UnsupportedPattern,
    anything,
    ends_with,
    exactly,
    includes,
    regex,
    starts_with,
)
from corsage.patterns.sendable import is_sendable

ORIGIN = "\ue000"
"""Stands for the origin, whichever it is, in the values of a request and of its answer."""

Kind: TypeAlias = Literal["exact", "prefix", "suffix", "contains", "full", "search"]

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
_METHOD, _HEADER = "PUT", "x-asked-for"
_MOST_WAYS = 300
_LENGTHS = re.compile(r"\^?\.(?:\*|\+|\{[01]?,[0-9]{3,6}\})\$?")


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a text is, begins with, ends with or holds ``text``, or a regex matches all of it
    or finds a match (``full``, ``search``). ``everybody``: it holds for every text, whatever it
    says; ``shown`` is the entry as people should see it."""

    kind: Kind
    text: str
    where: Where = field(compare=False)
    ignore_case: bool = False
    dialect: Dialect = "re2"
    everybody: bool = False
    shown: str = ""

    def holds(self, value: str) -> bool:
        """Whether it holds for a text."""
        if self.everybody:
            return True
        if self.kind in ("full", "search"):
            try:
                if is_sendable(value):
                    return value in self.language.machine
            except (UnsupportedPattern, Undecided):
                pass
            # What no browser sends as an origin, languages of origins do not tell apart.
            found = regex_of(self.text, self.ignore_case)
            match = found.search if self.kind == "search" else found.fullmatch
            return match(value) is not None
        text = self.text
        if self.ignore_case:
            text, value = text.lower(), value.lower()
        if self.kind == "exact":
            return value == text
        if self.kind == "prefix":
            return value.startswith(text)
        return value.endswith(text) if self.kind == "suffix" else text in value

    @property
    def language(self) -> OriginLanguage:
        """The origins for which it holds; UnsupportedPattern and Undecided as of ``regex``."""
        if self.everybody:
            return anything()
        return _language(self.kind, self.text, self.ignore_case, self.dialect)

    @property
    def entry(self) -> OriginEntry:
        """As an entry of an allow-list."""
        return OriginEntry(self.shown or self.text, self.where, self.language)


@lru_cache(4096)
def _language(kind: Kind, text: str, ignore_case: bool, dialect: Dialect) -> OriginLanguage:
    if kind == "full" or kind == "search":
        return regex(text, dialect, kind, ignore_case)
    if kind == "prefix":
        return starts_with(text, ignore_case)
    if kind == "suffix":
        return ends_with(text, ignore_case)
    if kind == "contains":
        return includes(text, ignore_case)
    # What browsers send is in lower case.
    return exactly(text.lower() if ignore_case else text)


class World(Protocol):
    """Answers to what depends on the request."""

    def ask(self, value: str, tests: Sequence[Check]) -> bool:
        """Whether one of ``tests`` holds for ``value``."""

    def guess(self, why: str, where: Where, known: bool) -> bool:
        """``known`` for one request; what is not known of all of them."""


class Known:
    """One request."""

    def ask(self, value: str, tests: Sequence[Check]) -> bool:
        """Whether one of ``tests`` holds for ``value``."""
        return any(test.holds(value) for test in tests)

    def guess(self, why: str, where: Where, known: bool) -> bool:  # noqa: ARG002 -- World's
        """What is known."""
        return known


@dataclass(frozen=True, slots=True)
class Line:
    """A header of an answer, where it is configured (None: it came from the service), and the
    value as it is written there."""

    name: str
    value: str
    where: Where | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a configuration answers."""

    status: int
    lines: tuple[Line, ...] = ()

    @property
    def response(self) -> Response:
        """As it goes over the wire."""
        return Response(self.status, tuple((line.name, line.value) for line in self.lines))


def lines_of(response: Response) -> tuple[Line, ...]:
    """The headers of a service's answer."""
    return tuple(Line(name, value) for name, value in response.headers)


Run: TypeAlias = Callable[[WireRequest, World, Server], "Answer | None"]
"""An interpreter: the answer to a request, in a world, in front of a service."""


@dataclass(frozen=True, slots=True)
class _Way:
    """Who came this way: those for whom ``yes`` held and none of ``no``."""

    yes: tuple[tuple[Check, ...], ...] = ()
    no: tuple[tuple[Check, ...], ...] = ()

    def takes(self, origin: str) -> bool:
        return all(_any(checks, origin) for checks in self.yes) and not any(
            _any(checks, origin) for checks in self.no
        )

    @property
    def finite(self) -> frozenset[str] | None:
        """The origins, where a list spells out all of them."""
        for checks in self.yes:
            if all(_is_plain(check) for check in checks):
                named = (check.text for check in checks)
                return frozenset(one for one in named if is_sendable(one) and self.takes(one))
        return None

    @property
    def language(self) -> OriginLanguage:
        return _language_of(self)


# Many places of one configuration let the same origins in.
@lru_cache(1024)
def _language_of(way: _Way) -> OriginLanguage:
    if (finite := way.finite) is not None:
        return exactly(*finite)
    found = anything()
    for number, checks in enumerate(way.yes):
        found = _union(checks) if number == 0 else found & _union(checks)
    for checks in way.no:
        found = found - _union(checks)
    return found


def _any(checks: Sequence[Check], origin: str) -> bool:
    return any(check.holds(origin) for check in checks)


def _is_plain(check: Check) -> bool:
    return check.kind == "exact" and not (check.ignore_case or check.everybody)


def _union(checks: Sequence[Check]) -> OriginLanguage:
    plain = tuple(check.text for check in checks if _is_plain(check))
    if len(plain) == len(checks):
        return exactly(*plain)
    found = checks[0].language
    for check in checks[1:]:
        found = found | check.language
    return found


@lru_cache(4096)
def _leads(way: _Way) -> bool:
    """Whether anybody comes this way. An example is found sooner than there being none is
    proved."""
    finite = way.finite
    if finite is not None:
        return bool(finite)
    examples = {"https://stranger.example", "null"}
    try:
        for checks in way.yes:
            examples.update(filter(None, map(_example, checks)))
        if any(way.takes(example) for example in examples):
            return True
        return not way.language.is_empty()
    except Undecided:
        return True


@lru_cache(4096)
def _example(check: Check) -> str | None:
    return check.text if _is_plain(check) else check.language.shortest()


@lru_cache(4096)
def _takes_all(check: Check) -> bool:
    """Whether every origin fits, however it is said."""
    if check.everybody:
        return True
    if check.kind not in ("full", "search") or not check.holds("https://stranger.example"):
        return False
    if _LENGTHS.fullmatch(check.text):
        return True
    try:
        return (anything() - check.language).is_empty()
    except Undecided:
        return False


class _Possible:
    """All origins, on one way: ``script`` says how its questions are answered, and after its end
    the first answer that anybody gives is taken; the scripts of the others are in ``left``."""

    def __init__(self, script: tuple[bool, ...]) -> None:
        self.way = _Way()
        self.left: list[tuple[bool, ...]] = []
        self.unknown: list[tuple[Where, str]] = []
        self._script = script
        self._taken: tuple[bool, ...] = ()
        self._known: dict[tuple[str, tuple[Check, ...]], bool] = {}

    def ask(self, value: str, tests: Sequence[Check]) -> bool:
        if ORIGIN not in value or not tests:
            return any(test.holds(value) for test in tests)
        key = value, tuple(tests)
        if key not in self._known:
            self._known[key] = self._asked(value, tests)
        return self._known[key]

    def _asked(self, value: str, tests: Sequence[Check]) -> bool:
        before, _, after = value.partition(ORIGIN)
        inner = []
        for test in tests:
            if not (before or after) or test.everybody:
                inner.append(test)
            elif test.kind == "exact":
                text = test.text
                if text.startswith(before) and text.endswith(after):
                    rest = text[len(before) : len(text) - len(after)]
                    inner.append(Check("exact", rest, test.where, test.ignore_case, shown=rest))
            else:
                why = "the value is made of the origin and more, which is not followed here"
                return self.guess(why, test.where, False)
        # No page has an empty origin.
        inner = [test for test in inner if test.everybody or test.kind != "exact" or test.text]
        if not inner:
            return False
        there = tuple(inner)
        yes = _Way((*self.way.yes, there), self.way.no)
        no = _Way(self.way.yes, (*self.way.no, there))
        try:
            for test in there:
                _ = test.language
            if any(map(_takes_all, there)):
                if not self.way.yes:
                    self.way = yes
                return True
            answers = [True] * self._leads(yes) + [False] * self._leads(no)
        except (UnsupportedPattern, Undecided) as error:
            return self.guess(str(error), there[0].where, False)
        holds = self._fork(answers or [False])
        self.way = yes if holds else no
        return holds

    def _leads(self, way: _Way) -> bool:
        return len(self._taken) < len(self._script) or _leads(way)

    def guess(self, why: str, where: Where, known: bool) -> bool:  # noqa: ARG002 -- World's
        self.unknown.append((where, why))
        return self._fork([True, False])

    def _fork(self, answers: list[bool]) -> bool:
        depth = len(self._taken)
        if depth < len(self._script):
            chosen = self._script[depth]
        else:
            chosen = answers[0]
            self.left += [(*self._taken, other) for other in answers[1:]]
        self._taken = (*self._taken, chosen)
        return chosen


@dataclass
class _Found:
    entries: dict[tuple[str, Where], OriginLanguage] = field(default_factory=dict)
    unknown: dict[Where, str] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    written: bool = False


def grant_of(run: Run, url: str, where: Where, methods: Sequence[str] = ("GET",)) -> Grant | None:
    """Whom ``run`` lets read at ``url``; None where it says nothing about CORS. ``methods`` are
    those that are worth asking with, ``where`` the place of what runs."""
    url = _reachable(url)
    actual, preflight = _Found(), _Found()
    for method in methods:
        _explore(
            run, WireRequest("actual", method, url, (("Origin", ORIGIN),), True), actual, where
        )
    asked = (
        ("Origin", ORIGIN),
        ("Access-Control-Request-Method", _METHOD),
        ("Access-Control-Request-Headers", _HEADER),
    )
    _explore(run, WireRequest("preflight", "OPTIONS", url, asked), preflight, where)
    if not (actual.written or preflight.written):
        return None
    lines = {**preflight.lines, **actual.lines}
    return Grant(
        entries=tuple(OriginEntry(*key, language) for key, language in actual.entries.items()),
        credentials=_text(actual.lines.get("access-control-allow-credentials")) == "true",
        methods=_list(preflight.lines.get("access-control-allow-methods"), _METHOD),
        headers=_list(preflight.lines.get("access-control-allow-headers"), _HEADER),
        exposed=_list(actual.lines.get("access-control-expose-headers"), "") or (),
        max_age=_seconds(_text(preflight.lines.get("access-control-max-age"))),
        settings=tuple(
            Setting(CLAUSES[name], line.written or line.value, line.where)
            for name, line in lines.items()
            if name in CLAUSES and line.where is not None
        ),
        unknown=tuple(Unknown("allow_origins", at, why) for at, why in actual.unknown.items()),
    )


def _reachable(url: str) -> str:
    """The URL, or another one where a host is none."""
    try:
        _ = split_url(url).port
    except ValueError:
        return "http://localhost/"
    return url


def _explore(run: Run, request: WireRequest, found: _Found, where: Where) -> None:
    scripts: list[tuple[bool, ...]] = [()]
    for _ in range(_MOST_WAYS):
        if not scripts:
            return
        world = _Possible(scripts.pop())
        answer = run(request, world, lambda _request: Response(200))
        scripts += reversed(world.left)
        if answer is not None:
            _add(world, answer, found)
    if scripts:
        found.unknown.setdefault(where, "there are too many ways through this configuration")


def _add(world: _Possible, answer: Answer, found: _Found) -> None:
    named = [line for line in answer.lines if line.name.lower() == _ORIGIN]
    if not named:
        return
    found.written = True
    if not 200 <= answer.status < 300 or len(named) > 1:
        return
    line = named[0]
    language = _granted(line.value, world.way)
    if language is None:
        return
    for at, why in world.unknown:
        found.unknown.setdefault(at, why)
    for each in answer.lines:
        found.lines.setdefault(each.name.lower(), each)
    if world.unknown:
        # Who comes here is not known; what is said of them is that.
        return
    for entry in _entries(world.way, line, language):
        key = entry.text, entry.where
        known = found.entries.get(key)
        found.entries[key] = entry.language if known is None else known | entry.language


def _granted(value: str, way: _Way) -> OriginLanguage | None:
    """The origins that may read an answer with this ``Access-Control-Allow-Origin``."""
    if value in (ORIGIN, "*"):
        language = way.language
    elif ORIGIN in value:
        return None
    elif value in (arriving := way.language):
        language = exactly(value)
    else:
        # One origin, for whoever else asks: a constant.
        return exactly(value) if not way.yes and value in arriving else None
    try:
        return None if language.is_empty() else language
    except Undecided:
        return language


def _entries(way: _Way, line: Line, language: OriginLanguage) -> Iterator[OriginEntry]:
    """The lines of the configuration that let these origins in."""
    stated = [some for some in way.yes if not all(one.everybody for one in some)]
    checks = (stated or list(way.yes))[-1:]
    if not checks or line.value not in (ORIGIN, "*"):
        if line.where is not None:
            yield OriginEntry(line.written or line.value, line.where, language)
        return
    alone = len(way.yes) == 1 and not way.no
    for check in checks[0]:
        entry = check.entry
        if alone:
            yield entry
        elif _is_plain(check):
            if way.takes(check.text):
                yield entry
        elif len(checks[0]) == 1:
            yield OriginEntry(entry.text, entry.where, language)
        else:
            yield OriginEntry(entry.text, entry.where, entry.language & language)


def _text(line: Line | None) -> str:
    return "" if line is None else line.value


def _list(line: Line | None, asked: str) -> tuple[str, ...] | None:
    if line is None:
        return ()
    if asked and line.value == asked and line.written not in ("", asked):
        return None
    return tuple(one for one in (each.strip() for each in line.value.split(",")) if one)


def _seconds(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 12 else None
