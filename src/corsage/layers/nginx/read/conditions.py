"""The words between the brackets of an ``if``."""

from __future__ import annotations

from corsage.layers.nginx.read.syntax import Directive


def condition(directive: Directive) -> list[str]:
    """One word (a variable), two (a test of files) or three: value, operator, operand."""
    words = list(directive.args)
    if not words:
        return []
    words[0] = words[0].removeprefix("(")
    words[-1] = words[-1].removesuffix(")")
    if not words[0]:
        words.pop(0)
    if words and not words[-1] and len(words) != 3:
        words.pop()
    return words
