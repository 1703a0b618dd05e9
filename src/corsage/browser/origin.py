"""Origins: who is asking (https://html.spec.whatwg.org/#origin), parsed and serialised.

CORS compares serialised origins byte for byte, so an origin is a string here: ``scheme://host``
with a port only where it is not the scheme's default, or ``"null"`` for an opaque one (a
sandboxed frame, a ``file:`` or ``data:`` page, or a request tainted by redirects).
"""

from __future__ import annotations

from corsage.browser.url import Url
from corsage.browser.url import parse as parse_url

__all__ = ["OPAQUE", "is_origin", "is_same_origin", "parse_url", "serialise"]

OPAQUE = "null"
"""The serialisation of every opaque origin. Two opaque origins are never the same origin."""


def serialise(url: str | Url) -> str | None:
    """The origin of a URL as browsers send it; None where ``url`` is not a URL.

    >>> serialise("HTTPS://App.Example.com:443/path?q#f")
    'https://app.example.com'
    >>> serialise("http://[::1]:8080")
    'http://[::1]:8080'
    >>> serialise("data:text/plain,hi")
    'null'
    """
    parsed = parse_url(url) if isinstance(url, str) else url
    return None if parsed is None else parsed.origin


def is_origin(text: str) -> bool:
    """Whether a browser may send ``text`` as an ``Origin``: it is its own serialisation.

    >>> [is_origin(o) for o in ("https://a.example", "https://a.example/", "HTTPS://a.example")]
    [True, False, False]
    """
    return text == OPAQUE or serialise(text) == text


def is_same_origin(origin: str, url: Url) -> bool:
    """Whether ``url`` has this origin, https://html.spec.whatwg.org/#same-origin."""
    return origin != OPAQUE and url.origin == origin
