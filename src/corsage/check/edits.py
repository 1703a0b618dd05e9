"""Applying the fixes that are safe to make."""

from __future__ import annotations

from collections.abc import Iterable

from corsage.layers.site import Edit


def apply(edits: Iterable[Edit], text: str) -> str:
    """``text`` with the edits made. Of two that touch the same place only the first is."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    spans = []
    for edit in edits:
        start, end = _offset(edit.start, starts), _offset(edit.end, starts)
        if start is not None and end is not None and start <= end:
            spans.append((start, end, edit.text))
    made = text
    last = len(text) + 1
    for start, end, new in sorted(dict.fromkeys(spans), reverse=True):
        if end <= last and (end < last or start < end):
            made = made[:start] + new + made[end:]
            last = start
    return made


def _offset(place: tuple[int, int], starts: list[int]) -> int | None:
    line, column = place
    if not 1 <= line < len(starts):
        return None
    offset = starts[line - 1] + column - 1
    return offset if starts[line - 1] <= offset <= starts[line] else None
