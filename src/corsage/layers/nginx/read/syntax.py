"""The language of nginx's files: words, simple directives and blocks, each with its place.

It follows ``ngx_conf_read_token``: a quote counts only where a word begins, ``${`` does not open
a block, and a backslash keeps the character behind it in the word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from corsage.layers.nginx.read.templates import without_statements
from corsage.layers.source import Source, UnreadableError
from corsage.layers.where import Where

_TOKEN = re.compile(
    r"""
    [ \t\r\n]++ | \#[^\n]*+
    | (?P<mark>[;{}])
    | "(?P<double>(?:[^"\\]|\\.)*+)" | '(?P<single>(?:[^'\\]|\\.)*+)'
    | (?P<open>["'])
    | (?P<bare>(?:\\.|\$\{|[^ \t\r\n;{\\]|\\\Z)++)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"""\\(["'\\trn])""")
_CONTROLS = {"t": "\t", "r": "\r", "n": "\n"}
_LUA = re.compile(
    r"""--\[(?P<c>=*)\[.*?\](?P=c)\] | --[^\n]* | \[(?P<s>=*)\[.*?\](?P=s)\]
    | "(?:[^"\\\n]|\\.)*+" | '(?:[^'\\\n]|\\.)*+' | (?P<brace>[{}])""",
    re.VERBOSE | re.DOTALL,
)
_DEEPEST = 64
"""Blocks in blocks. Nobody nests ten."""


class Text:
    """A file, and the places in it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both 1-based."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def where(self, offset: int) -> Where:
        """The place of a character."""
        line, column = self.position(offset)
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        source = self.text[self._starts[line - 1] : end].rstrip("\r\n")
        return Where(self.path, line, column, source)


@dataclass(frozen=True, slots=True)
class Word:
    """``text`` is without quotes and escapes; it was written from ``start`` up to ``end``."""

    text: str
    start: int
    end: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Directive:
    """``block`` is None for a simple directive. ``code``: what stands in a Lua block."""

    name: str
    args: tuple[str, ...]
    words: tuple[Word, ...] = field(repr=False)
    text: Text = field(repr=False)
    block: tuple[Directive, ...] | None = None
    code: str = ""

    @property
    def where(self) -> Where:
        """Where it begins."""
        return self.text.where(self.words[0].start)

    def where_of(self, number: int) -> Where:
        """Where one of its arguments stands; its own place if it has no such argument."""
        wanted = number + 1
        return self.text.where(self.words[wanted if wanted < len(self.words) else 0].start)

    @property
    def end(self) -> tuple[int, int]:
        """Line and column right behind its last word."""
        return self.text.position(self.words[-1].end)


@dataclass(frozen=True, slots=True)
class Parsed:
    """One file, read by itself."""

    text: Text
    directives: tuple[Directive, ...]


def parse(source: Source) -> Parsed:
    """The directives of a file. Raises UnreadableError where nginx's reader would stop."""
    text = Text(source.path, source.text)
    written = without_statements(source.text.replace("\ufeff", " ", 1))
    # One entry for each open block: the words that opened it, and what it holds so far.
    open_blocks: list[tuple[list[Word], list[Directive]]] = [([], [])]
    words: list[Word] = []
    position = 0
    while position < len(written):
        token = _TOKEN.match(written, position)
        assert token is not None, "every character begins a token"
        start, position = position, token.end()
        kind = token.lastgroup
        if kind is None:
            continue
        if kind == "open":
            raise UnreadableError(text.where(start), "a quote is opened and never closed")
        if kind != "mark":
            raw = token[kind]
            plain = _ESCAPE.sub(_unescaped, raw) if "\\" in raw else raw
            words.append(Word(plain, start, position, kind != "bare"))
            continue
        mark = token["mark"]
        if mark == "}":
            if words:
                raise UnreadableError(
                    text.where(words[0].start), f'"{_shown(text, words[0])}" has no ";" behind it'
                )
            opening, held = open_blocks.pop()
            if not open_blocks:
                raise UnreadableError(text.where(start), 'unexpected "}": no block is open')
            open_blocks[-1][1].append(_directive(text, opening, tuple(held)))
            continue
        if not words:
            if mark == ";":
                continue  # left by a statement of a template
            raise UnreadableError(text.where(start), 'unexpected "{": no directive opens a block')
        if mark == ";":
            open_blocks[-1][1].append(_directive(text, words, None))
        elif words[0].text.endswith("_by_lua_block"):
            end = _lua_end(written, position)
            if end is None:
                raise UnreadableError(text.where(start), "the Lua block is never closed")
            code = written[position : end - 1]
            open_blocks[-1][1].append(_directive(text, words, (), code))
            position = end
        else:
            if len(open_blocks) > _DEEPEST:
                raise UnreadableError(text.where(start), f"more than {_DEEPEST} blocks are open")
            open_blocks.append((words, []))
        words = []
    if words:
        raise UnreadableError(
            text.where(words[0].start), f'"{_shown(text, words[0])}" has no ";" behind it'
        )
    if len(open_blocks) > 1:
        opening = open_blocks[-1][0]
        raise UnreadableError(
            text.where(opening[0].start),
            f'the block of "{_shown(text, opening[0])}" is never closed',
        )
    return Parsed(text, tuple(open_blocks[0][1]))


def _directive(
    text: Text, words: list[Word], block: tuple[Directive, ...] | None, code: str = ""
) -> Directive:
    args = tuple(word.text for word in words[1:])
    return Directive(words[0].text, args, tuple(words), text, block, code)


def _shown(text: Text, word: Word) -> str:
    return text.text[word.start : word.end][:40]


def _unescaped(match: re.Match[str]) -> str:
    return _CONTROLS.get(match[1], match[1])


def _lua_end(written: str, position: int) -> int | None:
    depth = 1
    for token in _LUA.finditer(written, position):
        if token["brace"] == "{":
            depth += 1
        elif token["brace"] == "}":
            depth -= 1
            if not depth:
                return token.end()
    return None
