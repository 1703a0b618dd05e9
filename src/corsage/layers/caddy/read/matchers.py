"""Which requests a matcher takes, and what placeholders stand for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from corsage.browser.exchange import WireRequest
from corsage.layers.caddy.read.syntax import Directive, Word
from corsage.layers.hops import header, host_of, host_takes
from corsage.layers.possible import ORIGIN, Check, Line, World
from corsage.layers.regexes import regex_of
from corsage.layers.urls import split_url

_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.$~-]+)\}")
_GROUP = re.compile(r"\$(?:\{(\d)\}|(\d))")
_WHOLE = re.compile(r"(?:\(\?i\))?\^?\((?!\?).*\)\$?")
_MOST = 5


class Edit(Protocol):
    """An edit of headers that waits for an answer."""

    def apply(self, exchange: Exchange, lines: list[Line]) -> list[Line]:
        """The lines after it."""


@dataclass
class Exchange:
    """A request on its way. ``lines`` are the answer's headers so far; ``maps`` the directives
    that give placeholders their values; ``failed``: the answer is an error of Caddy's own."""

    request: WireRequest
    world: World
    matchers: Mapping[str, Directive]
    maps: Mapping[str, tuple[Directive, int]]
    path: str
    lines: list[Line] = field(default_factory=list)
    captures: dict[str, str] = field(default_factory=dict)
    deferred: list[Edit] = field(default_factory=list)
    failed: bool = False

    def expanded(self, text: str, depth: int = 0) -> str:
        """A text with the values of its placeholders; those that are not known are empty."""
        return _PLACEHOLDER.sub(lambda found: self._value(found[1], depth), text)

    def _value(self, name: str, depth: int) -> str:
        url = split_url(self.request.url)
        lower = name.removeprefix("http.request.").lower()
        if lower.startswith("header."):
            return header(self.request, lower[7:])
        if name.lower().startswith("http.response.header."):
            wanted = name.lower()[21:]
            return ",".join(line.value for line in self.lines if line.name.lower() == wanted)
        known = {
            "method": self.request.method,
            "host": host_of(self.request),
            "hostport": url.netloc,
            "path": self.path,
            "uri": self.path + (f"?{url.query}" if url.query else ""),
            "query": url.query,
            "scheme": url.scheme,
        }
        if lower in known:
            return known[lower]
        if name in self.captures:
            return self.captures[name]
        if name in self.maps and depth < _MOST:
            return self._mapped(*self.maps[name], depth)
        return ""

    def _mapped(self, directive: Directive, column: int, depth: int) -> str:
        source = self.expanded(directive.words[1].text, depth + 1)
        default = ""
        for row in directive.block:
            texts = row.texts()
            value = texts[column] if column < len(texts) else ""
            if texts[0] == "default" and not row.words[0].quoted:
                default = value
                continue
            if texts[0].startswith("~"):
                check = Check("search", texts[0][1:], row.where)
            else:
                check = Check("exact", texts[0], row.where)
            if not self.world.ask(source, [check]):
                continue
            if texts[0].startswith("~"):
                # Of a regex's row nothing but its groups is filled in.
                value = value.replace("{header.", "{http.request.header.")
                return _GROUP.sub(partial(_group, texts[0][1:], source), value)
            return self.expanded(value, depth + 1)
        return self.expanded(default, depth + 1)


def _group(pattern: str, value: str, named: re.Match[str]) -> str:
    """What a group of a regex holds, that matches a value."""
    number = int(named[1] or named[2])
    if value == ORIGIN:
        return value if number == 0 or (number == 1 and _WHOLE.fullmatch(pattern)) else ""
    found = regex_of(pattern).search(value)
    there = found is not None and number <= found.re.groups
    return (found[number] or "") if found is not None and there else ""


def takes(word: Word | None, exchange: Exchange) -> bool:
    """Whether the matcher token of a directive takes the request."""
    if word is None or word.text == "*":
        return True
    if word.text.startswith("/"):
        return path_fits(word.text, exchange.path)
    matcher = exchange.matchers.get(word.text)
    return matcher is not None and _set(_lines_of(matcher), exchange)


def _lines_of(matcher: Directive) -> tuple[Directive, ...]:
    if matcher.opened:
        return matcher.block
    return (Directive(matcher.words[1:]),) if len(matcher.words) > 1 else ()


def path_fits(pattern: str, path: str) -> bool:
    """A path of a matcher: case does not count, ``*`` is at an end or a shell's."""
    pattern, path = pattern.lower(), path.lower()
    if pattern in ("*", "/*"):
        return True
    if pattern.startswith("*") and pattern.endswith("*") and len(pattern) > 1:
        return pattern[1:-1] in path
    if pattern.endswith("*") and "*" not in pattern[:-1]:
        return path.startswith(pattern[:-1])
    if pattern.startswith("*") and "*" not in pattern[1:]:
        return path.endswith(pattern[1:])
    parts = (re.escape(part).replace(r"\?", "[^/]") for part in pattern.split("*")[:10])
    return re.fullmatch("[^/]*".join(parts), path) is not None


def _set(lines: Sequence[Directive], exchange: Exchange) -> bool:
    """All matchers of a set; several of one kind are alternatives, as far as Caddy merges them."""
    grouped: dict[tuple[str, str], list[Directive]] = defaultdict(list)
    for line in lines:
        field_ = line.texts(1)[:1] if line.name in ("header", "query", "vars") else []
        key = (line.name, field_[0].lower() if field_ else "")
        if line.name in ("not", "header_regexp", "path_regexp", "expression"):
            key = (line.name, str(line.where.line))
        grouped[key].append(line)
    return all(_alternatives(name, group, exchange) for (name, _), group in grouped.items())


def _alternatives(name: str, group: list[Directive], exchange: Exchange) -> bool:
    if name == "header":
        return _header(group, exchange)
    if name == "not":
        return all(
            not _set(line.block if line.opened else (Directive(line.words[1:]),), exchange)
            for line in group
            if line.opened or len(line.words) > 1
        )
    return any(_one(name, line, exchange) for line in group)


def _header(group: list[Directive], exchange: Exchange) -> bool:
    name = group[0].texts(1)[:1]
    if not name:
        return True
    if name[0].startswith("!"):
        return not _there(name[0][1:], exchange)
    if not _there(name[0], exchange):
        return False
    given = [word for line in group for word in line.words[2:]]
    checks = [_check(word) for word in given]
    return not checks or exchange.world.ask(header(exchange.request, name[0]), checks)


def _there(name: str, exchange: Exchange) -> bool:
    return any(key.lower() == name.lower() for key, _ in exchange.request.headers)


def _check(word: Word) -> Check:
    text = word.text
    if text == "*":
        return Check("exact", text, word.where, everybody=True)
    if text.startswith("*") and text.endswith("*"):
        return Check("contains", text[1:-1], word.where, shown=text)
    if text.startswith("*"):
        return Check("suffix", text[1:], word.where, shown=text)
    if text.endswith("*"):
        return Check("prefix", text[:-1], word.where, shown=text)
    return Check("exact", text, word.where)


def _one(name: str, line: Directive, exchange: Exchange) -> bool:
    texts = line.texts(1)
    if name == "path":
        return any(path_fits(text, exchange.path) for text in texts)
    if name == "method":
        return exchange.request.method in [text.upper() for text in texts]
    if name == "host":
        host = host_of(exchange.request)
        return any(host_takes(text, host, 1) for text in texts)
    if name == "protocol":
        return split_url(exchange.request.url).scheme in texts
    if name in ("header_regexp", "path_regexp"):
        return _regexp(name, line, exchange)
    if name == "vars" and len(texts) > 1:
        checks = [Check("exact", word.text, word.where) for word in line.words[2:]]
        return exchange.world.ask(exchange.expanded(texts[0]), checks)
    if name == "query":
        return any(text in split_url(exchange.request.url).query for text in texts)
    return exchange.world.guess(f"the matcher {name} is not followed here", line.where, False)


def _regexp(name: str, line: Directive, exchange: Exchange) -> bool:
    words = list(line.words[1:])
    needed = 2 if name == "header_regexp" else 1
    title = words.pop(0).text if len(words) > needed else ""
    if len(words) < needed:
        return False
    value = exchange.path if needed == 1 else header(exchange.request, words[0].text)
    if needed == 2 and not _there(words[0].text, exchange):
        return False
    pattern = words[-1]
    if not exchange.world.ask(value, [Check("search", pattern.text, pattern.where)]):
        return False
    for number in range(10):
        group = _GROUP.sub(partial(_group, pattern.text, value), f"${number}")
        exchange.captures[f"re.{title}.{number}"] = group
        exchange.captures[f"re.{number}"] = group
    return True
