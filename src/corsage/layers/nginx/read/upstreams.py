"""Where requests go on to, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.locations import PASSES
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.urls import split_url

_SCHEMES = {"proxy_pass": "http", "grpc_pass": "http"}


@dataclass(frozen=True)
class Onward:
    """A ``proxy_pass`` or its like."""

    directive: Directive
    level: Level

    @cached_property
    def target(self) -> str:
        """Its argument, as written."""
        return self.directive.args[0] if self.directive.args else ""

    def scheme(self, target: str) -> str:
        """Of the requests that are sent."""
        found = target.partition("://")[0] if "://" in target else ""
        return {"https": "https", "grpcs": "https"}.get(found, "http")

    def authority(self, target: str) -> str:
        """The host, with its port, that requests are sent to by default."""
        rest = target.partition("://")[2] if "://" in target else target
        return "" if rest.startswith("unix:") else rest.partition("/")[0]

    def path(self, target: str, path: str, location: Level, kept: bool) -> str | None:
        """The path that is sent: None where it is the one that came."""
        if self.directive.name != "proxy_pass":
            return None
        rest = target.partition("://")[2]
        _, slash, own = rest.partition("/")
        if not slash:
            return None
        if "$" in self.target:
            return f"/{own}"
        if not kept:
            return path
        prefix = location.path if location.modifier in ("", "^~", "=") else ""
        return f"/{own}{path[len(prefix) :]}"

    def redirected(self, value: str, level: Level, location: Level) -> str:
        """A ``Location`` of the service, as ``proxy_redirect`` has it."""
        rules = level.nearest("proxy_redirect")
        for rule in rules or (None,):
            args = rule.args if rule is not None else ("default",)
            if args[:1] == ("off",):
                return value
            if args[:1] == ("default",):
                if "$" in self.target or self.directive.name != "proxy_pass":
                    continue
                plain = location.modifier in ("", "^~", "=")
                old, new = self.target, location.path if plain else ""
                if not split_url(self.target).path:
                    old, new = f"{self.target}/", "/"
            elif len(args) == 2 and not args[0].startswith("~") and "$" not in "".join(args):
                old, new = args
            else:
                continue
            if value.startswith(old) and plain_old(old):
                return f"{new}{value[len(old) :]}"
        return value


def plain_old(old: str) -> bool:
    """Whether there is something to replace."""
    return bool(old)


def onward_of(level: Level) -> Onward | None:
    """What sends the requests of a level on; an ``if`` has that of its location."""
    for name in PASSES:
        if name in level.own:
            return Onward(level.own[name][-1], level)
    if level.kind in ("if", "limit_except") and level.parent is not None:
        return onward_of(level.parent)
    return None


def host_header(sets: tuple[Directive, ...]) -> str:
    """The word for the ``Host`` that is sent; empty for the default."""
    found = [one.args[1] for one in sets if len(one.args) == 2 and one.args[0].lower() == "host"]
    return found[-1] if found else ""
