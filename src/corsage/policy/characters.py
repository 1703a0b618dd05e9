"""Characters that no file of ours may hold, wherever it comes from."""

from __future__ import annotations

import re

from corsage.policy import rules
from corsage.policy.problems import Fault

# Controls, line breaks that editors do not show (U+0085, U+2028, U+2029), characters that turn
# the reading direction, and what is no character: a file must read as it looks.
_ODD_ONES = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
)
_ODD = re.compile(f"[{_ODD_ONES}]")
_HIDDEN = re.compile(rf"[\t\n\r{_ODD_ONES}]")


def odd_character(text: str) -> tuple[int, int, Fault] | None:
    """The first character of ``text`` that may not stand there, with its line and column."""
    match = _ODD.search(text)
    if match is None:
        return None
    message = f"character U+{ord(match[0]):04X} may not stand here"
    why = "It cannot be seen, or makes the file read differently than it looks."
    return *place(text, match.start()), Fault(rules.UNREADABLE, message, why)


def hidden_character(value: str) -> str | None:
    """The first character of a single value that cannot be seen in it, line breaks included."""
    match = _HIDDEN.search(value)
    return None if match is None else match[0]


def place(text: str, index: int) -> tuple[int, int]:
    """Line and column (1-based) of a position in a text."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
