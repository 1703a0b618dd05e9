"""Whether a text is an origin that some browser sends."""

from __future__ import annotations

import re

from corsage.patterns import exactly

# Nearly all that lists hold, and a thousand times quicker than asking an automaton.
_PLAIN = re.compile(r"https?://(?:[a-z0-9]+[.-])*[a-z]{2,24}(?::[1-9]\d{3})?")
_LONGEST = 253


def is_origin(text: str) -> bool:
    """Whether a browser can send ``text`` as an ``Origin``."""
    if len(text) <= _LONGEST and _PLAIN.fullmatch(text) and all(map(_is_label, text.split("."))):
        return True
    return text in exactly(text)


def _is_label(label: str) -> bool:
    return len(label) <= 63
