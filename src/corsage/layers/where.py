"""A place in a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """A place: ``line`` and ``column`` are 1-based (line 0: the whole file). ``source`` is the
    text of the line, to be shown with the place underlined."""

    file: str
    line: int = 0
    column: int = 0
    source: str = ""
