"""A site of a Caddyfile with a request: its directives in Caddy's order, one around the next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.caddy.read.matchers import Exchange, path_fits, takes
from corsage.layers.caddy.read.syntax import Directive, Word
from corsage.layers.hops import signed_in, with_path
from corsage.layers.possible import Answer, Known, Line, World
from corsage.layers.regexes import regex_of
from corsage.layers.urls import split_url
from corsage.policy.paths import requested_path

_WRITTEN = """tracing map vars fs root log_append log_skip log_name header copy_response_headers
request_body redir method rewrite uri try_files basic_auth basicauth forward_auth request_header
encode push intercept templates invoke handle handle_path route abort error copy_response respond
metrics reverse_proxy php_fastcgi file_server acme_server"""
ORDER = {name: number for number, name in enumerate(_WRITTEN.split())}
_REDIRECTS = {"permanent": 301, "temporary": 302, "html": 200}
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Edits:
    """What a ``header`` directive does, in Caddy's order: add, set, delete, replace."""

    added: tuple[tuple[str, Word], ...] = ()
    set: tuple[tuple[str, Word], ...] = ()
    defaults: tuple[tuple[str, Word], ...] = ()
    deleted: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str, Word], ...] = ()
    deferred: bool = False

    def apply(self, exchange: Exchange, lines: list[Line]) -> list[Line]:
        """The lines after it."""
        found = list(lines)
        for name, word in self.added:
            found.append(_line(name, word, exchange))
        for name, word in self.set:
            line = _line(name, word, exchange)
            found = [one for one in found if one.name.lower() != name.lower()]
            found.append(line)
        for name in self.deleted:
            found = [one for one in found if not _named(name, one.name)]
        for name, pattern, word in self.replaced:
            found = [_replaced(one, name, pattern, word, exchange) for one in found]
        for name, word in self.defaults:
            if all(one.name.lower() != name.lower() for one in found):
                found.append(_line(name, word, exchange))
        return found


def _line(name: str, word: Word, exchange: Exchange) -> Line:
    return Line(name, exchange.expanded(word.text), word.where, word.text)


def _named(pattern: str, name: str) -> bool:
    return path_fits(pattern, name) if "*" in pattern else pattern.lower() == name.lower()


def _replaced(line: Line, name: str, pattern: str, word: Word, exchange: Exchange) -> Line:
    if line.name.lower() != name.lower():
        return line
    found = regex_of(pattern).search(line.value)
    if found is None:
        return line
    text = re.sub(r"\$\{?(\d)\}?", r"\\\1", exchange.expanded(word.text))
    try:
        return replace(line, value=found.re.sub(text, line.value))
    except (re.error, IndexError):
        return line


def edits_of(rows: Sequence[Sequence[Word]]) -> Edits:
    """The edits of rows: a field with its operator, and what follows."""
    added: list[tuple[str, Word]] = []
    set_: list[tuple[str, Word]] = []
    defaults: list[tuple[str, Word]] = []
    deleted: list[str] = []
    replaced: list[tuple[str, str, Word]] = []
    deferred = False
    for row in rows:
        if not row:
            continue
        text = row[0].text
        if text == "defer":
            deferred = True
        elif text.startswith("-"):
            deleted.append(text[1:])
            deferred = True
        elif len(row) == 2 and text.startswith("+"):
            added.append((text[1:], row[1]))
        elif len(row) == 2 and text.startswith("?"):
            defaults.append((text[1:], row[1]))
        elif len(row) == 2:
            deferred = deferred or text.startswith(">")
            set_.append((text.removeprefix(">"), row[1]))
        elif len(row) > 2:
            deferred = deferred or text.startswith(">")
            replaced.append((text.removeprefix(">"), row[1].text, row[2]))
    return Edits(
        tuple(added), tuple(set_), tuple(defaults), tuple(deleted), tuple(replaced), deferred
    )


def matcher_of(directive: Directive) -> tuple[Word | None, tuple[Word, ...]]:
    """The matcher token of a directive, if it has one, and the other arguments."""
    rest = directive.words[1:]
    if rest and (rest[0].text.startswith(("/", "@")) or rest[0].text == "*") and not rest[0].quoted:
        return rest[0], rest[1:]
    return None, rest


def ordered(directives: Sequence[Directive]) -> list[Directive]:
    """The directives as Caddy sorts them: by kind, then those with the longer path first."""

    def rank(directive: Directive) -> tuple[int, int]:
        matcher, _ = matcher_of(directive)
        if matcher is None or matcher.text == "*":
            specific = 0
        elif matcher.text.startswith("/"):
            # The length of what is matched, the * not among it.
            specific = (
                2 + len(matcher.text.removesuffix("*")) * 2 + (not matcher.text.endswith("*"))
            )
        else:
            specific = 1
        # A handle_path is a handle.
        name = "handle" if directive.name == "handle_path" else directive.name
        return ORDER.get(name, len(ORDER)), -specific

    return sorted((each for each in directives if not each.name.startswith("@")), key=rank)


@dataclass(frozen=True)
class CaddySite:
    """One site block."""

    directives: tuple[Directive, ...]

    @cached_property
    def routes(self) -> list[Directive]:
        """Its directives, sorted."""
        return ordered(self.directives)

    def __call__(self, request: WireRequest, world: World, service: Server) -> Answer | None:
        """What it answers."""
        path = requested_path(split_url(request.url).path)
        matchers: dict[str, Directive] = {}
        maps: dict[str, tuple[Directive, int]] = {}
        _collect(self.directives, matchers, maps, 0)
        exchange = Exchange(request, world, matchers, maps, path)
        answer = _through(self.routes, exchange, service, 0)
        if answer is None:
            answer = Answer(200, tuple(exchange.lines))
        if exchange.failed:
            # An error goes past what waits for an answer.
            return answer
        lines = list(answer.lines)
        for edits in reversed(exchange.deferred):
            exchange.lines = lines
            lines = edits.apply(exchange, lines)
        return Answer(answer.status, tuple(lines))

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """All of it as a hop."""
        answer = self(request, Known(), service)
        return None if answer is None else answer.response


def _collect(
    directives: Sequence[Directive],
    matchers: dict[str, Directive],
    maps: dict[str, tuple[Directive, int]],
    depth: int,
) -> None:
    for each in directives if depth < _DEEPEST else ():
        if each.name.startswith("@"):
            matchers[each.name] = each
        elif each.name == "map" and len(each.words) > 2:
            for number, name in enumerate(each.texts(2), 1):
                maps[name.strip("{}")] = (each, number)
        elif each.name in ("handle", "route", "handle_path"):
            _collect(each.block, matchers, maps, depth + 1)


def _through(
    routes: Sequence[Directive], exchange: Exchange, service: Server, depth: int
) -> Answer | None:
    """The answer of the first directive that gives one; None where none does."""
    handled = False
    for directive in routes if depth < _DEEPEST else ():
        matcher, rest = matcher_of(directive)
        group = directive.name in ("handle", "handle_path")
        if group and handled:
            continue
        if directive.name == "handle_path" and matcher is not None:
            fits = path_fits(matcher.text, exchange.path)
        else:
            fits = takes(matcher, exchange)
        if not fits:
            continue
        handled = handled or group
        if directive.name == "header":
            edits = edits_of(
                [each.words for each in directive.block] if directive.opened else [rest]
            )
            if edits.defaults and not edits.deferred:
                edits = replace(edits, deferred=True)
            if edits.deferred:
                exchange.deferred.append(edits)
            else:
                exchange.lines = edits.apply(exchange, exchange.lines)
            continue
        answer = _answer(directive, matcher, rest, exchange, service, depth)
        if answer is not None:
            return answer
    return None


def _answer(
    directive: Directive,
    matcher: Word | None,
    rest: Sequence[Word],
    exchange: Exchange,
    service: Server,
    depth: int,
) -> Answer | None:
    name = directive.name
    if name in ("handle", "route"):
        inner = directive.block if name == "route" else ordered(directive.block)
        inner = [each for each in inner if not each.name.startswith("@")]
        return _through(inner, exchange, service, depth + 1)
    if name == "handle_path":
        if matcher is not None:
            path = exchange.path.removeprefix(matcher.text.removesuffix("*").removesuffix("/"))
            exchange.path = path if path.startswith("/") else f"/{path}"
            exchange.request = with_path(exchange.request, exchange.path)
        return _through(ordered(directive.block), exchange, service, depth + 1)
    if name in ("respond", "error"):
        return _responded(name, rest, exchange)
    if name == "redir":
        return _redirected(rest, exchange)
    if name in ("basic_auth", "basicauth"):
        return None if signed_in(exchange.request) else _failed(401, exchange)
    if name == "abort":
        return None
    if name == "reverse_proxy":
        return _proxied(directive, exchange, service)
    if name == "rewrite" and rest:
        exchange.path = exchange.expanded(rest[0].text).partition("?")[0]
        exchange.request = with_path(exchange.request, exchange.path)
    return None


def _responded(name: str, rest: Sequence[Word], exchange: Exchange) -> Answer:
    numbers = [word.text for word in rest if re.fullmatch(r"[1-5]\d\d", word.text)]
    status = int(numbers[-1]) if numbers else 200 if name == "respond" else 500
    return _failed(status, exchange) if name == "error" else Answer(status, tuple(exchange.lines))


def _failed(status: int, exchange: Exchange) -> Answer:
    exchange.failed = True
    return Answer(status, tuple(exchange.lines))


def _redirected(rest: Sequence[Word], exchange: Exchange) -> Answer:
    to = exchange.expanded(rest[0].text) if rest else "/"
    code = rest[1].text if len(rest) > 1 else "302"
    status = _REDIRECTS.get(code) or (int(code) if re.fullmatch(r"[345]\d\d", code) else 302)
    where = rest[0].where if rest else None
    lines = [line for line in exchange.lines if line.name.lower() != "location"]
    return Answer(status, (*lines, Line("Location", to, where, to)))


def _proxied(directive: Directive, exchange: Exchange, service: Server) -> Answer:
    response = service(exchange.request)
    if response is None:
        return _failed(502, exchange)
    lines = [Line(*line) for line in response.headers]
    rows = [each.words[1:] for each in directive.block if each.name == "header_down"]
    if rows:
        lines = edits_of(rows).apply(exchange, lines)
    return Answer(response.status, (*exchange.lines, *lines))
