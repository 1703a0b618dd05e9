"""nginx's regular expressions on a text that is known, by Python's ``re``.

PCRE and ``re`` agree on what people write in a configuration, but for the spelling of a few
things. What has no counterpart, or could take longer than anybody waits, is said to be unknown.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined] # typeshed keeps it to itself
from re import _parser as sre_parser  # type: ignore[attr-defined] # as above
from typing import Any

_POSIX = {
    "alnum": "A-Za-z0-9",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "word": r"\w",
    "space": r"\s",
    "xdigit": "0-9A-Fa-f",
    "punct": r"!-/:-@\[-`{-~",
}
_SPELLING = re.compile(
    r"""\\Q(?P<quoted>.*?)(?:\\E|\Z) | \\(?P<letter>[zZhRE]) | \\x\{(?P<hex>[0-9a-fA-F]{1,2})\}
    | (?P<escape>\\.) | \[:(?P<posix>\^?[a-z]+):\] | \(\?<(?P<name>[A-Za-z_]\w*)>
    | \(\?'(?P<quote>[A-Za-z_]\w*)'""",
    re.VERBOSE | re.DOTALL,
)
_LETTERS = {"z": r"\Z", "Z": r"(?=\n?\Z)", "h": r"[ \t]", "R": r"(?:\r\n|[\n-\r])", "E": ""}
_MOST_WORK = 20_000_000
_UNBOUNDED = 64
_EVERY = frozenset(range(256))
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT)


class UnknownRegex(Exception):  # noqa: N818 -- not a fault of the configuration
    """What the expression matches is not known here; the message says why."""


class Regex:
    """One expression. ``caseless`` is nginx's ``~*``."""

    def __init__(self, text: str, caseless: bool) -> None:
        self.text = text
        self.caseless = caseless
        flags = re.ASCII | (re.IGNORECASE if caseless else 0)
        try:
            translated = _SPELLING.sub(_spelled, text)
            self._compiled = re.compile(translated, flags)
            parsed = sre_parser.parse(translated, flags)
        except (re.error, RecursionError, OverflowError) as error:
            raise UnknownRegex(f"this reader cannot follow the regex {text!r}: {error}") from None
        degree = _degree(parsed)
        anchored = len(parsed) > 0 and parsed[0] == (sre.AT, sre.AT_BEGINNING)
        # One that is not anchored is tried at every character.
        self._degree = None if degree is None else degree + (not anchored)

    @property
    def numbers(self) -> list[tuple[str, int]]:
        """The names of groups, with their numbers."""
        return list(self._compiled.groupindex.items())

    def search(self, text: str) -> re.Match[str] | None:
        """The first match; UnknownRegex where backtracking might take too long."""
        if self._degree is None or (len(text) + 1) ** self._degree > _MOST_WORK:
            raise UnknownRegex(f"the regex {self.text!r} may take very long")
        return self._compiled.search(text)


@lru_cache(maxsize=4096)
def regex(text: str, caseless: bool) -> Regex:
    """A compiled expression. Raises UnknownRegex."""
    return Regex(text, caseless)


def _spelled(match: re.Match[str]) -> str:
    kind = match.lastgroup
    found = match[0]
    if kind == "quoted":
        return re.escape(match["quoted"])
    if kind == "letter":
        return _LETTERS[match["letter"]]
    if kind == "hex":
        return f"\\x{int(match['hex'], 16):02x}"
    if kind == "posix":
        name = match["posix"]
        if name not in _POSIX:
            raise re.error(f"unknown class {found}")
        return _POSIX[name]
    if kind in ("name", "quote"):
        return f"(?P<{match[kind]}>"
    return found


def _degree(parsed: Any) -> int | None:
    """How many repeats may each try every length; None where they are nested."""
    total = ahead = 0
    for operation, value in parsed:
        inner, repeated = _inner(operation, value)
        degrees = [_degree(each) for each in inner]
        if any(each is None for each in degrees):
            return None
        # The branches of an alternative are tried one after another.
        most = max((each for each in degrees if each is not None), default=0)
        if repeated:
            if (most or _is_ambiguous(inner)) and not all(_is_delimited(each) for each in inner):
                return None
            most = max(most, 1)
        if operation in (sre.ASSERT, sre.ASSERT_NOT):
            ahead = max(ahead, most)
        else:
            total += most
    return max(total, ahead)


def _inner(operation: Any, value: Any) -> tuple[list[Any], bool]:
    if operation in _REPEATS:
        _, most, body = value
        return [body], most > _UNBOUNDED
    if operation is getattr(sre, "POSSESSIVE_REPEAT", None):
        return [value[2]], False
    if operation is sre.SUBPATTERN:
        return [value[-1]], False
    if operation is sre.BRANCH:
        return list(value[1]), False
    if operation in (sre.ASSERT, sre.ASSERT_NOT):
        return [value[1]], False
    if operation is getattr(sre, "ATOMIC_GROUP", None):
        return [value], False
    if operation is sre.GROUPREF_EXISTS:
        return [each for each in value[1:] if each is not None], False
    return [], False


def _is_ambiguous(bodies: list[Any]) -> bool:
    """Whether what is repeated may read the same text in two ways: a bounded repeat or an
    alternative in it."""
    for body in bodies:
        for operation, value in body:
            if operation in _REPEATS and value[0] != value[1]:
                return True
            if operation is sre.BRANCH and _overlap(value[1]):
                return True
            if _is_ambiguous(_inner(operation, value)[0]):
                return True
    return False


def _is_delimited(body: Any) -> bool:
    """Whether one character of what is repeated stands nowhere else in it, as the dot of
    ``([a-z]+\\.)*``: a text is then read in one way."""
    items = list(body)
    if len(items) == 1 and items[0][0] in (sre.SUBPATTERN, sre.BRANCH):
        return all(_is_delimited(each) for each in _inner(*items[0])[0])
    for at, (operation, value) in enumerate(items):
        own = _characters(operation, value)
        if own is not None:
            others = [each for number, each in enumerate(items) if number != at]
            if not own & _all_characters(others):
                return True
    return False


def _all_characters(items: Any) -> frozenset[int]:
    found: frozenset[int] = frozenset()
    for operation, value in items:
        own = _characters(operation, value)
        if own is not None:
            found |= own
        for body in _inner(operation, value)[0]:
            found |= _all_characters(body)
    return found


def _characters(operation: Any, value: Any) -> frozenset[int] | None:
    """The characters of an item that is one character."""
    if operation is sre.LITERAL:
        return frozenset({value})
    if operation is sre.NOT_LITERAL:
        return _EVERY - {value}
    if operation is sre.ANY:
        return _EVERY
    if operation is not sre.IN:
        return None
    found: frozenset[int] = frozenset()
    for kind, each in value:
        if kind is sre.LITERAL:
            found |= {each}
        elif kind is sre.RANGE:
            found |= frozenset(range(each[0], each[1] + 1))
        elif kind is sre.CATEGORY:
            return _EVERY
    return _EVERY - found if value[0][0] is sre.NEGATE else found


def _overlap(branches: list[Any]) -> bool:
    firsts = [str(branch[0]) if len(branch) else "" for branch in branches]
    literal = all(len(branch) and branch[0][0] is sre.LITERAL for branch in branches)
    return not literal or len(set(firsts)) < len(firsts)
