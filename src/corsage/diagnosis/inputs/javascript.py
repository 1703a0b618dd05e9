"""The literals of JavaScript that a call of fetch() is written with: no names, no expressions."""

from __future__ import annotations

import re
from typing import Any

DEEPEST = 20
"""Nesting of a literal; options of fetch() have two levels."""

_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_STRING = {
    quote: re.compile(rf"{quote}((?:[^{quote}\\]|\\.)*){quote}", re.DOTALL) for quote in "\"'`"
}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "0": "\0", "\n": ""}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}


class LiteralError(ValueError):
    """What stands there is no literal; the message says where."""


class Literal:
    """Reads literals one after the other from ``text``, starting at ``position``."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self._at = position

    def value(self, depth: int = 0) -> Any:
        """The next literal: str, float, bool, None, list or dict. Raises LiteralError."""
        self._skip()
        start = self._text[self._at : self._at + 1]
        if depth > DEEPEST:
            raise LiteralError(f"nested deeper than {DEEPEST} levels")
        if start in _STRING and start:
            return self._string(start)
        if start == "{":
            return self._object(depth)
        if start == "[":
            return self._list(depth)
        return self._word()

    def follows(self, sign: str) -> bool:
        """Whether ``sign`` comes next; it is passed over then."""
        self._skip()
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _fail(self, wanted: str) -> LiteralError:
        line = self._text.count("\n", 0, self._at) + 1
        found = self._text[self._at : self._at + 12] or "the end"
        return LiteralError(f"line {line}: {wanted} expected, found {found!r}")

    def _string(self, quote: str) -> str:
        match = _STRING[quote].match(self._text, self._at)
        if match is None:
            raise self._fail(f"a closing {quote}")
        self._at = match.end()
        return _ESCAPE.sub(_unescape, match.group(1))

    def _word(self) -> Any:
        match = _NUMBER.match(self._text, self._at)
        if match:
            self._at = match.end()
            return float(match.group())
        match = _NAME.match(self._text, self._at)
        if match is None or match.group() not in _WORDS:
            raise self._fail("text, a number, {...} or [...]")
        self._at = match.end()
        return _WORDS[match.group()]

    def _object(self, depth: int) -> dict[str, Any]:
        self._at += 1
        found: dict[str, Any] = {}
        while not self.follows("}"):
            self._skip()
            quote = self._text[self._at : self._at + 1]
            if quote and quote in _STRING:
                key = self._string(quote)
            else:
                name = _NAME.match(self._text, self._at)
                if name is None:
                    raise self._fail("a key or }")
                key, self._at = name.group(), name.end()
            if not self.follows(":"):
                raise self._fail(":")
            found[key] = self.value(depth + 1)
            if not self.follows(",") and not self._text.startswith("}", self._at):
                raise self._fail(", or }")
        return found

    def _list(self, depth: int) -> list[Any]:
        self._at += 1
        found: list[Any] = []
        while not self.follows("]"):
            found.append(self.value(depth + 1))
            if not self.follows(",") and not self._text.startswith("]", self._at):
                raise self._fail(", or ]")
        return found


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code:
        return chr(int(code, 16))
    return _ESCAPES.get(match.group(3), match.group(3))
