"""What nginx does with one request, phase after phase.

The order is that of nginx's own phases: server rewrites, the location, its rewrites (again, if
the path changed), access, the content, and the header filters over whatever comes out. One
program serves two purposes, see :mod:`.values`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corsage.layers.nginx.read.configuration import Server
from corsage.layers.nginx.read.content import content, error_page
from corsage.layers.nginx.read.headers import Line, added_on, changed
from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.locations import find_location, named_location
from corsage.layers.nginx.read.rewrites import redirect, run_codes
from corsage.layers.nginx.read.state import Asked, Service, State
from corsage.layers.nginx.read.steps import Elsewhere, Reply, Step
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.nginx.read.values import Unseen
from corsage.layers.nginx.read.world import World

_MOST_ROUNDS = 10
_NO_ANSWER = 444
_SCRIPT = re.compile(r"(?!set_by_lua).*_by_lua|js_header_filter|js_content")
_SPEAKS_OF_CORS = re.compile("access.control|cors|origin", re.IGNORECASE)


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


def outcome_of(server: Server, asked: Asked, world: World, service: Service) -> Outcome:
    """What the server answers."""
    state = State(server, asked, world, service)
    step: Step = Elsewhere("")
    for _ in range(_MOST_ROUNDS):
        if isinstance(step, Reply):
            break
        step = _pass(state, step.to)
        if isinstance(step, Reply) and step.error:
            # An error on the way to an error page has the last word.
            state.error_status = 0
            step = error_page(state, step) or step
    return _finished(state, step if isinstance(step, Reply) else Reply(500))


def location_of(server: Server, asked: Asked, world: World, service: Service) -> Level:
    """The location that takes a request first, whatever becomes of it."""
    state = State(server, asked, world, service)
    run_codes(state, server.level)
    return find_location(server.level, state.path).level


def _pass(state: State, target: str) -> Step:
    if target.startswith("@"):
        level = named_location(state.server.level, target)
        if level is None:
            return Reply(500)
        state.internal = True
        _enter(state, level)
        reply = run_codes(state, level)
        if reply is not None:
            return reply
        if not state.path_changed:
            return content(state)
    else:
        if target:
            state.internal = True
            state.path, question, args = target.partition("?")
            state.args = args if question else ""
            state.path_kept = True
        state.level = state.server.level
        reply = run_codes(state, state.server.level)
        if reply is not None:
            return reply
    return _locate(state)


def _locate(state: State) -> Step:
    for _ in range(_MOST_ROUNDS + 1):
        found = find_location(state.server.level, state.path)
        if found.match is not None:
            state.capture_match(found.match)
        state.path_changed = False
        _enter(state, found.level)
        if "internal" in found.level.own and not state.internal:
            return Reply(404, error=True)
        if found.redirects:
            return redirect(state, 301, f"{state.path}/{'?' if state.args else ''}{state.args}")
        if state.level.kind == "location":
            reply = run_codes(state, state.level)
            if reply is not None:
                return reply
        if not state.path_changed:
            return content(state)
    return Reply(500, error=True)


def _enter(state: State, level: Level) -> None:
    state.location = level
    state.level = level
    if level.limits is not None and state.method not in _spared(level.limits.directive):
        state.level = level.limits


def _finished(state: State, reply: Reply) -> Outcome:
    status = state.error_status or reply.status
    if status == _NO_ANSWER:
        return Outcome(0, (), state.level, state.upstream)
    lines = list(reply.lines)
    state.status = status
    lines = changed(lines, state.level, status, lambda word: state.value(word, None))
    for each in added_on(state.level, status):
        value = state.value(each.args[1], each)
        if value:
            lines.append(Line(each.args[0], value, each.args[1], each.where))
    return Outcome(
        status, tuple(lines), state.level, state.upstream, _scripts(state.level), state.counted
    )


def _spared(directive: Directive) -> set[str]:
    methods = {arg.upper() for arg in directive.args}
    return methods | {"HEAD"} if "GET" in methods else methods


def _scripts(level: Level) -> tuple[Unseen, ...]:
    """Lua and the like that may write CORS headers."""
    found = []
    for each in level.outwards():
        for name, directives in each.own.items():
            if not _SCRIPT.match(name):
                continue
            for directive in directives:
                code = directive.code or " ".join(directive.args)
                if name.endswith("_file") or re.search(
                    "access.control|cors|origin", code, re.IGNORECASE
                ):
                    found.append(Unseen("a script may write the headers", directive.where))
    return tuple(found)
