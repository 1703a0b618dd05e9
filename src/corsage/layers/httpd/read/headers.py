"""``Header`` and ``RequestHeader``."""

from __future__ import annotations

import re

from corsage.layers.httpd.read.exchange import Exchange
from corsage.layers.httpd.read.expressions import holds, string
from corsage.layers.httpd.read.syntax import Directive, Word
from corsage.layers.possible import ORIGIN, Line
from corsage.layers.regexes import regex_of
from corsage.layers.where import Where

_FORMAT = re.compile(r"%(?:%|\{([^{}]*)\}([a-z])|([a-zA-Z]))")
_VALUED = ("set", "append", "merge", "add", "setifempty")


def edit_response(directive: Directive, exchange: Exchange, table: str) -> None:
    """Do what a ``Header`` directive does to one table (``err`` is that of ``always``)."""
    words = list(directive.words)
    wanted = "out"
    if words and words[0].text.lower() in ("always", "onsuccess"):
        wanted = "err" if words.pop(0).text.lower() == "always" else "out"
    if wanted == table:
        lines = exchange.err if table == "err" else exchange.out
        lines[:] = _edited(words, exchange, lines, directive.where)


def edit_request(directive: Directive, exchange: Exchange) -> None:
    """Do what a ``RequestHeader`` directive does."""
    lines = [Line(*line) for line in exchange.headers]
    lines = _edited(list(directive.words), exchange, lines, directive.where)
    exchange.headers = [(line.name, line.value) for line in lines]


def _edited(words: list[Word], exchange: Exchange, lines: list[Line], where: Where) -> list[Line]:
    if len(words) < 2:
        return lines
    action, name = words[0].text.lower(), words[1].text.rstrip(":")
    rest = words[2:]
    taken = 1 if action in _VALUED else 2 if action.startswith("edit") else 0
    given, conditions = rest[:taken], rest[taken:]
    if len(given) < taken or (conditions and not _applies(conditions[0], exchange)):
        return lines
    same = [line for line in lines if line.name.lower() == name.lower()]
    if action == "unset":
        return [line for line in lines if line not in same]
    if action == "echo":
        fits = regex_of(name, True)
        echoed = [Line(key, value, where) for key, value in exchange.headers if fits.search(key)]
        return [*lines, *echoed]
    if action in _VALUED:
        if action == "setifempty" and same:
            return lines
        value = _value(given[0], exchange)
        line = Line(name, value, given[0].where, given[0].text)
        if action == "set":
            return [*(one for one in lines if one not in same), line]
        if action == "add" or not same:
            return [*lines, line]
        first = same[0]
        if action == "merge" and value in (part.strip() for part in first.value.split(",")):
            return lines
        joined = Line(first.name, f"{first.value}, {value}", given[0].where, given[0].text)
        return [joined if one is first else one for one in lines]
    if action in ("edit", "edit*"):
        return [_replaced(one, given, action, exchange) if one in same else one for one in lines]
    exchange.world.guess(f"Header {action[:20]} is not followed here", where, False)
    return lines


def _replaced(line: Line, given: list[Word], action: str, exchange: Exchange) -> Line:
    if ORIGIN in line.value or "%" in given[1].text:
        exchange.world.guess("this edit is not followed here", given[0].where, False)
        return line
    value, done, rest = line.value, "", regex_of(given[0].text)
    while (found := rest.search(value)) is not None and found.end() > 0:
        groups = found
        text = re.sub(
            r"\$(\d)",
            lambda m, g=groups: (g[int(m[1])] or "") if int(m[1]) <= g.re.groups else "",  # type: ignore[misc]  # a default holds the match
            given[1].text,
        )
        done += value[: found.start()] + text
        value = value[found.end() :]
        if action == "edit":
            break
    return Line(line.name, done + value, given[1].where, given[1].text)


def _applies(word: Word, exchange: Exchange) -> bool:
    text = word.text
    if text.lower().startswith("expr="):
        return holds(text[5:], exchange, word.where)
    if text.lower().startswith("env="):
        name = text[4:]
        return (name.removeprefix("!") in exchange.env) != name.startswith("!")
    return exchange.world.guess(f"{text[:40]} is not followed here", word.where, True)


def _value(word: Word, exchange: Exchange) -> str:
    if word.text.lower().startswith("expr="):
        return string(word.text[5:], exchange, word.where)

    def value(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if found[2] == "e":
            return exchange.env.get(found[1], "(null)")
        if found[2] == "s":
            return exchange.unknown("variables of TLS are not known", word.where, "(null)")
        # %t, %D and the load, which %i is, too: it has nothing to do with requests' headers.
        return exchange.unknown(f"{found[0]} is a time or the load", word.where, "0")

    return _FORMAT.sub(value, word.text)
