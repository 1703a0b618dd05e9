"""Bare header lines, with or without a status line, as copied from DevTools or a log."""

from __future__ import annotations

import re

from corsage.diagnosis.case import Case, InputError
from corsage.diagnosis.inputs.http_text import read_dialogue
from corsage.diagnosis.inputs.pairing import cases_of

_FORM = re.compile(r"\s*(?:HTTP/\d|[\w-]{1,100}:)")


def looks_like(text: str) -> bool:
    """Whether the text starts with a status line or a header line."""
    return _FORM.match(text) is not None


def read(text: str, *, origin: str | None = None) -> tuple[Case, ...]:
    """The answers in these lines. Raises InputError when there is none."""
    messages = read_dialogue(text)
    if not messages:
        raise InputError("no header lines; paste lines such as `HTTP/2 200` and `name: value`")
    return cases_of(messages, origin=origin)
