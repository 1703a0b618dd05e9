"""The plain texts that an entry of an allow-list shows to a reader, wildcards left open."""

from __future__ import annotations

import re

from corsage.patterns.errors import Undecided

WILD = "\0"
"""Stands for what a class, a wildcard or a repetition leaves open."""

_MOST = 20_000
_DEEPEST = 50
_QUANTIFIER = re.compile(r"[*+?]|\{[0-9]*,?[0-9]*\}")
_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\\])*\]")
_GROUP = re.compile(r"\(\?(?:P?<(?![=!])[A-Za-z_]\w*>|[a-zA-Z-]*:|>|\|)")
_LOOK = re.compile(r"\(\?<?[=!]")
_ASIDE = re.compile(r"\(\?(?:[a-zA-Z-]+\)|#[^)]*\))")


def readings(text: str) -> list[str]:
    """Every way to read a text: its alternatives, and its options present and absent, in small
    letters. Raises :class:`Undecided` if there are too many."""
    return [reading.lower() for reading in _Reader(text).alternatives(0)]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def alternatives(self, depth: int) -> list[str]:
        found: list[str] = []
        while True:
            found += self._sequence(depth)
            if not self.text.startswith("|", self.at):
                return list(dict.fromkeys(found))
            self.at += 1

    def _sequence(self, depth: int) -> list[str]:
        found = [""]
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "|" or (character == ")" and depth):
                break
            found = _joined(found, self._optional(self._item(depth)))
        return found

    def _item(self, depth: int) -> list[str]:
        character = self.text[self.at]
        if character == "(":
            return self._group(depth)
        if character == "[":
            return self._class()
        if character == "\\":
            self.at += 2
            return [_unescaped(self.text[self.at - 1 : self.at])]
        self.at += 1
        if character in "^$)":
            return [""]
        if character == ".":
            repeated = _QUANTIFIER.match(self.text, self.at)
            return [WILD if repeated else "."]
        return [WILD if character in "*+{" else character]

    def _optional(self, item: list[str]) -> list[str]:
        """An item with the quantifiers after it."""
        while (found := _QUANTIFIER.match(self.text, self.at)) is not None:
            self.at = found.end()
            if item == [WILD]:
                continue
            if found[0] == "?":
                item = [*item, ""]
            elif found[0] == "*" and item[0] in (".", "/", ":"):
                item = [item[0] + WILD]  # a glob
            elif all(len(text) <= 1 for text in item):
                item = [WILD]
            else:
                item = [*item, "", *(WILD + text for text in item)]
        return item

    def _group(self, depth: int) -> list[str]:
        aside = _ASIDE.match(self.text, self.at)
        if aside is not None:
            self.at = aside.end()
            return [""]
        opening = _GROUP.match(self.text, self.at)
        looks = _LOOK.match(self.text, self.at)
        known = opening or looks
        self.at = known.end() if known else self.at + 1
        if depth >= _DEEPEST:
            self.at = len(self.text)
            return [WILD]
        inner = self.alternatives(depth + 1)
        self.at += 1
        return [""] if looks else inner

    def _class(self) -> list[str]:
        found = _CLASS.match(self.text, self.at)
        if found is None:
            self.at += 1
            return ["["]
        self.at = found.end()
        inner = found[0][1:-1].removeprefix("\\")
        if re.fullmatch(r"[0-9a-f:.]*:[0-9a-f:.]*", inner) and "::" in inner:
            return [found[0]]  # an IPv6 address
        return [inner if len(inner) == 1 else WILD]


def _unescaped(letter: str) -> str:
    if letter in "AZzbBGKQE":
        return ""
    return WILD if letter.isalnum() else letter


def _joined(left: list[str], right: list[str]) -> list[str]:
    if right == [""]:
        return left
    if len(left) * len(right) > _MOST:
        raise Undecided("the pattern has too many readings to say which hosts it means")
    return [one + two for one in left for two in right]
