"""What code asks of the Origin header, as the set of origins that pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, TypeAlias

from corsage.layers.apps import tree
from corsage.layers.apps.conditions import (
    Condition,
    HeaderGiven,
    MethodIs,
    OriginIn,
    PathBegins,
    Unsure,
    either,
)
from corsage.layers.apps.values import Asked, Const, Either, Items, Pattern, Unknown, Value

How: TypeAlias = Literal["equals", "starts", "ends", "includes"]
Match: TypeAlias = Literal["full", "search", "prefix"]

_ORIGIN_PARTS = ("origin", ":host", ":hostname")


def is_of_origin(value: Value) -> bool:
    """Whether a value is the Origin header, or the host in it."""
    return isinstance(value, Asked) and value.part in _ORIGIN_PARTS


def compared(asked: Asked, how: How, text: str, at: tree.At) -> Condition:
    """What ``asked == text`` and its like say of the request."""
    if asked.part == ":method":
        return MethodIs(text) if how == "equals" else Unsure("a method", False, True, at)
    if asked.part == ":path":
        if how in ("equals", "starts"):
            return PathBegins(text, exact=how == "equals")
        return Unsure("it depends on the path", of_origin=False, assumed=True, at=at)
    if asked.part in _ORIGIN_PARTS:
        return _origin(asked.part, how, text, at)
    return HeaderGiven(asked.part)


def _origin(part: str, how: How, text: str, at: tree.At) -> Condition:
    from corsage import patterns

    if part == "origin":
        make: dict[How, Callable[[str], patterns.OriginLanguage]] = {
            "equals": patterns.exactly,
            "starts": patterns.starts_with,
            "ends": patterns.ends_with,
            "includes": patterns.includes,
        }
        return OriginIn(make[how](text), text, at)
    port = "(:[0-9]+)?" if part == ":hostname" else ""
    body = {
        "equals": re.escape(text),
        "starts": re.escape(text) + "[^/]*",
        "ends": "[^:/]*" + re.escape(text),
        "includes": "[^:/]*" + re.escape(text) + "[^/]*",
    }[how]
    return matched(rf"[a-z][a-z0-9+.-]*://{body}{port}", "", "python", "full", text, at)


def matched(
    text: str,
    flags: str,
    dialect: tree.Dialect,
    match: Match,
    shown: str,
    at: tree.At,
) -> Condition:
    """What a regular expression says of the Origin header."""
    from corsage import patterns

    try:
        language = patterns.regex(
            text, dialect=dialect, match=match, ignore_case="i" in flags.lower()
        )
    except (patterns.UnsupportedPattern, patterns.Undecided) as error:
        why = f"the regular expression is not decided: {error}"
        return Unsure(why, of_origin=True, assumed=False, at=at)
    return OriginIn(language, shown, at)


def among(asked: Asked, items: Items) -> Condition:
    """``asked in items``."""
    return either(*(_one_of(asked, item) for item in items.items))


def _one_of(asked: Asked, item: Value) -> Condition:
    match item:
        case Const(value=str() as text, at=at):
            return compared(asked, "equals", text, at)
        case Const():
            return False
        case Either(condition=condition, yes=yes, no=no):
            if condition is True:
                return _one_of(asked, yes)
            return either(_one_of(asked, yes), _one_of(asked, no))
        case Pattern():
            return False  # an object is never equal to a text
        case Unknown(why=why, at=at):
            return Unsure(why, is_of_origin(asked), assumed=False, at=at)
    return Unsure("an entry is not known", is_of_origin(asked), assumed=False, at=item.at)
