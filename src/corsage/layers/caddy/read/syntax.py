"""Caddyfiles as directives with their blocks, snippets filled in where they are imported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corsage.layers.source import UnreadableError
from corsage.layers.where import Where

_DEEPEST = 40
_MOST_DIRECTIVES = 20_000
_ENVIRONMENT = re.compile(r"\{\$[^{}:]+(?::([^{}]*))?\}")
_ARGUMENT = re.compile(r"\{(?:args\[(\d{1,3})\]|args\.(\d{1,3}))\}")


@dataclass(frozen=True, slots=True)
class Word:
    """A token. ``first``: the first of its line; ``quoted``: a brace in it is no brace."""

    text: str
    where: Where
    first: bool = False
    quoted: bool = False

    def is_brace(self, brace: str) -> bool:
        """Whether it opens or closes a block."""
        return self.text == brace and not self.quoted


@dataclass(frozen=True, slots=True)
class Directive:
    """A line, and the lines of its block."""

    words: tuple[Word, ...]
    block: tuple[Directive, ...] = ()
    opened: bool = False

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0].text if self.words else ""

    @property
    def where(self) -> Where:
        """Where it begins."""
        return self.words[0].where

    def texts(self, start: int = 0) -> list[str]:
        """The words as text."""
        return [word.text for word in self.words[start:]]


def parse(path: str, text: str) -> tuple[Directive, ...]:
    """The top of a file: sites and snippets, or a site's directives where it has no braces."""
    words = list(_words(path, text))
    found, at = _block(words, 0, 0)
    if at < len(words):
        raise UnreadableError(words[at].where, "a closing brace too many")
    return found


def _block(words: list[Word], at: int, depth: int) -> tuple[tuple[Directive, ...], int]:
    if depth > _DEEPEST:
        raise UnreadableError(words[at].where, "nested too deeply")
    found: list[Directive] = []
    while at < len(words):
        if words[at].is_brace("}"):
            return tuple(found), at
        line: list[Word] = []
        while at < len(words) and not (line and words[at].first and not _goes_on(line)):
            word = words[at]
            ends = at + 1 == len(words) or words[at + 1].first
            if word.is_brace("{") and ends:
                inner, at = _block(words, at + 1, depth + 1)
                if at >= len(words):
                    raise UnreadableError(word.where, "a block that is not closed")
                found.append(Directive(tuple(line), inner, opened=True))
                line = []
                at += 1
                break
            if word.is_brace("}"):
                break
            line.append(word)
            at += 1
        if line:
            found.append(Directive(tuple(line)))
    return tuple(found), at


def _goes_on(line: list[Word]) -> bool:
    """Addresses of a site may stand on several lines, with commas between them."""
    return line[-1].text.endswith(",")


def _words(path: str, text: str) -> Iterator[Word]:
    for number, source in enumerate(text.splitlines(), 1):
        at, first = 0, True
        while at < len(source):
            character = source[at]
            if character.isspace():
                at += 1
                continue
            if character == "#":
                break
            place = Where(path, number, at + 1, source)
            if character in '"`':
                token, at = _quoted(source, at)
                yield Word(_filled(token), place, first, quoted=True)
            else:
                end = at
                while end < len(source) and not source[end].isspace():
                    end += 1
                yield Word(_filled(source[at:end]), place, first)
                at = end
            first = False


def _quoted(source: str, at: int) -> tuple[str, int]:
    quote, found = source[at], []
    at += 1
    while at < len(source) and source[at] != quote:
        if quote == '"' and source[at] == "\\" and source[at + 1 : at + 2] == '"':
            at += 1
        found.append(source[at])
        at += 1
    return "".join(found), at + 1


def _filled(text: str) -> str:
    return _ENVIRONMENT.sub(lambda found: found[1] or "", text)


def imported(
    directives: tuple[Directive, ...], snippets: dict[str, Directive], depth: int = 0
) -> tuple[Directive, ...]:
    """The directives with those of snippets in the place of ``import``."""
    found: list[Directive] = []
    for each in directives:
        if each.name == "import" and len(each.words) > 1:
            snippet = snippets.get(each.words[1].text)
            if snippet is not None and depth < 10:
                arguments = each.texts(2)
                block = tuple(_argued(one, arguments) for one in snippet.block)
                found += imported(block, snippets, depth + 1)
            continue
        block = imported(each.block, snippets, depth)
        found.append(replace(each, block=block) if each.block else each)
        if len(found) > _MOST_DIRECTIVES:
            raise UnreadableError(each.where, "too many directives once snippets are imported")
    return tuple(found)


def _argued(directive: Directive, arguments: list[str]) -> Directive:
    def text(found: re.Match[str]) -> str:
        number = int(found[1] or found[2])
        return arguments[number] if number < len(arguments) else ""

    words = tuple(replace(word, text=_ARGUMENT.sub(text, word.text)) for word in directive.words)
    return replace(
        directive, words=words, block=tuple(_argued(one, arguments) for one in directive.block)
    )
