"""One nginx: what all its servers share, and its servers.

A repository often holds less than a whole nginx.conf: a file for conf.d, a snippet of locations,
a few headers to include. What is missing around them is supplied, and says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from corsage.layers.nginx.read.includes import Includes
from corsage.layers.nginx.read.levels import Level, level_of
from corsage.layers.nginx.read.maps import Map, map_of
from corsage.layers.nginx.read.syntax import Directive, Parsed
from corsage.layers.nginx.read.values import Unseen
from corsage.layers.nginx.read.ways import Memo

_AROUND = {"events", "worker_processes", "user", "pid", "load_module", "stream", "daemon"}
_OF_HTTP = {
    "server",
    "upstream",
    "map",
    "geo",
    "split_clients",
    "limit_req_zone",
    "limit_conn_zone",
    "proxy_cache_path",
    "log_format",
    "server_names_hash_bucket_size",
}
_OF_SERVER = {"location", "listen", "server_name"}
_NAMED_GROUP = re.compile(r"\(\?P?[<'](\w+)[>']")
_SETS = {
    "auth_request_set": "an auth request decides it",
    "js_set": "a script computes it",
    "js_var": "a script computes it",
    "perl_set": "a script computes it",
    "split_clients": "it is drawn by lot",
    "geoip_country": "the address of the client decides it",
    "userid": "a cookie decides it",
}


@dataclass(eq=False)
class Server:
    """A server block. ``level`` is its own; ``fragment``: it was supplied around a file that
    holds only what belongs into one."""

    level: Level
    nginx: Nginx
    fragment: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Its server names, in lower case."""
        words = [arg for one in self.level.own.get("server_name", ()) for arg in one.args]
        return tuple(word.lower() for word in words if word not in ("_", '""', ""))

    @property
    def listens(self) -> tuple[str, ...]:
        """Its addresses, ``*`` for all: ``*:80``, ``127.0.0.1:8080``, ``unix:/run/x``."""
        if self.fragment:
            return ()
        listens = self.level.own.get("listen", ())
        found = [_address(one.args[0]) for one in listens if one.args]
        return tuple(dict.fromkeys(found)) or ("*:80",)

    @property
    def defaults(self) -> frozenset[str]:
        """The addresses at which it says that it takes what no other server does."""
        listens = [one.args for one in self.level.own.get("listen", ()) if one.args]
        return frozenset(
            _address(first)
            for first, *words in listens
            if "default_server" in words or "default" in words
        )


@dataclass(eq=False)
class Nginx:
    """What one nginx reads. ``unseen`` are variables whose values are nobody's to know, ``set``
    the names of all that some ``set`` assigns."""

    http: Level
    maps: dict[str, Map] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    unseen: dict[str, Unseen] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    upstreams: dict[str, str] = field(default_factory=dict)
    servers: list[Server] = field(default_factory=list)
    others: Mapping[str, Map] = field(default_factory=dict)
    memo: Memo = field(default_factory=Memo)

    def limit_key(self, limit: Directive) -> str:
        """What a ``limit_req`` counts by; taken to be something where no zone says."""
        name = next((arg[5:] for arg in limit.args if arg.startswith("zone=")), "")
        for zone in self.http.own.get("limit_req_zone", ()):
            if len(zone.args) > 1 and zone.args[1].partition(":")[0] == f"zone={name}":
                return zone.args[0]
        return "not known"

    def table(self, variable: str) -> Map | None:
        """The map of a variable: its own, or that of a file beside it."""
        return self.maps.get(variable) or self.others.get(variable)


def nginx_of(file: Parsed, includes: Includes) -> Nginx | None:
    """What nginx makes of a file that no other includes; None where there is nothing to serve."""
    top = list(includes.expand(file.directives))
    if not top:
        return None
    names = {each.name for each in top}
    blocks = [each for each in top if each.name == "http" and each.block is not None]
    if blocks:
        inner = [each for block in blocks for each in includes.expand(block.block or ())]
        return _nginx(blocks[0], inner, includes)
    if names & _AROUND and not names & (_OF_HTTP | _OF_SERVER):
        return None
    if names & _OF_HTTP and not (names & _OF_SERVER and "server" not in names):
        return _nginx(top[0], top, includes)
    return _of_fragment(top, bool(names & _OF_SERVER), includes)


def _nginx(directive: Directive, body: list[Directive], includes: Includes) -> Nginx:
    servers = [each for each in body if each.name == "server" and each.block is not None]
    rest = [each for each in body if each.name != "server"]
    nginx = Nginx(level_of("http", directive, rest, includes))
    _shared(nginx, rest, includes)
    for each in servers:
        level = level_of("server", each, each.block or (), includes, nginx.http)
        nginx.servers.append(Server(level, nginx))
    _variables(nginx)
    return nginx


def _of_fragment(top: list[Directive], of_server: bool, includes: Includes) -> Nginx | None:
    nginx = Nginx(Level("http", top[0], None))
    of_http = [each for each in top if each.name in ("map", "geo", "split_clients", "upstream")]
    _shared(nginx, of_http, includes)
    rest = [each for each in top if each not in of_http]
    if of_server:
        level = level_of("server", top[0], rest, includes, nginx.http)
    else:
        level = Level("server", top[0], nginx.http)
        location = level_of("location", top[0], rest, includes, level)
        location.modifier, location.path = "", "/"
        level.locations.append(location)
    nginx.servers.append(Server(level, nginx, fragment=True))
    _variables(nginx)
    return nginx


def _shared(nginx: Nginx, body: Iterable[Directive], includes: Includes) -> None:
    for each in body:
        if each.block is None:
            continue
        inner = list(includes.expand(each.block))
        if each.name == "map":
            if (table := map_of(each, inner)) is not None:
                nginx.maps[table.variable] = table
        elif each.name == "geo" and each.args:
            _geo(nginx, each, inner)
        elif each.name == "split_clients" and len(each.args) == 2:
            name = each.args[1].removeprefix("$").lower()
            nginx.unseen[name] = Unseen(_SETS["split_clients"], each.where)
        elif each.name == "upstream" and each.args:
            found = [one.args[0] for one in inner if one.name == "server" and one.args]
            if found:
                nginx.upstreams[each.args[0].lower()] = found[0]


def _geo(nginx: Nginx, directive: Directive, rows: list[Directive]) -> None:
    name = directive.args[-1].removeprefix("$").lower()
    default = next((row.args[0] for row in rows if row.name == "default" and row.args), "")
    settings = ("default", "ranges", "delete", "proxy", "proxy_recursive")
    if all(row.name in settings for row in rows):
        nginx.constants[name] = default
    else:
        nginx.unseen[name] = Unseen("the address of the client decides it", directive.where)


def _groups(text: str) -> Iterator[str]:
    """The names of groups of regexes."""
    if "(?" in text:
        yield from (match[1].lower() for match in _NAMED_GROUP.finditer(text))


def _variables(nginx: Nginx) -> None:
    for table in nginx.maps.values():
        for row in table.regexes:
            nginx.assigned.update(_groups(row.key))
    levels = [nginx.http, *(server.level for server in nginx.servers)]
    for level in (inner for outer in levels for inner in outer.inwards()):
        nginx.assigned.update(_groups(level.path))
        for directive, _ in level.codes:
            nginx.assigned.update(_groups(" ".join(directive.args)))
        for name, directives in level.own.items():
            for each in directives:
                if name == "set" and each.args:
                    nginx.assigned.add(each.args[0].removeprefix("$").lower())
                elif (name in _SETS or name.startswith("set_by_lua")) and each.args:
                    why = _SETS.get(name, "Lua computes it")
                    variable = each.args[0].removeprefix("$").lower()
                    nginx.unseen[variable] = Unseen(why, each.where)


def _address(text: str) -> str:
    if text.startswith("unix:"):
        return text
    if re.fullmatch(r"\d+", text):
        return f"*:{text}"
    host, separator, port = text.rpartition(":")
    if separator and re.fullmatch(r"\d+", port) and not host.endswith(":"):
        return f"{'*' if host in ('0.0.0.0', '[::]', '*') else host}:{port}"  # noqa: S104 -- read
    return f"{text}:80"
