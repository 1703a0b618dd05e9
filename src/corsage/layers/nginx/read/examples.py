"""A path that reaches a location."""

from __future__ import annotations

from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined] # typeshed keeps it to itself
from re import _parser as sre_parser  # type: ignore[attr-defined] # as above
from typing import Any

from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.locations import find_location

_LONGEST = 200


def example_of(location: Level, server: Level) -> str | None:
    """A path that the location takes; None if none was found."""
    for candidate in _candidates(location):
        found = find_location(server, candidate)
        if found.level is location and not found.redirects:
            return candidate
    return None


def _candidates(location: Level) -> Iterator[str]:
    if location.modifier in ("~", "~*"):
        try:
            sample = _sample(sre_parser.parse(location.path))
        except (sre_parser.error, RecursionError, OverflowError):
            return
        if len(sample) > _LONGEST:
            return
        parents = [one.path for one in location.outwards() if one.kind == "location"][1:]
        for start in ("", "/", *parents, "/x/", "/x"):
            for end in ("", "x", "/x"):
                path = f"{start}{sample}{end}"
                if path.startswith("/"):
                    yield path
        return
    yield location.path
    for end in ("x", "/x", "/", "-", "~"):
        yield f"{location.path}{end}"


def _sample(parsed: Any) -> str:
    """A short text that the pattern matches, as far as that can be told without trying."""
    return "".join(_one(operation, value) for operation, value in parsed)


def _one(operation: Any, value: Any) -> str:
    if operation is sre.LITERAL:
        return chr(value)
    if operation is sre.NOT_LITERAL:
        return "y" if value == ord("x") else "x"
    if operation is sre.ANY:
        return "x"
    if operation is sre.IN:
        return _of_class(value)
    if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, getattr(sre, "POSSESSIVE_REPEAT", None)):
        least, _, body = value
        return _sample(body) * int(min(least, _LONGEST))
    if operation is sre.SUBPATTERN:
        return _sample(value[-1])
    if operation is getattr(sre, "ATOMIC_GROUP", None):
        return _sample(value)
    if operation is sre.BRANCH:
        return _sample(value[1][0])
    return ""


def _of_class(items: Any) -> str:
    operation, value = items[0]
    if operation is sre.NEGATE:
        banned = {chr(each) for kind, each in items[1:] if kind is sre.LITERAL}
        return next((each for each in "xyz0" if each not in banned), "x")
    if operation is sre.LITERAL:
        return chr(value)
    if operation is sre.RANGE:
        return chr(value[0])
    if operation is sre.CATEGORY:
        return "0" if value is sre.CATEGORY_DIGIT else "x"
    return "x"
