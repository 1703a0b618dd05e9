"""A request on its way through a server: where it is, and what its variables hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from corsage.browser.exchange import Response, WireRequest
from corsage.layers.nginx.read.configuration import Server
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.nginx.read.values import (
    EMPTY,
    Unseen,
    Value,
    joined,
    parts_of,
    text_of,
    value_of,
)
from corsage.layers.nginx.read.world import Answer, Captures, World
from corsage.layers.urls import split_url
from corsage.policy.paths import requested_path

Service: TypeAlias = Callable[[WireRequest], Response | None]

_OF_THE_CLIENT = "the address of the client decides it"
_BUILT_IN = {
    "remote_addr": _OF_THE_CLIENT,
    "binary_remote_addr": _OF_THE_CLIENT,
    "proxy_add_x_forwarded_for": _OF_THE_CLIENT,
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


class State:
    """``level`` is the block whose settings hold now (an ``if``, perhaps), ``location`` the one
    that took the request. ``path_changed``: a rewrite asks for another location.
    ``path_kept``: nothing has been rewritten for good. ``error_status``: that of the error which
    an error page stands for."""

    def __init__(self, server: Server, asked: Asked, world: World, service: Service) -> None:
        self.server = server
        self.nginx = server.nginx
        self.asked = asked
        self.world = world
        self.service = service
        wire = asked.wire
        url = split_url(wire.url)
        self.scheme = url.scheme
        self.authority = url.netloc
        self.request_uri = f"{url.path or '/'}{'?' if url.query else ''}{url.query}"
        self.headers: dict[str, str] = {}
        for name, value in wire.headers:
            self.headers.setdefault(name.lower(), value)
        self.method = wire.method
        self.path = requested_path(url.path)
        self.args = url.query
        self.level = server.level
        self.location = server.level
        self.variables: dict[str, Value] = {}
        self.captures: Captures = ()
        self.path_changed = False
        self.path_kept = True
        self.internal = False
        self.error_status = 0
        self.error_page_done = False
        self.response: Response | None = None
        self.upstream: str | None = None
        self.status = 0
        self.counted: Directive | None = None
        self._computing: set[str] = set()

    def capture(self, answer: Answer) -> None:
        """Keep what a regex captured."""
        if answer.captures is not None:
            self.captures = answer.captures
            for name, value in answer.names:
                self.variables[name.lower()] = value

    def capture_match(self, match: re.Match[str]) -> None:
        """Keep what a regex captured of a text that is known."""
        self.captures = tuple(value_of(text or "") for text in (match[0], *match.groups()))
        for name, text in match.groupdict().items():
            self.variables[name.lower()] = value_of(text or "")

    def text(self, word: str, directive: Directive | None) -> str:
        """A word of the configuration as text."""
        return text_of(self.value(word, directive)) or ""

    def value(self, word: str, directive: Directive | None) -> Value:
        """A word of the configuration, with the values of its variables."""
        return self.world.settle(self.parts(word, directive))

    def parts(self, word: str, directive: Directive | None) -> Value:
        """As :meth:`value`, with the parts that are not known."""
        found: list[Value] = []
        for kind, text in parts_of(word):
            if kind == "text":
                found.append((text,))
            elif kind == "variable":
                found.append(self._variable(text, directive))
            else:
                where = (directive or self.server.level.directive).where
                found.append((Unseen("a template fills it in", where),))
        return joined(found)

    def _variable(self, name: str, directive: Directive | None) -> Value:
        if name in self.variables:
            return self.variables[name]
        if name.isdigit():
            number = int(name)
            return self.captures[number] if number < len(self.captures) else EMPTY
        if self.nginx.table(name) is not None:
            return self._mapped(name)
        if name in self.nginx.constants:
            return value_of(self.nginx.constants[name])
        if name in self.nginx.unseen:
            return (self.nginx.unseen[name],)
        built_in = self._built_in(name)
        if built_in is not None:
            return built_in
        if name in self.nginx.assigned:
            return EMPTY
        where = (directive or self.server.level.directive).where
        return (Unseen(_BUILT_IN.get(name, f"nothing here says what ${name} is"), where),)

    def _mapped(self, name: str) -> Value:
        table = self.nginx.table(name)
        assert table is not None
        if name in self._computing:
            return EMPTY  # a cycle, of which nginx makes the same
        self._computing.add(name)
        chosen = self.world.choose(table, self.value(table.source, table.directive))
        self.capture(chosen.answer)
        value = EMPTY
        if chosen.value is not None:
            value = chosen.value
        elif chosen.row is not None:
            value = self.value(chosen.row.value, chosen.row.directive)
        self._computing.discard(name)
        self.variables[name] = value
        return value

    def _built_in(self, name: str) -> Value | None:
        if name == "http_origin":
            return self.world.origin
        if name.startswith("http_") and name != "http_host":
            return value_of(self.headers.get(name[5:].replace("_", "-"), ""))
        if name.startswith("upstream_http_"):
            return value_of(self._upstream_header(name[14:].replace("_", "-")))
        if name.startswith(("sent_http_", "cookie_", "upstream_cookie_", "sent_trailer_")):
            return EMPTY
        if name.startswith("arg_"):
            pairs = [pair.partition("=") for pair in self.args.split("&")]
            found = [value for key, _, value in pairs if key.lower() == name[4:]]
            return value_of(found[0] if found else "")
        host = split_url(f"//{self.authority}")
        known = {
            "request_method": self.method,
            "uri": self.path,
            "document_uri": self.path,
            "request_uri": self.request_uri,
            "args": self.args,
            "query_string": self.args,
            "is_args": "?" if self.args else "",
            "scheme": self.scheme,
            "https": "on" if self.scheme == "https" else "",
            "http_host": self.authority,
            "host": self.authority.rpartition(":")[0].lower()
            if re.search(r":\d+$", self.authority)
            else self.authority.lower(),
            "server_name": self.server.names[0] if self.server.names else "",
            "request_filename": f"/nowhere{self.path}",
            "document_root": "/nowhere",
            "request": f"{self.method} {self.request_uri} HTTP/1.1",
            "server_protocol": "HTTP/1.1",
        }
        if name == "server_port":
            match = re.search(r":(\d+)$", host.netloc)
            return value_of(match[1] if match else "443" if self.scheme == "https" else "80")
        if name == "status":
            return value_of(str(self.status))
        return value_of(known[name]) if name in known else None

    def _upstream_header(self, name: str) -> str:
        headers = self.response.headers if self.response is not None else ()
        return ", ".join(value for key, value in headers if key.lower() == name)
