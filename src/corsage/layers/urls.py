"""Splitting what other people call a URL."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

_NOTHING = urlsplit("")


def split_url(url: str) -> SplitResult:
    """The parts of a URL; all of them empty for what is none. (``urlsplit`` raises ValueError for
    brackets without an address between them, and only later for a port that is no number.)"""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return _NOTHING
    return parts
