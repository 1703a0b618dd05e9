"""A frontend with a request: its rules, the backend's, and what happens to the answer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.haproxy.read.conditions import Acls, before_condition, holds
from corsage.layers.haproxy.read.samples import Exchange, UnknownSample, sample
from corsage.layers.haproxy.read.syntax import Line as Directive
from corsage.layers.haproxy.read.syntax import Section, Word
from corsage.layers.hops import signed_in, with_path
from corsage.layers.possible import Answer, Known, Line, World
from corsage.layers.regexes import regex_of
from corsage.layers.urls import split_url
from corsage.layers.where import Where
from corsage.policy.paths import requested_path

_FORMAT = re.compile(
    r"%%|%\[((?:[^\[\]]|\[[^\[\]]*\])*)\]|%\{[^{}]*\}?[a-zA-Z]{1,3}|%[a-zA-Z]{1,3}"
)
_SET_VAR = re.compile(r"(set-var|set-var-fmt)\(([^(),]+)[^()]*\)")


@dataclass(frozen=True)
class Proxy:
    """A frontend, a backend, or a ``listen``, which is both."""

    section: Section

    @cached_property
    def acls(self) -> Acls:
        """Its ACLs by name."""
        found: dict[str, list[Sequence[Word]]] = defaultdict(list)
        for line in self.section.lines:
            if line.name == "acl" and len(line.words) > 2:
                found[line.words[1].text].append(line.words[2:])
        return found

    @cached_property
    def _rules(self) -> Mapping[str, list[Sequence[Word]]]:
        found: dict[str, list[Sequence[Word]]] = defaultdict(list)
        for line in self.section.lines:
            if line.words[1:]:
                found[line.name].append(line.words[1:])
        return dict(found)

    def rules(self, name: str) -> list[Sequence[Word]]:
        """The rules of a kind, in order: their words after the name."""
        return self._rules.get(name, [])

    def all(self, *names: str) -> Iterator[Directive]:
        """The directives of some names."""
        return (line for line in self.section.lines if line.name in names)


@dataclass
class _Walk:
    """A request on its way. ``lines`` are the answer's; ``done``: rules of a kind ended."""

    exchange: Exchange
    lines: list[Line]


@dataclass(frozen=True)
class Frontend:
    """A frontend and the backends that it may use."""

    proxy: Proxy
    backends: Mapping[str, Proxy]
    files: Mapping[str, tuple[tuple[str, Where], ...]]

    def __call__(self, request: WireRequest, world: World, service: Server) -> Answer | None:
        """What it answers."""
        url = split_url(request.url)
        headers = [("Host", url.netloc), *request.headers]
        exchange = Exchange(
            request.method, request.url, headers, signed_in(request), world, self.files
        )
        exchange.captured = [
            exchange.header(words[2].text) or ""
            for words in self.proxy.rules("capture")
            if len(words) > 2 and (words[0].text, words[1].text) == ("request", "header")
        ]
        walk = _Walk(exchange, [])
        proxies = [self.proxy]
        answer = self._asked(self.proxy, walk)
        if answer is None:
            backend = self._backend(exchange)
            if backend is None:
                answer = Answer(503)
            elif backend is not self.proxy:
                proxies.insert(0, backend)
                answer = self._asked(backend, walk)
        status = 0
        own = answer is not None
        if answer is None:
            response = service(_onward(request, exchange))
            if response is None:
                answer, own = Answer(502), True
            else:
                walk.lines = [Line(*line) for line in response.headers]
                status = response.status
        if answer is not None:
            walk.lines, status = list(answer.lines), answer.status
        exchange.status = status
        kinds = ("http-after-response",) if own else ("http-response", "http-after-response")
        for kind in kinds:
            for proxy in proxies:
                ended = self._answered(proxy, kind, walk)
                if ended is not None and kind == "http-response":
                    walk.lines, exchange.status = list(ended.lines), ended.status
                    break
        return Answer(exchange.status, tuple(walk.lines))

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """All of it as a hop."""
        answer = self(request, Known(), service)
        return None if answer is None else answer.response

    def _backend(self, exchange: Exchange) -> Proxy | None:
        """Where a request goes; None: nowhere."""
        for words in self.proxy.rules("use_backend"):
            if holds(words, self.proxy.acls, exchange):
                name = formatted(words[0].text, exchange, words[0].where)
                if name in self.backends:
                    return self.backends[name]
        for words in self.proxy.rules("default_backend"):
            return self.backends.get(words[0].text)
        return self.proxy if self.proxy.section.kind == "listen" else None

    def _asked(self, proxy: Proxy, walk: _Walk) -> Answer | None:
        """The answer of ``http-request`` rules, and of ``redirect``."""
        for name in ("http-request", "redirect"):
            for words in proxy.rules(name):
                if not holds(words, proxy.acls, walk.exchange):
                    continue
                action = before_condition(words)
                if name == "redirect":
                    return _redirect(action, walk.exchange)
                if not action:
                    continue
                text = action[0].text
                if text == "allow":
                    break
                answer = _answer_of(action, walk.exchange)
                if answer is not None:
                    return answer
                _change(action, walk.exchange)
        return None

    def _answered(self, proxy: Proxy, kind: str, walk: _Walk) -> Answer | None:
        for words in proxy.rules(kind):
            walk.exchange.response = [(line.name, line.value) for line in walk.lines]
            if not holds(words, proxy.acls, walk.exchange):
                continue
            action = before_condition(words)
            if not action:
                continue
            if action[0].text == "allow":
                return None
            answer = _answer_of(action, walk.exchange)
            if answer is not None:
                return answer
            _edit(action, walk)
        return None


def formatted(text: str, exchange: Exchange, where: Where) -> str:
    """A log-format string with what it takes from the exchange."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if found[1] is None:
            return ""
        try:
            return sample(found[1].strip(), exchange).text or ""
        except UnknownSample as error:
            exchange.world.guess(str(error), where, False)
            return ""

    return _FORMAT.sub(value, text)


def _answer_of(action: Sequence[Word], exchange: Exchange) -> Answer | None:
    """What ``return``, ``deny`` and the like answer; None for actions that go on."""
    name = action[0].text
    texts = [word.text for word in action]
    if name in ("return", "deny", "tarpit"):
        status = {"return": 200, "deny": 403, "tarpit": 500}[name]
        if exchange.response is not None and name == "deny":
            status = 502
        lines = []
        for number, word in enumerate(action):
            following = texts[number + 1 : number + 3]
            if word.text in ("status", "deny_status") and following[:1]:
                status = int(following[0]) if re.fullmatch(r"\d{3}", following[0]) else status
            elif word.text == "hdr" and len(following) == 2:
                place = action[number + 2]
                shown = formatted(place.text, exchange, place.where)
                if shown:
                    lines.append(Line(following[0], shown, place.where, place.text))
        return Answer(status, tuple(lines))
    if name == "redirect":
        return _redirect(action[1:], exchange)
    if name == "auth":
        return None if exchange.signed_in else Answer(401)
    return None


def _redirect(action: Sequence[Word], exchange: Exchange) -> Answer:
    texts = [word.text for word in action]
    options = dict(pairwise(texts))
    code = options.get("code", "302")
    status = int(code) if re.fullmatch(r"30[12378]", code) else 302
    url = split_url(exchange.url)
    path = (url.path or "/") + (f"?{url.query}" if url.query and "drop-query" not in texts else "")
    where = action[0].where if action else None
    location = ""
    for number, word in enumerate(action[:-1]):
        place = action[number + 1]
        value = formatted(place.text, exchange, place.where)
        if word.text == "location":
            location = value
        elif word.text == "prefix":
            location = ("" if value == "/" else value) + path
        elif word.text == "scheme":
            location = f"{value}://{exchange.header('host') or ''}{path}"
        else:
            continue
        break
    return Answer(status, (Line("location", location, where, location),))


def _change(action: Sequence[Word], exchange: Exchange) -> None:
    """Actions of ``http-request`` that go on."""
    name = action[0].text
    texts = [word.text for word in action]
    variable = _SET_VAR.fullmatch(name)
    if variable is not None:
        _set(variable[2], action, exchange)
    elif name.startswith("unset-var("):
        exchange.variables.pop(name[10:].rstrip(")"), None)
    elif name in ("set-header", "add-header") and len(action) > 2:
        value = formatted(texts[2], exchange, action[2].where)
        kept = exchange.headers
        if name == "set-header":
            kept = [line for line in kept if line[0].lower() != texts[1].lower()]
        exchange.headers = [*kept, (texts[1], value)]
    elif name == "del-header" and len(action) > 1:
        named = _named(texts)
        exchange.headers = [line for line in exchange.headers if not named(line[0])]
    elif name == "set-path" and len(action) > 1:
        _move(exchange, formatted(texts[1], exchange, action[1].where))
    elif name == "replace-path" and len(action) > 2:
        path = split_url(exchange.url).path or "/"
        found = regex_of(texts[1]).search(path)
        if found is not None:
            _move(exchange, _substituted(found, texts[2]))
    elif name == "normalize-uri" and len(action) > 1:
        path = split_url(exchange.url).path or "/"
        # Dots and slashes only: what is encoded stays so.
        _move(exchange, requested_path(path.replace("%", "%25")))
    elif name == "capture" and len(action) > 1:
        try:
            exchange.captured.append(sample(texts[1], exchange).text or "")
        except UnknownSample as error:
            exchange.world.guess(str(error), action[1].where, False)


def _set(name: str, action: Sequence[Word], exchange: Exchange) -> None:
    if len(action) < 2:
        return
    try:
        if action[0].text.startswith("set-var-fmt"):
            found: str | None = formatted(action[1].text, exchange, action[1].where)
        else:
            found = sample(action[1].text, exchange).text
    except UnknownSample as error:
        exchange.world.guess(str(error), action[1].where, False)
        found = None
    if found is None:
        exchange.variables.pop(name, None)
    else:
        exchange.variables[name] = found


def _move(exchange: Exchange, path: str) -> None:
    exchange.url = split_url(exchange.url)._replace(path=path.partition("?")[0]).geturl()


def _substituted(found: re.Match[str], text: str) -> str:
    return found.string[: found.start()] + _expanded(found, text) + found.string[found.end() :]


def _expanded(found: re.Match[str], text: str) -> str:
    """A replacement with the groups that it names."""

    def group(match: re.Match[str]) -> str:
        number = int(match[1])
        return (found[number] or "") if number <= found.re.groups else ""

    return re.sub(r"\\([0-9])", group, text)


def _edit(action: Sequence[Word], walk: _Walk) -> None:
    """Actions on the headers of an answer."""
    name = action[0].text
    texts = [word.text for word in action]
    if _SET_VAR.fullmatch(name):
        _set(_SET_VAR.sub(r"\2", name), action, walk.exchange)
    elif name in ("set-header", "add-header") and len(action) > 2:
        value = formatted(texts[2], walk.exchange, action[2].where)
        if name == "set-header":
            walk.lines = [line for line in walk.lines if line.name.lower() != texts[1].lower()]
        walk.lines.append(Line(texts[1], value, action[2].where, texts[2]))
    elif name == "del-header" and len(action) > 1:
        named = _named(texts)
        walk.lines = [line for line in walk.lines if not named(line.name)]
    elif name in ("replace-header", "replace-value") and len(action) > 3:
        for number, line in enumerate(walk.lines):
            if line.name.lower() != texts[1].lower():
                continue
            # What is found is replaced with all that stands around it.
            whole = name == "replace-header"
            parts = [line.value] if whole else line.value.split(",")
            for at, part in enumerate(parts):
                found = regex_of(texts[2]).search(part.strip())
                if found is not None:
                    parts[at] = _expanded(found, texts[3])
            value = ",".join(parts)
            if value != line.value:
                walk.lines[number] = Line(line.name, value, action[3].where, texts[3])
    elif name == "set-status" and len(action) > 1 and re.fullmatch(r"\d{3}", texts[1]):
        walk.exchange.status = int(texts[1])


class _named:  # noqa: N801 -- a function with what it was made of
    """Whether a header is one of those that ``del-header`` names."""

    def __init__(self, texts: list[str]) -> None:
        self._name = texts[1].lower()
        self._kind = texts[3] if len(texts) > 3 and texts[2] == "-m" else "str"

    def __call__(self, name: str) -> bool:
        name = name.lower()
        if self._kind == "beg":
            return name.startswith(self._name)
        if self._kind == "end":
            return name.endswith(self._name)
        if self._kind == "sub":
            return self._name in name
        if self._kind == "reg":
            return regex_of(self._name).search(name) is not None
        return name == self._name


def _onward(request: WireRequest, exchange: Exchange) -> WireRequest:
    headers = tuple(line for line in exchange.headers if line[0].lower() != "host")
    path = split_url(exchange.url).path
    if path != split_url(request.url).path:
        request = with_path(request, path)
    return replace(request, headers=headers)
