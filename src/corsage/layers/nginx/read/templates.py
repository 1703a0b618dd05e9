"""Templates of nginx's files: Jinja, Go, and whatever else writes ``{{ ... }}``.

What a template will say is not known here. A statement (``{% if %}``, ``{{ end }}``, or an
expression that has its lines for itself) becomes blanks, of an if only the first branch stays,
and any other expression becomes as many :data:`PLACEHOLDER` characters: a word, and one that no
value is guessed for. Nothing moves, so every place in the file is still right.
"""

from __future__ import annotations

import re

PLACEHOLDER = "\ue000"
"""Stands for a character of an expression of a template."""

_STATEMENT = re.compile(
    r"\{%(?P<jinja>[^%]*+(?:%(?!\})[^%]*+)*+)%\} | \{\#[^#]*+(?:\#(?!\})[^#]*+)*+\#\}"
    r"| \{\{(?P<braces>[^}]*+(?:\}(?!\})[^}]*+)*+)\}\}",
    re.VERBOSE,
)
_GO = re.compile(
    r"-?\s*(?:(?P<word>if|else|end|range|with|define|template|include|block|break|continue)\b"
    r"|/\*|\$\w+\s*:?=)"
)
_JINJA = re.compile(r"[-+]?\s*(?P<word>\w+)")
_OPENING = {"if", "range", "with", "define", "block", "for", "unless", "macro", "filter", "call"}
_CLOSING = {"end", *(f"end{word}" for word in _OPENING)}


def without_statements(text: str) -> str:
    """The text as nginx might see it, every character where it was."""
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    parts: list[str] = []
    position = 0
    # What is open: True while the first branch of it lasts.
    branches: list[bool] = []

    def blank_if_dropped(piece: str) -> str:
        return piece if all(branches) else _blank(piece)

    for statement in _STATEMENT.finditer(text):
        parts.append(blank_if_dropped(text[position : statement.start()]))
        position = statement.end()
        whole = statement[0]
        word, expression = _word(statement)
        if expression and not _is_alone(text, statement.start(), statement.end()):
            parts.append(blank_if_dropped(re.sub(r"[^\n]", PLACEHOLDER, whole)))
            continue
        parts.append(_blank(whole))
        if word in _OPENING:
            branches.append(True)
        elif word in ("else", "elif", "elsif") and branches:
            branches[-1] = False
        elif word in _CLOSING and branches:
            branches.pop()
    parts.append(blank_if_dropped(text[position:]))
    return "".join(parts)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether an expression has its lines for itself: it writes whole directives then."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    after = text[end : (text + "\n").find("\n", end)]
    return not before.strip() and not after.strip()


def _word(statement: re.Match[str]) -> tuple[str, bool]:
    """The word of a statement, and whether it is an expression instead."""
    if statement["jinja"] is not None:
        match = _JINJA.match(statement["jinja"])
        return (match["word"] if match else ""), False
    if statement["braces"] is None:
        return "", False
    match = _GO.match(statement["braces"])
    if match is None:
        return "", True
    word = match["word"] or ""
    # `{{ template "x" . }}` writes text, alone on its line as a rule.
    return ("" if word in ("template", "include", "break", "continue") else word), False


def _blank(piece: str) -> str:
    return re.sub(r"[^\n]", " ", piece)
