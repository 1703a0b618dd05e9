"""Directives and sections of Apache's language, each word with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corsage.layers.source import UnreadableError
from corsage.layers.where import Where

_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Word:
    """A word without its quotes."""

    text: str
    where: Where


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive, or a section with what stands in it; ``name`` in lower case."""

    name: str
    words: tuple[Word, ...]
    where: Where
    section: bool = False
    block: tuple[Directive, ...] = ()

    def text(self, number: int) -> str:
        """The text of an argument, "" where there is none."""
        return self.words[number].text if number < len(self.words) else ""

    def texts(self) -> list[str]:
        """The arguments as text."""
        return [word.text for word in self.words]


def directives(path: str, text: str) -> tuple[Directive, ...]:
    """The directives of a file; UnreadableError where sections do not fit."""
    stack: list[tuple[str, tuple[Word, ...], Where, list[Directive]]] = []
    found: list[Directive] = []
    for words in _lines(path, text):
        first = words[0]
        name = first.text.lower()
        if name.startswith("</"):
            if not stack or stack[-1][0] != name[2:].rstrip(">"):
                raise UnreadableError(first.where, f"{first.text} closes no section that is open")
            opened, arguments, where, outer = stack.pop()
            outer.append(Directive(opened, arguments, where, True, tuple(found)))
            found = outer
        elif name.startswith("<"):
            if len(stack) >= _DEEPEST:
                raise UnreadableError(first.where, "sections stand too deep in each other")
            stack.append((name[1:].rstrip(">"), tuple(words[1:]), first.where, found))
            found = []
        else:
            found.append(Directive(name, tuple(words[1:]), first.where))
    if stack:
        raise UnreadableError(stack[-1][2], f"<{stack[-1][0]}> is not closed")
    return tuple(found)


def _lines(path: str, text: str) -> Iterator[list[Word]]:
    pending: list[tuple[str, Where]] = []
    for number, source in enumerate(text.splitlines(), 1):
        # The places of all characters of a directive that is continued over lines.
        places = [(c, Where(path, number, at + 1, source)) for at, c in enumerate(source)]
        continued = source.endswith("\\")
        pending += places[:-1] if continued else places
        if continued:
            continue
        words = _words(pending)
        pending = []
        if words:
            yield words
    if pending and (words := _words(pending)):
        yield words


def _words(line: list[tuple[str, Where]]) -> list[Word]:
    characters = "".join(c for c, _ in line)
    start = len(characters) - len(characters.lstrip())
    end = len(characters.rstrip())
    if start >= end or characters[start] == "#":
        return []
    if characters[start] == "<" and characters[end - 1] == ">" and characters[start + 1] != "/":
        end -= 1
    found = []
    at = start
    while at < end:
        if characters[at].isspace():
            at += 1
            continue
        quote = characters[at] if characters[at] in "\"'" else ""
        at += bool(quote)
        begins, kept = at, []
        while at < end and (characters[at] != quote if quote else not characters[at].isspace()):
            following = characters[at + 1] if at + 1 < end else ""
            if characters[at] == "\\" and following and following in f"\\{quote}":
                at += 1
            kept.append(characters[at])
            at += 1
        where = line[min(begins, len(line) - 1)][1]
        found.append(Word("".join(kept), where))
        at += bool(quote)
    return found
