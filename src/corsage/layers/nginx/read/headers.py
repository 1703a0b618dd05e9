"""Response headers: what a level adds, sets and clears, and what it hides of a service's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.nginx.read.values import Value
from corsage.layers.where import Where

WITHOUT_ALWAYS = frozenset({200, 201, 204, 206, 301, 302, 303, 304, 307, 308})
"""The statuses on which ``add_header`` works without ``always``."""

_HIDDEN = {
    "proxy_pass": ("date", "server", "x-pad"),
    "fastcgi_pass": ("status",),
    "uwsgi_pass": ("status",),
    "scgi_pass": ("status",),
    "grpc_pass": ("date", "server"),
    "memcached_pass": (),
}
_ACCEL = (
    "x-accel-expires",
    "x-accel-redirect",
    "x-accel-limit-rate",
    "x-accel-buffering",
    "x-accel-charset",
)
_MORE = ("more_set_headers", "more_clear_headers")
_FLAGS_WITH_VALUE = ("-s", "-t")

Evaluate = Callable[[str], Value]


@dataclass(frozen=True, slots=True)
class Line:
    """A header line; ``word`` and ``where`` are what wrote it (None: a service did)."""

    name: str
    value: Value
    word: str = field(default="", compare=False)
    where: Where | None = field(default=None, compare=False)


def added(level: Level) -> tuple[Directive, ...]:
    """The ``add_header`` directives that hold on a level."""
    mode = level.last("add_header_inherit")
    own = tuple(level.own.get("add_header", ()))
    if mode == "off":
        return own
    if mode == "merge" and level.parent is not None:
        return (*own, *added(level.parent))
    if own:
        return own
    return added(level.parent) if level.parent is not None else ()


def is_always(directive: Directive) -> bool:
    """Whether the header is added whatever the status."""
    return len(directive.args) > 2 and directive.args[2] == "always"


def added_on(level: Level, status: int) -> Iterator[Directive]:
    """Those that are added to a response with a status."""
    for each in added(level):
        if len(each.args) >= 2 and (status in WITHOUT_ALWAYS or is_always(each)):
            yield each


@dataclass(frozen=True, slots=True)
class Change:
    """One header of ``more_set_headers``; ``value`` None: cleared. ``name`` may end in ``*``."""

    name: str
    value: str | None
    statuses: tuple[str, ...]
    directive: Directive

    def is_for(self, status: int) -> bool:
        """Whether it is done to a response with this status."""
        return not self.statuses or str(status) in self.statuses


def changes(level: Level) -> Iterator[Change]:
    """What headers-more does on a level: what is said around it, then its own."""
    for each in reversed(list(level.outwards())):
        for directive in sorted(
            (one for name in _MORE for one in each.own.get(name, ())),
            key=lambda one: one.words[0].start,
        ):
            yield from changes_of(directive)


def changes_of(directive: Directive) -> tuple[Change, ...]:
    """The headers of one directive."""
    statuses: tuple[str, ...] = ()
    words: list[str] = []
    args = iter(directive.args)
    for arg in args:
        if arg in _FLAGS_WITH_VALUE:
            value = next(args, "")
            statuses = tuple(value.split()) if arg == "-s" else statuses
        elif not arg.startswith("-"):
            words.append(arg)
    if directive.name == "more_clear_headers":
        names = [name.strip().removesuffix(":") for word in words for name in [word]]
        return tuple(Change(name, None, statuses, directive) for name in names)
    found = []
    for word in words:
        name, colon, text = word.partition(":")
        content = text.strip() if colon else ""
        found.append(Change(name.strip(), content or None, statuses, directive))
    return tuple(found)


def changed(lines: list[Line], level: Level, status: int, evaluate: Evaluate) -> list[Line]:
    """The lines after headers-more."""
    for change in changes(level):
        if change.is_for(status):
            value = evaluate(change.value) if change.value is not None else ()
            lines = _set(lines, change, value)
    return lines


def _set(lines: list[Line], change: Change, value: Value) -> list[Line]:
    wildcard = change.name.endswith("*") and change.value is None
    wanted = change.name.lower().removesuffix("*" if wildcard else "")
    found: list[Line] = []
    done = False
    for line in lines:
        name = line.name.lower()
        if name != wanted and not (wildcard and name.startswith(wanted)):
            found.append(line)
        elif value and not done:
            found.append(Line(line.name, value, change.value or "", change.directive.where))
            done = True
    if value and not done:
        found.append(Line(change.name, value, change.value or "", change.directive.where))
    return found


def hidden(level: Level, passing: str) -> frozenset[str]:
    """The headers of a service that do not pass, in lower case. ``passing`` is the directive
    that sends requests on."""
    return _hidden(
        passing,
        tuple(one.args[0].lower() for one in _of(level, passing, "hide_header")),
        tuple(one.args[0].lower() for one in _of(level, passing, "pass_header")),
    )


@lru_cache(maxsize=1024)
def _hidden(passing: str, hide: tuple[str, ...], let: tuple[str, ...]) -> frozenset[str]:
    return frozenset((*_HIDDEN[passing], *_ACCEL, *hide)) - frozenset(let)


def _of(level: Level, passing: str, what: str) -> list[Directive]:
    name = re.sub("pass$", what, passing)
    return [one for one in level.nearest(name) if one.args]
