"""Named sets of characters: ``\\w``, ``[:alpha:]``, ``\\p{Lu}``, as masks."""

from __future__ import annotations

import string
import unicodedata

from corsage.patterns.alphabet import ANY, SYMBOLS, mask_of

_DIGITS = mask_of(string.digits)
_WORD = mask_of(string.ascii_letters + string.digits + "_")

ESCAPED = {
    "d": _DIGITS,
    "D": ANY & ~_DIGITS,
    "w": _WORD,
    "W": ANY & ~_WORD,
    # There are no blanks of any kind in an origin.
    "s": 0,
    "S": ANY,
    "h": 0,
    "H": ANY,
    "v": 0,
    "V": ANY,
    "N": ANY,
    "R": 0,
}
"""Classes of characters by the letter after the backslash."""

POSIX = {
    "alpha": mask_of(string.ascii_letters),
    "digit": _DIGITS,
    "alnum": mask_of(string.ascii_letters + string.digits),
    "upper": mask_of(string.ascii_uppercase),
    "lower": mask_of(string.ascii_lowercase),
    "punct": mask_of(string.punctuation),
    "xdigit": mask_of(string.hexdigits),
    "word": _WORD,
    "graph": ANY,
    "print": ANY,
    "ascii": ANY,
    "space": 0,
    "blank": 0,
    "cntrl": 0,
}
"""``[:name:]``, and Java's ``\\p{Name}``."""

_CATEGORIES = {unicodedata.category(symbol) for symbol in string.printable} | set("LNPSZC")


def unicode_property(name: str) -> int | None:
    """The characters of a general category (``L``, ``Lu``); None for any other property."""
    if name not in _CATEGORIES:
        return None
    return mask_of(s for s in SYMBOLS if unicodedata.category(s).startswith(name))
