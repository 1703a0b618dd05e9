"""The HTTP cache: may a stored response be served again, and will CORS then fail?

A server that answers ``Access-Control-Allow-Origin`` with the origin that asked must send
``Vary: Origin`` on every response, also on those to requests without ``Origin``. Else a cache
(the browser's, a CDN's) hands what was meant for one origin to another.

>>> from corsage.browser import Response
>>> stored = Response(200, (("Access-Control-Allow-Origin", "https://a.example"),))
>>> reused = reuse((("Origin", "https://a.example"),), stored, (("Origin", "https://b.example"),))
>>> reused.served, str(reused.failure.reason)
(True, 'allow-origin-mismatch')
"""

from __future__ import annotations

from typing import NamedTuple

from corsage.browser.check import Failure, cors_check
from corsage.browser.exchange import Headers, Response
from corsage.browser.fields import get, lines, tokens
from corsage.browser.profiles import STANDARD, Profile


class Reuse(NamedTuple):
    """``served``: the stored response answers the new request. ``failure``: what the CORS check
    says about it then; None if it passes or nothing was served."""

    served: bool
    failure: Failure | None = None


def reuse(
    stored_for: Headers,
    stored: Response,
    asked: Headers,
    *,
    include: bool = False,
    shared: bool = False,
    profile: Profile = STANDARD,
) -> Reuse:
    """What happens when a fresh response that was ``stored_for`` one request (its header lines)
    meets another to the same URL.

    ``asked`` without ``Origin`` is a request that is not CORS: nothing is checked. ``include`` is
    the new request's credentials mode, ``shared`` a cache for many users (a proxy, a CDN).
    """
    if not is_storable(stored, shared=shared) or not vary_matches(stored_for, stored, asked):
        return Reuse(served=False)
    origin = get(asked, "origin", profile)
    if origin is None:
        return Reuse(served=True)
    return Reuse(True, cors_check(stored.headers, origin, include, profile))


def vary_matches(stored_for: Headers, stored: Response, asked: Headers) -> bool:
    """Whether the two requests agree on every header that ``Vary`` names.

    https://www.rfc-editor.org/rfc/rfc9111#section-4.1; ``*`` never matches.
    """
    named = tokens(stored.headers, "vary", STANDARD)
    if "*" in named.tokens or named.invalid is not None:
        return False
    names = {name.lower() for name in named.tokens}
    return all(lines(stored_for, name) == lines(asked, name) for name in names)


def is_storable(response: Response, *, shared: bool = False) -> bool:
    """Whether a cache may keep a response at all: ``no-store``, and ``private`` if shared.

    https://www.rfc-editor.org/rfc/rfc9111#section-3
    """
    value = get(response.headers, "cache-control", STANDARD) or ""
    directives = {part.partition("=")[0].strip().lower() for part in value.split(",")}
    return not directives & ({"no-store", "private"} if shared else {"no-store"})
