"""Java source: literals, and lists that fit the limits of a class file."""

from __future__ import annotations

import json
from collections.abc import Sequence

WIDTH = 100
_INLINE = 50
"""Strings in a row that are still pleasant to read."""
_METHOD = 20_000
"""Characters of elements in one method, whose bytecode has at most 64 KiB."""
_BLOCK = 60_000
"""Characters in one string constant, which has at most 65,535 bytes."""


def literal(text: str) -> str:
    """A string literal. JSON's escapes are Java's, nothing but ASCII remains, and no backslash
    of the text can begin a Unicode escape, since each is doubled."""
    return json.dumps(text)


def call(head: str, arguments: Sequence[str], indent: int, before: int = 0) -> str:
    """``head(arguments)``: on one line if it fits behind ``indent + before`` columns, else an
    argument a line, eight columns further in."""
    line = f"{head}({', '.join(arguments)})"
    if "\n" not in line and indent + before + len(line) < WIDTH:
        return line
    pad = " " * (indent + 8)
    return f"{head}(\n" + ",\n".join(pad + argument for argument in arguments) + ")"


def strings(values: Sequence[str], indent: int) -> str:
    """A set of strings; many of them as text blocks, a line each."""
    if not has_blocks(values):
        return call("Set.of", [literal(value) for value in values], indent)
    pad = " " * (indent + 8)
    blocks = []
    for block in _split([literal(value)[1:-1] for value in values], _BLOCK):
        lines = "".join(f"{pad}{line}\n" for line in block)
        blocks.append(f'"""\n{lines}{pad}"""')
    return call("lines", blocks, indent)


def has_blocks(values: Sequence[str]) -> bool:
    """Whether :func:`strings` writes text blocks, for which the file needs ``lines``."""
    return len(values) > _INLINE


def constant(kind: str, name: str, elements: Sequence[str]) -> str:
    """The field ``name``, a list of ``kind``; a long one is put together from methods."""
    head = f"    private static final List<{kind}> {name} = "
    parts = _split(elements, _METHOD)
    if len(parts) == 1:
        return f"{head}{call('List.of', elements, 4, len(head) - 4)};\n"
    names = [f"{name.lower()}{number}" for number in range(1, len(parts) + 1)]
    calls = call("Stream.of", [f"{part}()" for part in names], 4, len(head))
    methods = "".join(
        f"\n    private static List<{kind}> {part}() {{\n"
        f"        return {call('List.of', some, 8, len('return '))};\n    }}\n"
        for part, some in zip(names, parts, strict=True)
    )
    return f"{head}{calls}.flatMap(List::stream).toList();\n{methods}"


def _split(texts: Sequence[str], most: int) -> list[list[str]]:
    """The texts in order, in parts of at most ``most`` characters."""
    parts: list[list[str]] = [[]]
    size = 0
    for text in texts:
        size += len(text) + 1
        if size > most and parts[-1]:
            parts.append([])
            size = len(text) + 1
        parts[-1].append(text)
    return parts
