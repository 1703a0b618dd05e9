"""Sizes, rates and durations as people write them."""

from __future__ import annotations

import re

from corsage.policy import rules
from corsage.policy.format import DURATION, LARGEST_NUMBER, RATE, SIZE
from corsage.policy.problems import Fault, quoted

_UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3}
_SECONDS = {"s": 1, "m": 60}


def size(text: str) -> int:
    """Bytes of ``10m`` (mebibytes, as nginx counts), ``512k``, ``1g`` or a bare number."""
    if not re.fullmatch(SIZE, text):
        spelled = re.fullmatch(r"([0-9]{1,9}) ?([kmg])(i?b)?", text, re.IGNORECASE)
        fix = spelled[1].lstrip("0") + spelled[2].lower() if spelled else None
        why = "A size is a number of bytes, or of k, m or g (1024, 1024² and 1024³ bytes)."
        raise Fault(rules.BAD_VALUE, f"{quoted(text)} is not a size", why, fix or None)
    number = int(text.rstrip("kmg")) * _UNITS.get(text[-1], 1)
    if number > LARGEST_NUMBER:
        raise Fault(rules.BAD_VALUE, f"{quoted(text)} is too large", "", "0")
    return number


def rate(text: str) -> int:
    """Requests a second of ``50/s``."""
    if not re.fullmatch(RATE, text):
        slow = re.fullmatch(r"([1-9][0-9]{0,8}) ?(?:/|r/|per )?(s|sec|second|m|min|minute)?", text)
        fix = None
        if slow and (slow[2] or "s")[0] == "s":
            fix = f"{slow[1]}/s"
        elif slow and int(slow[1]) >= 60:
            fix = f"{int(slow[1]) // 60}/s"
        why = "A rate is a whole number of requests a second from one client address."
        raise Fault(rules.BAD_VALUE, f"{quoted(text)} is not a rate", why, fix)
    return int(text.removesuffix("/s"))


def duration(text: str) -> int:
    """Seconds of ``30s``, ``2m`` or a bare number."""
    if not re.fullmatch(DURATION, text):
        spelled = re.fullmatch(r"([1-9][0-9]{0,6}) ?(s|m)[a-z]*", text, re.IGNORECASE)
        fix = spelled[1] + spelled[2].lower() if spelled and "ms" not in text.lower() else None
        why = "A duration is a whole number of seconds (30s) or minutes (2m)."
        raise Fault(rules.BAD_VALUE, f"{quoted(text)} is not a duration", why, fix)
    return int(text.rstrip("sm")) * _SECONDS.get(text[-1], 1)
