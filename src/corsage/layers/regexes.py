"""Regular expressions with which products compare paths, hosts and headers.

One that cannot be followed here, or that might take forever, takes nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from corsage.layers.nginx.read.pcre import UnknownRegex, regex

_LONGEST = 100_000
_CASELESS = "(?i)"


class Expression:
    """One expression; groups are those of its text."""

    def __init__(self, text: str, ignore_case: bool = False) -> None:
        self._caseless = ignore_case or text.startswith(_CASELESS)
        self._text = text.removeprefix(_CASELESS)

    def search(self, text: str) -> re.Match[str] | None:
        """A match anywhere."""
        return self._search(self._text, text)

    def match(self, text: str) -> re.Match[str] | None:
        """A match at the start."""
        return self._search(f"^(?:{self._text})", text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """A match of the whole."""
        return self._search(rf"^(?:{self._text})\Z", text)

    def _search(self, expression: str, text: str) -> re.Match[str] | None:
        if len(expression) > _LONGEST:
            return None
        try:
            return regex(expression, self._caseless).search(text)
        except UnknownRegex:
            return None


@lru_cache(1024)
def regex_of(text: str, ignore_case: bool = False) -> Expression:
    """The expression of a text."""
    return Expression(text, ignore_case)
