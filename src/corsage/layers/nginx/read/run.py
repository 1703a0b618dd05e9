"""What nginx does with one request, phase after phase.

The order is that of nginx's own phases: server rewrites, the location, its rewrites (again, if
the path changed), access, the content, and the header filters over whatever comes out. One
program serves two purposes, see :mod:`.values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from corsage.browser.exchange import Response, WireRequest
from corsage.layers.nginx.read.conditions import condition
from corsage.layers.nginx.read.configuration import Server
from corsage.layers.nginx.read.headers import Line, added_on, changed, hidden
from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.locations import PASSES, find_location, named_location
from corsage.layers.nginx.read.pcre import UnknownRegex, regex
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.nginx.read.upstreams import Onward, host_header, onward_of
from corsage.layers.nginx.read.values import (
    EMPTY,
    Unseen,
    Value,
    joined,
    parts_of,
    text_of,
    value_of,
)
from corsage.layers.nginx.read.world import Answer, Captures, Question, World
from corsage.policy.paths import requested_path

Service: TypeAlias = Callable[[WireRequest], Response | None]

_MOST_ROUNDS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_ERROR = 300
_FILE_TESTS = {"-f", "-d", "-e", "-x"}
_STATIC_METHODS = ("GET", "HEAD")
_NO_ANSWER = 444
_SPEAKS_OF_CORS = re.compile("access.control|cors|origin", re.IGNORECASE)

_BUILT_IN = {
    "remote_addr": "the address of the client decides it",
    "binary_remote_addr": "the address of the client decides it",
    "proxy_add_x_forwarded_for": "the address of the client decides it",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as nginx sees it; ``signed_in``: it carries what a login asks for."""

    wire: WireRequest
    signed_in: bool = False

    @classmethod
    def by(cls, wire: WireRequest) -> Asked:
        """A request whose credentials, if it has any, are right."""
        named = any(name.lower() == "authorization" for name, _ in wire.headers)
        return cls(wire, signed_in=wire.credentials or named)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What nginx answers. ``level`` is the one whose headers were added; ``upstream``: the
    service that was asked (None: none was); ``unseen`` are scripts that may have changed the
    answer, ``counted`` the ``limit_req`` that counts the request. Status 0: the connection is
    closed without an answer."""

    status: int
    lines: tuple[Line, ...]
    level: Level
    upstream: str | None = None
    unseen: tuple[Unseen, ...] = ()
    counted: Directive | None = None


@dataclass(slots=True)
class _Reply:
    """``error``: nginx's own, so that an ``error_page`` may take its place."""

    status: int
    lines: list[Line] = field(default_factory=list)
    error: bool = False


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """An internal redirect, to a path or to a named location."""

    to: str


_Step: TypeAlias = _Reply | _Elsewhere


class Run:
    """One request in one server."""

    def __init__(self, server: Server, asked: Asked, world: World, service: Service) -> None:
        self._server = server
        self._nginx = server.nginx
        self._asked = asked
        self._world = world
        self._service = service
        wire = asked.wire
        url = urlsplit(wire.url)
        self._scheme = url.scheme
        self._authority = url.netloc
        self._request_uri = f"{url.path or '/'}{'?' if url.query else ''}{url.query}"
        self._headers: dict[str, str] = {}
        for name, value in wire.headers:
            self._headers.setdefault(name.lower(), value)
        self._method = wire.method
        self._path = requested_path(url.path)
        self._args = url.query
        self._level = server.level
        self._location = server.level
        self._variables: dict[str, Value] = {}
        self._captures: Captures = ()
        self._path_changed = False
        self._path_kept = True
        self._internal = False
        self._error_status = 0
        self._error_page_done = False
        self._response: Response | None = None
        self._upstream: str | None = None
        self._status = 0
        self._counted: Directive | None = None
        self._computing: set[str] = set()

    def outcome(self) -> Outcome:
        """Run it."""
        step: _Step = _Elsewhere("")
        for _ in range(_MOST_ROUNDS):
            if isinstance(step, _Reply):
                break
            step = self._pass(step.to)
            if isinstance(step, _Reply) and step.error:
                # An error on the way to an error page has the last word.
                self._error_status = 0
                step = self._error_page(step) or step
        if not isinstance(step, _Reply):
            step = _Reply(500)
        return self._finished(step)

    def route(self) -> Level:
        """The location that takes the request first, whatever becomes of it."""
        if self._codes(self._server.level) is None:
            self._path_changed = False
        found = find_location(self._server.level, self._path)
        return found.level

    # Phases

    def _pass(self, target: str) -> _Step:
        if target.startswith("@"):
            level = named_location(self._server.level, target)
            if level is None:
                return _Reply(500)
            self._internal = True
            self._enter(level)
            reply = self._codes(level)
            if reply is not None:
                return reply
            if not self._path_changed:
                return self._content()
        else:
            if target:
                self._internal = True
                self._path, question, args = target.partition("?")
                self._args = args if question else ""
                self._path_kept = True
            self._level = self._server.level
            reply = self._codes(self._server.level)
            if reply is not None:
                return reply
        return self._locate()

    def _locate(self) -> _Step:
        for _ in range(_MOST_ROUNDS + 1):
            found = find_location(self._server.level, self._path)
            if found.match is not None:
                self._captures = tuple(
                    value_of(text or "") for text in (found.match[0], *found.match.groups())
                )
                for name, text in found.match.groupdict().items():
                    self._variables[name.lower()] = value_of(text or "")
            self._path_changed = False
            self._enter(found.level)
            if "internal" in found.level.own and not self._internal:
                return _Reply(404, error=True)
            if found.redirects:
                return self._redirect(301, f"{self._path}/{'?' if self._args else ''}{self._args}")
            if self._level.kind == "location":
                reply = self._codes(self._level)
                if reply is not None:
                    return reply
            if not self._path_changed:
                return self._content()
        return _Reply(500, error=True)

    def _enter(self, level: Level) -> None:
        self._location = level
        self._level = level
        if level.limits is not None and self._method not in _spared(level.limits.directive):
            self._level = level.limits

    # Rewrites

    def _codes(self, level: Level) -> _Reply | None:
        """Run the rewrite phase of a level. A ``_Reply`` ends the request; None goes on."""
        reply = self._block(level)
        return None if reply == "stop" else reply

    def _block(self, level: Level) -> _Reply | Literal["stop"] | None:
        for directive, inner in level.codes:
            reply: _Reply | Literal["stop"] | None = None
            if inner is not None:
                if not self._holds(directive):
                    continue
                if level.kind != "server":
                    self._level = inner
                reply = self._block(inner)
            else:
                reply = self._code(directive)
            if reply is not None:
                return reply
        return None

    def _code(self, directive: Directive) -> _Reply | Literal["stop"] | None:
        args = directive.args
        if directive.name == "set" and len(args) == 2:
            self._variables[args[0].removeprefix("$").lower()] = self._value(args[1], directive)
        elif directive.name == "break":
            self._path_changed = False
            return "stop"
        elif directive.name == "return" and args:
            return self._return(directive)
        elif directive.name == "rewrite" and len(args) >= 2:
            return self._rewrite(directive)
        return None

    def _return(self, directive: Directive) -> _Reply:
        first, *rest = directive.args
        if not re.fullmatch(r"\d{1,3}", first):
            return self._redirect(302, self._text(first, directive))
        status = int(first)
        if rest and status in _REDIRECTS:
            return self._redirect(status, self._text(rest[0], directive))
        return _Reply(status, error=status >= 400 and not rest)

    def _rewrite(self, directive: Directive) -> _Reply | Literal["stop"] | None:
        pattern, replacement, *flags = directive.args
        flag = flags[0] if flags else ""
        try:
            match = regex(pattern, False).search(self._path)
        except UnknownRegex:
            match = None
        if match is None:
            return None
        self._captures = tuple(value_of(text or "") for text in (match[0], *match.groups()))
        for name, text in match.groupdict().items():
            self._variables[name.lower()] = value_of(text or "")
        target = self._text(replacement, directive)
        path, question, args = target.partition("?")
        if not (question and replacement.endswith("?")):
            own = [each for each in (args, self._args) if each]
            args = "&".join(own)
        absolute = replacement.startswith(("http://", "https://", "$scheme"))
        if flag in ("redirect", "permanent") or absolute:
            status = 301 if flag == "permanent" else 302
            return self._redirect(status, f"{path}{'?' if args else ''}{args}")
        self._path, self._args = path, args
        self._internal = True
        if flag == "break":
            self._path_changed = False
            self._path_kept = False
            return "stop"
        self._path_changed = True
        return "stop" if flag == "last" else None

    def _holds(self, directive: Directive) -> bool:
        words = condition(directive)
        if len(words) == 2 and words[0].lstrip("!") in _FILE_TESTS:
            return words[0].startswith("!")  # taken to be no file: what is asked for is an API
        if len(words) == 1:
            question = Question("set", EMPTY, directive.where_of(0))
            return self._world.ask(self._value(words[0], directive), question).holds
        if len(words) != 3:
            return False
        value = self._value(words[0], directive)
        operator = words[1]
        negative = operator.startswith("!")
        where = directive.where_of(min(2, len(directive.args) - 1))
        if operator in ("=", "!="):
            operand = self._value(words[2], directive)
            answer = self._world.ask(value, Question("equal", operand, where))
        elif operator in ("~", "~*", "!~", "!~*"):
            question = Question("matches", value_of(words[2]), where, operator.endswith("*"))
            answer = self._world.ask(value, question)
            self._capture(answer)
        else:
            return False
        return answer.holds != negative

    def _capture(self, answer: Answer) -> None:
        if answer.captures is not None:
            self._captures = answer.captures
            for name, value in answer.names:
                self._variables[name.lower()] = value

    # Access and content

    def _content(self) -> _Step:
        for each in self._level.nearest("limit_req"):
            # An empty key is not counted.
            if self._parts(self._nginx.limit_key(each), each):
                self._counted = each
        refused = self._refused()
        if refused is not None:
            return refused
        level = self._level
        for each in level.own.get("try_files", ()):
            if (elsewhere := self._tried(each)) is not None:
                return elsewhere
        onward = onward_of(level)
        if onward is not None:
            return self._forward(onward)
        if any("content_by" in name or name == "js_content" for name in self._location.own):
            return self._asked_of_service(self._asked.wire, level, None)
        if self._server.fragment and not level.own.get("root") and not level.own.get("alias"):
            return self._asked_of_service(self._asked.wire, level, None)
        return self._file()

    def _file(self) -> _Reply:
        """A file, which is taken to be there where somebody said where files are."""
        there = self._path == "/" or any(self._level.source(name) for name in ("root", "alias"))
        if self._method in _STATIC_METHODS and there:
            return _Reply(200)
        return _Reply(
            404 if self._method in (*_STATIC_METHODS, "POST") and not there else 405, error=True
        )

    def _refused(self) -> _Reply | None:
        level = self._level
        checks: list[_Reply | None] = []
        rules = _access_rules(level)
        if rules:
            # A client is taken to be one of those that are let in, if any are.
            open_to_some = any(rule.name == "allow" for rule in rules)
            denied = not open_to_some and rules[-1].args[:1] == ("all",)
            checks.append(_Reply(403, error=True) if denied else None)
        realm = level.last("auth_basic")
        if realm not in ("", "off") and level.last("auth_basic_user_file"):
            line = Line("WWW-Authenticate", value_of(f'Basic realm="{realm}"'))
            signed_in = self._asked.signed_in
            checks.append(None if signed_in else _Reply(401, [line], error=True))
        if level.last("auth_request") not in ("", "off"):
            checks.append(None if self._asked.signed_in else _Reply(401, error=True))
        failed = [each for each in checks if each is not None]
        if not failed or (level.last("satisfy") == "any" and len(failed) < len(checks)):
            return None
        return failed[-1] if level.last("satisfy") == "any" else failed[0]

    def _tried(self, directive: Directive) -> _Step | None:
        """``try_files``: files are taken to be there where nothing else would answer."""
        last = directive.args[-1] if directive.args else ""
        if last.startswith("="):
            return None
        if last.startswith("@"):
            return _Elsewhere(last)
        return _Elsewhere(self._text(last, directive))

    def _forward(self, onward: Onward) -> _Step:
        level = self._level
        wire = self._asked.wire
        sets = level.nearest(re.sub("pass$", "set_header", onward.directive.name))
        dropped = {one.args[0].lower() for one in sets if one.args}
        headers = [line for line in wire.headers if line[0].lower() not in dropped]
        if level.last("proxy_pass_request_headers") == "off":
            headers = []
        for one in sets:
            if len(one.args) == 2 and one.args[0].lower() not in ("host", "connection", "upgrade"):
                value = self._text(one.args[1], one)
                if value:
                    headers.append((one.args[0], value))
        method = level.last("proxy_method").upper() or self._method
        target = self._text(onward.target, onward.directive)
        path = onward.path(target, self._path, self._location, self._path_kept)
        if path is None:
            path, args = self._request_uri, ""
            if self._internal or not self._path_kept or self._path != self._original_path():
                path, args = self._path, self._args
        else:
            args = "" if "$" in onward.target else self._args
        host = host_header(sets)
        authority = self._text(host, onward.directive) if host else onward.authority(target)
        url = f"{onward.scheme(target)}://{authority or self._authority}{path or '/'}"
        url += f"?{args}" if args else ""
        sent = WireRequest(wire.kind, method, url, tuple(headers), wire.credentials, wire.body)
        named = onward.authority(target)
        server = self._nginx.upstreams.get(named.lower(), named)
        upstream = f"{onward.scheme(target)}://{server}" if server else ""
        return self._asked_of_service(sent, level, onward, upstream)

    def _original_path(self) -> str:
        return requested_path(urlsplit(self._asked.wire.url).path)

    def _asked_of_service(
        self, sent: WireRequest, level: Level, onward: Onward | None, upstream: str = ""
    ) -> _Step:
        self._upstream = upstream
        response = self._service(sent)
        if response is None:
            return _Reply(502, error=True)
        passing = onward.directive.name if onward is not None else "proxy_pass"
        intercept = re.sub("pass$", "intercept_errors", passing)
        if response.status >= _ERROR and level.last(intercept) == "on":
            reply = _Reply(response.status, error=True)
            if (elsewhere := self._error_page(reply)) is not None:
                return elsewhere
        self._response = response
        concealed = hidden(level, passing)
        lines = []
        for name, value in response.headers:
            if name.lower() in concealed:
                continue
            text = value
            if name.lower() == "location" and onward is not None:
                text = onward.redirected(value, level, self._location)
                if text.startswith("/"):
                    text = f"{self._scheme}://{self._authority}{text}"
            lines.append(Line(name, value_of(text)))
        return _Reply(response.status, lines)

    # The answer

    def _redirect(self, status: int, target: str) -> _Reply:
        if target.startswith("/") and self._level.last("absolute_redirect") != "off":
            target = f"{self._scheme}://{self._authority}{target}"
        return _Reply(status, [Line("Location", value_of(target))])

    def _error_page(self, reply: _Reply) -> _Elsewhere | _Reply | None:
        if self._error_page_done:
            return None
        for directive in self._level.nearest("error_page"):
            *codes, target = directive.args or ("",)
            overwrite = codes.pop() if codes and codes[-1].startswith("=") else None
            if str(reply.status) not in codes:
                continue
            self._error_page_done = True
            status = reply.status if overwrite is None else int(overwrite[1:] or "0")
            where = self._text(target, directive)
            if not where.startswith(("/", "@")):
                final = status if status in _REDIRECTS else 302
                return self._redirect(final, where)
            self._error_status = status
            if where.startswith("/") and self._method != "HEAD":
                self._method = "GET"
            return _Elsewhere(where)
        return None

    def _finished(self, reply: _Reply) -> Outcome:
        status = self._error_status or reply.status
        if status == _NO_ANSWER:
            return Outcome(0, (), self._level, self._upstream)
        lines = list(reply.lines)
        self._status = status
        lines = changed(lines, self._level, status, lambda word: self._value(word, None))
        for each in added_on(self._level, status):
            value = self._value(each.args[1], each)
            if value:
                lines.append(Line(each.args[0], value, each.args[1], each.where))
        return Outcome(
            status, tuple(lines), self._level, self._upstream, _scripts(self._level), self._counted
        )

    # Values

    def _text(self, word: str, directive: Directive | None) -> str:
        return text_of(self._value(word, directive)) or ""

    def _value(self, word: str, directive: Directive | None) -> Value:
        return self._world.settle(self._parts(word, directive))

    def _parts(self, word: str, directive: Directive | None) -> Value:
        found: list[Value] = []
        for kind, text in parts_of(word):
            if kind == "text":
                found.append((text,))
            elif kind == "variable":
                found.append(self._variable(text, directive))
            else:
                where = (directive or self._server.level.directive).where
                found.append((Unseen("a template fills it in", where),))
        return joined(found)

    def _variable(self, name: str, directive: Directive | None) -> Value:
        if name in self._variables:
            return self._variables[name]
        if name.isdigit():
            number = int(name)
            return self._captures[number] if number < len(self._captures) else EMPTY
        if self._nginx.table(name) is not None:
            return self._mapped(name)
        if name in self._nginx.constants:
            return value_of(self._nginx.constants[name])
        if name in self._nginx.unseen:
            return (self._nginx.unseen[name],)
        built_in = self._built_in(name)
        if built_in is not None:
            return built_in
        if name in self._nginx.assigned:
            return EMPTY
        where = (directive or self._server.level.directive).where
        return (Unseen(_BUILT_IN.get(name, f"nothing here says what ${name} is"), where),)

    def _mapped(self, name: str) -> Value:
        table = self._nginx.table(name)
        assert table is not None
        if name in self._computing:
            return EMPTY  # a cycle, of which nginx makes the same
        self._computing.add(name)
        chosen = self._world.choose(table, self._value(table.source, table.directive))
        self._capture(chosen.answer)
        value = EMPTY
        if chosen.value is not None:
            value = chosen.value
        elif chosen.row is not None:
            value = self._value(chosen.row.value, chosen.row.directive)
        self._computing.discard(name)
        self._variables[name] = value
        return value

    def _built_in(self, name: str) -> Value | None:
        if name == "http_origin":
            return self._world.origin
        if name.startswith("http_") and name != "http_host":
            return value_of(self._headers.get(name[5:].replace("_", "-"), ""))
        if name.startswith("upstream_http_"):
            return value_of(self._upstream_header(name[14:].replace("_", "-")))
        if name.startswith(("sent_http_", "cookie_", "upstream_cookie_", "sent_trailer_")):
            return EMPTY
        if name.startswith("arg_"):
            pairs = [pair.partition("=") for pair in self._args.split("&")]
            found = [value for key, _, value in pairs if key.lower() == name[4:]]
            return value_of(found[0] if found else "")
        host = urlsplit(f"//{self._authority}")
        known = {
            "request_method": self._method,
            "uri": self._path,
            "document_uri": self._path,
            "request_uri": self._request_uri,
            "args": self._args,
            "query_string": self._args,
            "is_args": "?" if self._args else "",
            "scheme": self._scheme,
            "https": "on" if self._scheme == "https" else "",
            "http_host": self._authority,
            "host": self._authority.rpartition(":")[0].lower()
            if re.search(r":\d+$", self._authority)
            else self._authority.lower(),
            "server_name": self._server.names[0] if self._server.names else "",
            "request_filename": f"/nowhere{self._path}",
            "document_root": "/nowhere",
            "request": f"{self._method} {self._request_uri} HTTP/1.1",
            "server_protocol": "HTTP/1.1",
        }
        if name == "server_port":
            match = re.search(r":(\d+)$", host.netloc)
            return value_of(match[1] if match else "443" if self._scheme == "https" else "80")
        if name == "status":
            return value_of(str(self._status))
        return value_of(known[name]) if name in known else None

    def _upstream_header(self, name: str) -> str:
        headers = self._response.headers if self._response is not None else ()
        return ", ".join(value for key, value in headers if key.lower() == name)


def _spared(directive: Directive) -> set[str]:
    methods = {arg.upper() for arg in directive.args}
    return methods | {"HEAD"} if "GET" in methods else methods


def _access_rules(level: Level) -> list[Directive]:
    for each in level.outwards():
        rules = [*each.own.get("allow", ()), *each.own.get("deny", ())]
        if rules:
            return sorted(rules, key=lambda one: one.words[0].start)
    return []


def _scripts(level: Level) -> tuple[Unseen, ...]:
    """Lua and the like that may write CORS headers."""
    found = []
    for each in level.outwards():
        for name, directives in each.own.items():
            if "_by_lua" not in name and not name.startswith(("js_header_filter", "js_content")):
                continue
            for directive in directives:
                code = directive.code or " ".join(directive.args)
                if name.endswith("_file") or re.search(
                    "access.control|cors|origin", code, re.IGNORECASE
                ):
                    found.append(Unseen("a script may write the headers", directive.where))
    return tuple(found)


__all__ = ["PASSES", "Asked", "Outcome", "Run"]
