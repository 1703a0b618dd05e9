"""A request on its way through httpd: variables, header tables, and regexes asked of texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from corsage.layers.possible import ORIGIN, Check, Line, World
from corsage.layers.regexes import regex_of
from corsage.layers.where import Where

Groups = Callable[[int], str]
"""What a match captured; 0 is all of it."""

UNKNOWN = "\ue001"
"""Stands for what is not known of a text, where the origin stands for all of them."""

_EVERYTHING = re.compile(r"\^?\(?\.[*+]\)?\$?")
_LITERAL = re.compile(r"\^(?:\(((?:[\w:/-]|\\[.:/-])+)\)|((?:[\w:/-]|\\[.:/-])+))\$", re.ASCII)
_ALL = (".", "^.", ".*", "^.*", "^.*$", "^(.*)$")
_MOST_REGEXES = 6
# What was asked in each world, which is that of one way.
_ASKED: WeakKeyDictionary[World, set[str]] = WeakKeyDictionary()
_NOT_LITERAL = frozenset("\\.[](){}*+?|^$")
_QUANTIFIERS = frozenset("*+?{")


@dataclass
class Exchange:
    """``out`` and ``err`` are Apache's two tables of response headers: of answers that a handler
    gave, and of all."""

    method: str
    path: str
    query: str
    host: str
    secure: bool
    headers: list[tuple[str, str]]
    signed_in: bool
    world: World
    env: dict[str, str] = field(default_factory=dict)
    out: list[Line] = field(default_factory=list)
    err: list[Line] = field(default_factory=list)
    status: int = 200

    def header(self, name: str) -> str:
        """A header of the request, "" where it has none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    def unknown(self, why: str, where: Where, known: str) -> str:
        """What is not known of all requests, ``known`` for one."""
        self.world.guess(why, where, False)
        return UNKNOWN if ORIGIN in self.header("origin") else known

    def vary(self, name: str) -> None:
        """Note that the answer depends on a request's header."""
        self.out.append(Line("Vary", name))

    def variable(self, name: str, where: Where) -> str:
        """A server variable, as of ``%{NAME}``."""
        upper = name.upper()
        known = {
            "REQUEST_METHOD": self.method,
            "REQUEST_URI": self.path,
            "QUERY_STRING": self.query,
            "HTTP_HOST": self.header("host"),
            "SERVER_NAME": self.host,
            "HTTPS": "on" if self.secure else "off",
            "REQUEST_SCHEME": "https" if self.secure else "http",
            "HTTP_COOKIE": self.header("cookie"),
            "HTTP_REFERER": self.header("referer"),
            "HTTP_USER_AGENT": self.header("user-agent"),
            "HTTP_ACCEPT": self.header("accept"),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REQUEST_STATUS": str(self.status),
        }
        if upper in known:
            return known[upper]
        kind, colon, rest = name.partition(":")
        if colon and kind.lower() in ("env", "reqenv"):
            return self.env.get(rest, "")
        if colon and kind.lower() in ("http", "req", "req_novary"):
            return self.header(rest)
        if colon and kind.lower() == "resp":
            lines = (*self.err, *self.out)
            return next((one.value for one in lines if one.name.lower() == rest.lower()), "")
        return self.unknown(f"%{{{name[:40]}}} is not known here", where, "")


def search(
    world: World, value: str, regex: str, where: Where, ignore_case: bool = False
) -> Groups | None:
    """The match of a regex in a text, which may hold the origin; None without one."""
    if UNKNOWN in value:
        fits = world.guess("what this is asked of is not known here", where, False)
        return (lambda _number: UNKNOWN) if fits else None
    before, origin, after = value.partition(ORIGIN)
    if not origin:
        found = regex_of(regex, ignore_case).search(value)
        return None if found is None else _groups_of(found)
    asked = regex
    if before and not after:
        rest = _after_literal(regex, before, ignore_case)
        if rest is None:
            return None
        if rest:
            value, asked = ORIGIN, rest
    check = check_of(asked, where, ignore_case, regex)
    if check.kind == "search" and asked not in _ALL and not _may_ask(world, asked):
        why = "there are too many different regexes here"
        return (lambda _number: UNKNOWN) if world.guess(why, where, False) else None
    if not world.ask(value, [check]):
        return None

    def group(number: int) -> str:
        if before or after:
            world.guess("a part of a text with the origin is not followed here", where, False)
            return UNKNOWN
        if _EVERYTHING.fullmatch(regex) and (number == 0 or "(" in regex):
            return ORIGIN
        if not is_whole(regex, number):
            world.guess("a part of the origin is not followed here", where, False)
            return UNKNOWN
        full = Check("full", regex, where, ignore_case, "pcre")
        return ORIGIN if regex.startswith("^") or world.ask(value, [full]) else "a-part"

    return group


def _may_ask(world: World, regex: str) -> bool:
    """Whether one more regex may be asked of the origin in this world: each may double the ways
    through a configuration, and all of a way are asked together."""
    asked = _ASKED.setdefault(world, set())
    if len(asked) < _MOST_REGEXES:
        asked.add(regex)
    return regex in asked


def check_of(regex: str, where: Where, ignore_case: bool, shown: str) -> Check:
    """The test that a regex is; of one text, where it spells that out."""
    literal = _LITERAL.fullmatch(regex)
    if literal is None or ignore_case:
        return Check("search", regex, where, ignore_case, "pcre", shown=shown)
    text = (literal[1] or literal[2]).replace("\\", "")
    return Check("exact", text, where, shown=shown)


def _groups_of(found: re.Match[str]) -> Groups:
    return lambda number: (found[number] or "") if number <= found.re.groups else ""


def _after_literal(regex: str, before: str, ignore_case: bool) -> str | None:
    """What a regex asks after a text that it spells out at its start; None if it is another
    text, "" where that cannot be told."""
    if not regex.startswith("^") or ignore_case:
        return ""
    at = 1
    for character in before:
        following = regex[at : at + 1]
        if not following or following in _NOT_LITERAL:
            return ""
        if regex[at + 1 : at + 2] in _QUANTIFIERS:
            return ""
        if following != character:
            # An alternative might begin with it.
            return "" if "|" in regex else None
        at += 1
    rest = regex[at:]
    return f"^{rest}" if rest[:1] not in _QUANTIFIERS and "|" not in rest else ""


def is_whole(regex: str, number: int) -> bool:
    """Whether a group is all of a text when the regex matches all of it, which it does at its
    end for sure."""
    if not regex.endswith("$") or regex.endswith("\\$"):
        return False
    body = regex[:-1].removeprefix("^")
    depth, at, closed, inside = 0, 0, -1, False
    while at < len(body):
        character = body[at]
        if character == "\\":
            at += 1
        elif inside:
            inside = character != "]"
        elif character == "[":
            inside = True
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0 and closed < 0:
                closed = at
        elif character == "|" and depth == 0:
            return False
        at += 1
    if number == 0:
        return True
    return number == 1 and body.startswith("(") and body[1:2] != "?" and closed == len(body) - 1
