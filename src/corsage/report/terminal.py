"""Text for people: colours on a terminal only, hostile characters made visible."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console
from rich.text import Text

# C0 and C1 controls, and the characters that reorder or hide text: an origin or a header from
# outside must not move the cursor, set the title or show a different name from what it is.
_HIDDEN = {
    *range(0x20),
    *range(0x7F, 0xA0),
    0x200B,
    0x200C,
    0x200D,
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
}
_VISIBLE = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _HIDDEN}


def printable(text: str) -> str:
    """``text`` on one line, with control and invisible characters written as escapes."""
    return text.translate(_VISIBLE)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        # Rich would exit with 1, which says that something was found.
        raise BrokenPipeError


def console(file: TextIO | None = None) -> Console:
    """A console on ``file`` (standard output): styled on a terminal, plain elsewhere.

    ``NO_COLOR`` is honoured. Lines are not wrapped unless a table does it.
    """
    return _Console(file=file or sys.stdout, highlight=False, soft_wrap=True, emoji=False)


def styled(text: str, style: str = "") -> Text:
    """``text`` as data (never as markup) in one style."""
    return Text(printable(text), style=style)
