"""Durations as Go programs read them (``1h30m``, ``600s``)."""

from __future__ import annotations

import re

_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(h|ms|m|s|us|ns)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def seconds_of(text: str) -> int | None:
    """Whole seconds of a duration, rounded down; None for what is none."""
    if text == "0":
        return 0
    if not text or _PART.sub("", text):
        return None
    return int(sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text)))
