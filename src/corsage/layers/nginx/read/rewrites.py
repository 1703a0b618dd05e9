"""The rewrite phase: ``set``, ``if``, ``return``, ``rewrite`` and ``break``, as they stand."""

from __future__ import annotations

import re
from typing import Literal

from corsage.layers.nginx.read.conditions import condition
from corsage.layers.nginx.read.headers import Line
from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.pcre import UnknownRegex, regex
from corsage.layers.nginx.read.state import State
from corsage.layers.nginx.read.steps import REDIRECTS, Reply
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.nginx.read.values import EMPTY, value_of
from corsage.layers.nginx.read.world import Question

_FILE_TESTS = {"-f", "-d", "-e", "-x"}


def run_codes(state: State, level: Level) -> Reply | None:
    """Run the rewrite phase of a level. A reply ends the request; None goes on."""
    reply = _block(state, level)
    return None if reply == "stop" else reply


def redirect(state: State, status: int, target: str) -> Reply:
    """A redirect, to a whole URL unless ``absolute_redirect`` is off."""
    if target.startswith("/") and state.level.last("absolute_redirect") != "off":
        target = f"{state.scheme}://{state.authority}{target}"
    return Reply(status, [Line("Location", value_of(target))])


def _block(state: State, level: Level) -> Reply | Literal["stop"] | None:
    for directive, inner in level.codes:
        reply: Reply | Literal["stop"] | None = None
        if inner is not None:
            if not _holds(state, directive):
                continue
            if level.kind != "server":
                state.level = inner
            reply = _block(state, inner)
        else:
            reply = _code(state, directive)
        if reply is not None:
            return reply
    return None


def _code(state: State, directive: Directive) -> Reply | Literal["stop"] | None:
    args = directive.args
    if directive.name == "set" and len(args) == 2:
        state.variables[args[0].removeprefix("$").lower()] = state.value(args[1], directive)
    elif directive.name == "break":
        state.path_changed = False
        return "stop"
    elif directive.name == "return" and args:
        return _return(state, directive)
    elif directive.name == "rewrite" and len(args) >= 2:
        return _rewrite(state, directive)
    return None


def _return(state: State, directive: Directive) -> Reply:
    first, *rest = directive.args
    if not re.fullmatch(r"\d{1,3}", first):
        return redirect(state, 302, state.text(first, directive))
    status = int(first)
    if rest and status in REDIRECTS:
        return redirect(state, status, state.text(rest[0], directive))
    return Reply(status, error=status >= 400 and not rest)


def _rewrite(state: State, directive: Directive) -> Reply | Literal["stop"] | None:
    pattern, replacement, *flags = directive.args
    flag = flags[0] if flags else ""
    try:
        match = regex(pattern, False).search(state.path)
    except UnknownRegex:
        match = None
    if match is None:
        return None
    state.capture_match(match)
    target = state.text(replacement, directive)
    path, question, args = target.partition("?")
    if not (question and replacement.endswith("?")):
        own = [each for each in (args, state.args) if each]
        args = "&".join(own)
    absolute = replacement.startswith(("http://", "https://", "$scheme"))
    if flag in ("redirect", "permanent") or absolute:
        status = 301 if flag == "permanent" else 302
        return redirect(state, status, f"{path}{'?' if args else ''}{args}")
    state.path, state.args = path, args
    state.internal = True
    if flag == "break":
        state.path_changed = False
        state.path_kept = False
        return "stop"
    state.path_changed = True
    return "stop" if flag == "last" else None


def _holds(state: State, directive: Directive) -> bool:
    words = condition(directive)
    if len(words) == 2 and words[0].lstrip("!") in _FILE_TESTS:
        return words[0].startswith("!")  # taken to be no file: what is asked for is an API
    if len(words) == 1:
        question = Question("set", EMPTY, directive.where_of(0))
        return state.world.ask(state.value(words[0], directive), question).holds
    if len(words) != 3:
        return False
    value = state.value(words[0], directive)
    operator = words[1]
    negative = operator.startswith("!")
    where = directive.where_of(min(2, len(directive.args) - 1))
    if operator in ("=", "!="):
        operand = state.value(words[2], directive)
        answer = state.world.ask(value, Question("equal", operand, where))
    elif operator in ("~", "~*", "!~", "!~*"):
        question = Question("matches", value_of(words[2]), where, operator.endswith("*"))
        answer = state.world.ask(value, question)
        state.capture(answer)
    else:
        return False
    return answer.holds != negative
