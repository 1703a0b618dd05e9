"""Sections, lines and words of HAProxy's language, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

from corsage.layers.where import Where

_WRITTEN = """global defaults frontend backend listen peers resolvers userlist mailers program cache
http-errors ring log-forward fcgi-app"""
_SECTIONS = frozenset(_WRITTEN.split())
_PROXIES = ("frontend", "backend", "listen", "defaults")


@dataclass(frozen=True, slots=True)
class Word:
    """A word without its quotes."""

    text: str
    where: Where

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Line:
    """A directive: its words."""

    words: tuple[Word, ...]

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0].text

    @property
    def where(self) -> Where:
        """Where it begins."""
        return self.words[0].where

    def texts(self, start: int = 0) -> list[str]:
        """The words as text."""
        return [word.text for word in self.words[start:]]


@dataclass(frozen=True, slots=True)
class Section:
    """A proxy: ``kind`` is frontend, backend, listen or defaults."""

    kind: str
    name: str
    where: Where
    lines: tuple[Line, ...]


def sections(path: str, text: str) -> tuple[Section, ...]:
    """The proxies of a file, in order."""
    found: list[Section] = []
    head: Line | None = None
    lines: list[Line] = []

    def end() -> None:
        if head is not None and head.name in _PROXIES:
            name = head.words[1].text if len(head.words) > 1 else ""
            found.append(Section(head.name, name, head.where, tuple(lines)))

    for number, source in enumerate(text.splitlines(), 1):
        words = tuple(_words(path, number, source))
        if not words:
            continue
        line = Line(words)
        if line.name in _SECTIONS and source[:1].strip():
            end()
            head, lines = line, []
        elif line.name in _SECTIONS and head is None:
            head, lines = line, []
        else:
            lines.append(line)
    end()
    return tuple(found)


def _words(path: str, number: int, source: str) -> list[Word]:
    found: list[Word] = []
    text: list[str] = []
    start, quote, at = -1, "", 0
    while at < len(source):
        character = source[at]
        if not quote and character.isspace():
            if start >= 0:
                found.append(Word("".join(text), Where(path, number, start + 1, source)))
                text, start = [], -1
        elif not quote and character == "#":
            break
        else:
            start = at if start < 0 else start
            following = source[at + 1 : at + 2]
            if character == "\\" and quote != "'" and following in _ESCAPED and following:
                at += 1
                text.append(_ESCAPED[following])
            elif character == quote:
                quote = ""
            elif not quote and character in "'\"":
                quote = character
            else:
                text.append(character)
        at += 1
    if start >= 0:
        found.append(Word("".join(text), Where(path, number, start + 1, source)))
    return found


_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"} | {one: one for one in "\\ #\"'$"}
"""Others keep their backslash, which regexes need."""
