"""A virtual host with a request, in the order of httpd's hooks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import groupby

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.hops import signed_in
from corsage.layers.httpd.read.access import denied
from corsage.layers.httpd.read.exchange import UNKNOWN, Exchange, check_of, is_whole, search
from corsage.layers.httpd.read.expressions import holds
from corsage.layers.httpd.read.headers import edit_request, edit_response
from corsage.layers.httpd.read.rewriting import Rewritten, rewrite
from corsage.layers.httpd.read.syntax import Directive, Word
from corsage.layers.possible import ORIGIN, Answer, Known, Line, World, lines_of
from corsage.layers.urls import split_url
from corsage.policy.paths import requested_path

_CODES = {"permanent": 301, "temp": 302, "seeother": 303, "gone": 410}


@dataclass(frozen=True)
class Host:
    """A virtual host: the directives of the server around it, and its own. ``fragment``: they
    are those of a folder."""

    base: tuple[Directive, ...]
    own: tuple[Directive, ...]
    fragment: bool = False

    def __call__(self, request: WireRequest, world: World, service: Server) -> Answer | None:
        """What it answers."""
        url = split_url(request.url)
        exchange = Exchange(
            request.method,
            requested_path(url.path),
            url.query,
            (url.hostname or "").lower(),
            url.scheme == "https",
            [("Host", url.netloc), *request.headers],
            signed_in(request),
            world,
        )
        _set_variables(() if self.fragment else (*self.base, *self.own), exchange)
        early = list(self._sections(exchange, proxied=None))
        if "%2f" in url.path.lower() and not self._is_on("allowencodedslashes"):
            return _own(404, exchange, early)
        rewritten = Rewritten() if self.fragment else self._rewritten(exchange)
        if rewritten.status:
            return _own(rewritten.status, exchange, early, rewritten.location)
        proxied = rewritten.proxied or (not rewritten.path and self._proxied(exchange))
        if rewritten.path and not proxied:
            exchange.path = rewritten.path
        if not proxied and not self.fragment:
            for directive in (*self.own, *self.base):
                if (redirected := _redirected(directive, exchange)) is not None:
                    return _own(redirected.status, exchange, early, redirected.location)
        return self._handled(request, exchange, service, proxied)

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """All of it as a hop."""
        answer = self(request, Known(), service)
        return None if answer is None else answer.response

    def _handled(
        self, request: WireRequest, exchange: Exchange, service: Server, proxied: bool
    ) -> Answer:
        before = list(exchange.out)
        folders = list(self._sections(exchange, proxied=proxied))
        flat = [directive for _, block in folders for directive in block]
        inner = [d for name, block in folders if name or self.fragment for d in block]
        _set_variables(inner, exchange)
        status = denied(
            _access(folders, exchange), exchange, any(d.name == "authtype" for d in flat)
        )
        if status:
            return _own(status, exchange, folders)
        for directive in (*self.base, *self.own, *inner):
            if directive.name == "setenv" and directive.words:
                exchange.env.setdefault(directive.text(0), directive.text(1))
            elif directive.name == "unsetenv":
                for name in directive.texts():
                    exchange.env.pop(name, None)
        rules = _rules(inner)
        if rules is not None and not proxied:
            prefix = (
                "/"
                if self.fragment
                else next((n for n, b in reversed(folders) if n and _rules(b) is not None), "/")
            )
            rewritten = rewrite(rules, exchange, prefix.rstrip("/") + "/")
            if rewritten.status:
                return _own(rewritten.status, exchange, folders, rewritten.location)
            if rewritten.path and rewritten.path != exchange.path:
                where = rules[0].where
                exchange.world.guess("the rules go on for another path here", where, True)
            proxied = rewritten.proxied
        for directive in inner:
            if (redirected := _redirected(directive, exchange)) is not None:
                return _own(redirected.status, exchange, folders, redirected.location)
        for directive in flat:
            if directive.name == "requestheader":
                edit_request(directive, exchange)
        sent = tuple(line for line in exchange.headers if line[0].lower() != "host")
        response = service(replace(request, headers=sent))
        if response is None:
            return _own(502, exchange, folders)
        if response.status >= 400 and proxied and self._is_on("proxyerroroverride"):
            return _own(response.status, exchange, folders)
        kept = [] if proxied else [*before, *exchange.out[len(before) :]]
        exchange.out = [*kept, *lines_of(response)]
        exchange.status = response.status
        _edit(folders, exchange, "err")
        _edit(folders, exchange, "out")
        return _answer(exchange)

    def _is_on(self, name: str) -> bool:
        return any(d.name == name and d.text(0).lower() != "off" for d in (*self.base, *self.own))

    def _rewritten(self, exchange: Exchange) -> Rewritten:
        rules = _rules(self.own)
        return Rewritten() if rules is None else rewrite(rules, exchange)

    def _proxied(self, exchange: Exchange) -> bool:
        for directive in (*self.own, *self.base):
            if directive.name == "proxypass" and len(directive.words) > 1:
                if _begins(directive.text(0), exchange.path):
                    return directive.text(1) != "!"
            elif directive.name == "proxypassmatch" and len(directive.words) > 1:
                regex = directive.text(0)
                if search(exchange.world, exchange.path, regex, directive.where) is not None:
                    return directive.text(1) != "!"
        return any(
            directive.name == "proxypass" and len(directive.words) == 1
            for _, block in self._sections(exchange, proxied=None)
            for directive in block
        )

    def _sections(
        self, exchange: Exchange, proxied: bool | None
    ) -> Iterator[tuple[str, tuple[Directive, ...]]]:
        """The directives that apply, section by section; ``proxied`` None: before it is known
        what a path stands for, so that folders have no say."""
        both = (*self.base, *self.own)
        yield "", both
        folders = [d for d in both if d.section and d.name in ("directory", "directorymatch")]
        folders.sort(key=lambda d: d.text(0).count("/") if d.name == "directory" else 999)
        for kind in (folders, [d for d in both if d.name in ("files", "filesmatch")]):
            for each in kind:
                if proxied is False and self._in_folder(each, exchange):
                    yield "/", each.block
        for each in both:
            if each.name in ("location", "locationmatch") and _takes(each, exchange):
                yield each.text(0) if each.name == "location" else "/", each.block
        for each in both:
            if each.name in ("if", "elseif", "else"):
                yield from _branches(both, each, exchange)

    def _in_folder(self, section: Directive, exchange: Exchange) -> bool:
        root = next((d.text(0) for d in (*self.own, *self.base) if d.name == "documentroot"), None)
        folder = section.text(0)
        if section.name == "directory" and root is not None and not re.search(r"[~*?\[]", folder):
            return _begins(folder.rstrip("/") or "/", root.rstrip("/") + exchange.path)
        if section.name == "files" and not re.search(r"[~*?\[]", folder):
            return exchange.path.rpartition("/")[2] == folder
        if section.name == "filesmatch" and exchange.path.rpartition("/")[2]:
            name = exchange.path.rpartition("/")[2]
            return search(exchange.world, name, folder, section.where) is not None
        why = f"which files <{section.name} {folder[:40]}> takes is not known here"
        return exchange.world.guess(why, section.where, True)


def _branches(
    all_: Sequence[Directive], each: Directive, exchange: Exchange
) -> Iterator[tuple[str, tuple[Directive, ...]]]:
    if each.name != "if":
        at = next(n for n, d in enumerate(all_) if d is each)
        before = all_[at - 1] if at else None
        earlier = []
        while before is not None and before.name in ("if", "elseif"):
            earlier.append(before)
            at -= 1
            before = all_[at - 1] if at and earlier[-1].name != "if" else None
        if any(_condition(one, exchange) for one in earlier):
            return
    if each.name == "else" or _condition(each, exchange):
        yield "/", each.block
        for inner in each.block:
            if inner.name in ("if", "elseif", "else"):
                yield from _branches(each.block, inner, exchange)


def _condition(section: Directive, exchange: Exchange) -> bool:
    text = " ".join(section.texts())
    return holds(text, exchange, section.words[0].where if section.words else section.where)


def _takes(section: Directive, exchange: Exchange) -> bool:
    texts = section.texts()
    if section.name == "locationmatch" or texts[:1] == ["~"]:
        regex = texts[-1] if texts else ""
        return search(exchange.world, exchange.path, regex, section.where) is not None
    path = texts[0] if texts else "/"
    if any(c in path for c in "*?["):
        return fnmatchcase(exchange.path, path)
    return _begins(path, exchange.path)


def _begins(prefix: str, path: str) -> bool:
    if prefix.endswith("/"):
        return path.startswith(prefix)
    return path == prefix or path.startswith(f"{prefix}/")


def _rules(block: Sequence[Directive]) -> list[Directive] | None:
    engines = [d.text(0).lower() for d in block if d.name == "rewriteengine"]
    rules = [d for d in block if d.name in ("rewritecond", "rewriterule")]
    return rules if rules and engines[-1:] == ["on"] else None


def _access(
    folders: Sequence[tuple[str, tuple[Directive, ...]]], exchange: Exchange
) -> list[Directive]:
    """The access rules of the innermost section that has any."""
    found: list[Directive] = []
    for _, block in folders:
        rules: list[Directive] = []
        for each in block:
            if each.name.startswith("require"):
                rules.append(each)
            elif each.name in ("limit", "limitexcept"):
                named = [text.upper() for text in each.texts()]
                if (exchange.method in named) == (each.name == "limit"):
                    rules += each.block
            elif each.name in ("order", "deny", "allow", "satisfy"):
                exchange.world.guess(f"{each.name} is not followed here", each.where, True)
        found = rules or found
    return found


def _set_variables(directives: Sequence[Directive], exchange: Exchange) -> None:
    """``SetEnvIf`` in order. Lines that do the same for different origins are one question: a
    list has as many ways through it as lines otherwise."""
    if exchange.header("origin") != ORIGIN:
        for directive in directives:
            _set_env_if(directive, exchange)
        return
    for given, group in groupby(directives, _given):
        alike = list(group)
        if not given or len(alike) == 1:
            for directive in alike:
                _set_env_if(directive, exchange)
            continue
        checks = [
            check_of(d.text(1), d.words[1].where, d.name.endswith("nocase"), d.text(1))
            for d in alike
        ]
        if exchange.world.ask(ORIGIN, checks):
            exchange.env.update(given)


def _given(directive: Directive) -> tuple[tuple[str, str], ...]:
    """The variables that a line sets for the origins that all of its regex fits; none where it
    does anything else."""
    if directive.name not in ("setenvif", "setenvifnocase"):
        return ()
    if directive.text(0).lower() != "origin" or not directive.text(1).startswith("^"):
        return ()
    found = []
    for word in directive.words[2:]:
        name, equals, text = word.text.partition("=")
        if re.fullmatch(r"\$[01]", text) and is_whole(directive.text(1), int(text[1])):
            text = ORIGIN
        if name.startswith("!") or "$" in text:
            return ()
        found.append((name, text if equals else "1"))
    return tuple(found)


def _set_env_if(directive: Directive, exchange: Exchange) -> None:
    if directive.name == "browsermatch" or directive.name == "browsermatchnocase":
        words = (Word("User-Agent", directive.where), *directive.words)
    elif directive.name in ("setenvif", "setenvifnocase"):
        words = directive.words
    else:
        return
    if len(words) < 3:
        return
    caseless = directive.name.endswith("nocase")
    attribute = words[0].text
    known = {
        "request_method": exchange.method,
        "request_uri": exchange.path,
        "request_protocol": "HTTP/1.1",
    }
    if attribute.lower().startswith(("remote_", "server_addr")) or "(" in attribute:
        exchange.world.guess(f"{attribute[:30]} is not known here", words[0].where, False)
        return
    value = known.get(attribute.lower()) or exchange.header(attribute)
    value = value or exchange.env.get(attribute, "")
    found = search(exchange.world, value, words[1].text, words[1].where, caseless)
    if found is None:
        return
    for word in words[2:]:
        name, equals, text = word.text.partition("=")
        if name.startswith("!"):
            exchange.env.pop(name[1:], None)
        else:
            text = re.sub(r"\$(\d)", lambda m: found(int(m[1])), text)
            exchange.env[name] = text if equals else "1"


def _redirected(directive: Directive, exchange: Exchange) -> Rewritten | None:
    names = ("redirect", "redirectmatch", "redirectpermanent", "redirecttemp")
    if directive.name not in names:
        return None
    words = list(directive.words)
    status = 301 if directive.name == "redirectpermanent" else 302
    if words and not words[0].text.startswith("/") and len(words) > 1:
        first = words[0].text.lower()
        if first in _CODES or re.fullmatch(r"\d{3}", first):
            status = _CODES.get(first) or int(first)
            words.pop(0)
    if not words:
        return None
    pattern = words[0].text
    target = words[1].text if len(words) > 1 else ""
    if directive.name == "redirectmatch":
        found = search(exchange.world, exchange.path, pattern, directive.where)
        if found is None:
            return None
        target = re.sub(r"\$(\d)", lambda m: found(int(m[1])), target)
    else:
        if not _begins(pattern, exchange.path):
            return None
        target += exchange.path[len(pattern) :]
    if target.startswith("/"):
        scheme = "https" if exchange.secure else "http"
        target = f"{scheme}://{exchange.header('host')}{target}"
    if target and exchange.query and "?" not in target:
        target += f"?{exchange.query}"
    return Rewritten(status, target)


def _own(
    status: int,
    exchange: Exchange,
    folders: Sequence[tuple[str, tuple[Directive, ...]]],
    location: str = "",
) -> Answer:
    """An answer of httpd itself: what is only for success is not on it."""
    exchange.status = status
    exchange.out = list(exchange.out) if status == 204 else []
    if location:
        exchange.out.append(Line("Location", location))
    _edit(folders, exchange, "err")
    return _answer(exchange)


def _edit(
    folders: Sequence[tuple[str, tuple[Directive, ...]]], exchange: Exchange, table: str
) -> None:
    for _, block in folders:
        for directive in block:
            if directive.name == "header":
                edit_response(directive, exchange, table)


def _answer(exchange: Exchange) -> Answer:
    # What has an unknown value may be for anybody; that it is not known has been said.
    lines = [
        replace(line, value=ORIGIN) if UNKNOWN in line.value else line
        for line in (*exchange.err, *exchange.out)
    ]
    varying = [line for line in lines if line.name.lower() == "vary"]
    if varying:
        # httpd sends one Vary, whatever was said.
        values: dict[str, str] = {}
        for line in varying:
            for part in line.value.split(","):
                values.setdefault(part.strip().lower(), part.strip())
        one = replace(varying[-1], value=",".join(each for each in values.values() if each))
        lines = [line for line in lines if line.name.lower() != "vary"] + [one]
    return Answer(exchange.status, tuple(lines))
