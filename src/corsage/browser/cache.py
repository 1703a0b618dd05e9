"""The preflight cache: which answers a browser remembers, for whom and for how long.

https://fetch.spec.whatwg.org/#cors-preflight-cache. A value: whatever changes it returns a new
one, and the time (in seconds, of any clock) is an argument.

>>> from corsage.browser import CHROMIUM, Request, Response
>>> key = CacheKey("https://app.example", "https://api.example/items")
>>> answer = Response(204, (("Access-Control-Allow-Methods", "DELETE"),
...                         ("Access-Control-Max-Age", "86400")))
>>> cache = PreflightCache().remember(key, answer, "DELETE", include=False, now=0, profile=CHROMIUM)
>>> [cache.covers(key, "DELETE", (), include=False, now=t, profile=CHROMIUM) for t in (1, 7201)]
[True, False]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corsage.browser.exchange import Headers, Response
from corsage.browser.fields import get, tokens
from corsage.browser.profiles import Profile

DEFAULT_MAX_AGE = 5
"""Seconds, where the header is missing: https://fetch.spec.whatwg.org/#cors-preflight-fetch"""

MOST_ENTRIES = 1000
"""The oldest are forgotten first; browsers remember the preflights of 100 to 1,000 URLs."""

# delta-seconds = 1*DIGIT, https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2
_DELTA_SECONDS = re.compile(r"([+-]?)([0-9]+)")
# More digits than this are as good as for ever, and int() would take its time over them.
_MOST_DIGITS = 20


def max_age(headers: Headers, profile: Profile) -> int:
    """For how many seconds the answer to a preflight is remembered; 0 for not at all.

    >>> from corsage.browser import CHROMIUM, FIREFOX, STANDARD
    >>> header = (("Access-Control-Max-Age", "+600"),)
    >>> [max_age(header, profile) for profile in (STANDARD, CHROMIUM, FIREFOX)]
    [5, 600, 0]
    """
    value = get(headers, "access-control-max-age", profile)
    if not value:
        return DEFAULT_MAX_AGE
    match = _DELTA_SECONDS.fullmatch(value)
    if match is None or match[1] not in profile.max_age_signs:
        return profile.max_age_invalid
    digits = match[2].lstrip("0")[:_MOST_DIGITS] or "0"
    if match[1] == "-":
        return 0
    if profile.max_age_largest is not None and int(digits) > profile.max_age_largest:
        return profile.max_age_invalid
    return int(digits) if profile.max_age_cap is None else min(int(digits), profile.max_age_cap)


@dataclass(frozen=True, slots=True)
class CacheKey:
    """Whose preflights: the page's ``origin``, the ``url`` asked (with query and fragment), and
    the network ``partition`` (the site of the top-level page)."""

    origin: str
    url: str
    partition: str = ""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """One method or one header name (in lower case) that a preflight allowed, until ``expires``.

    ``include``: the answer was good for requests with credentials.
    """

    key: CacheKey
    include: bool
    expires: float
    method: str | None = None
    header: str | None = None


@dataclass(frozen=True, slots=True)
class PreflightCache:
    """What has been remembered, oldest first."""

    entries: tuple[CacheEntry, ...] = ()

    def covers(
        self,
        key: CacheKey,
        method: str,
        names: tuple[str, ...],
        *,
        include: bool,
        now: float,
        profile: Profile,
    ) -> bool:
        """Whether a request needs no preflight because an earlier one allowed it.

        ``names`` are the header names that a preflight would ask for.
        """
        usable = [
            entry
            for entry in self.entries
            if entry.key == key
            and entry.expires > now
            and (entry.include == include or (entry.include and profile.include_serves_omit))
        ]
        if not usable:
            return False
        methods = {entry.method for entry in usable if entry.method is not None}
        headers = {entry.header for entry in usable if entry.header is not None}
        wildcard = "*" if profile.caches_wildcard and not include else None
        if method not in profile.uncached_methods and methods.isdisjoint({method, wildcard}):
            return False
        # "*" never covers Authorization: it is no request header that a wildcard stands for.
        return all(
            name in headers or (wildcard in headers and name != "authorization") for name in names
        )

    def remember(
        self,
        key: CacheKey,
        answer: Response,
        method: str,
        *,
        include: bool,
        now: float,
        profile: Profile,
    ) -> PreflightCache:
        """The cache after a preflight whose ``answer`` allowed ``method``."""
        seconds = max_age(answer.headers, profile)
        if seconds <= 0:
            return self
        expires = now + seconds
        listed = tokens(answer.headers, "access-control-allow-methods", profile).tokens
        headers = tokens(answer.headers, "access-control-allow-headers", profile).tokens
        # Where no method is listed, only a safelisted one can have passed.
        fresh = [
            *(
                CacheEntry(key, include, expires, method=m)
                for m in dict.fromkeys(listed or (method,))
            ),
            *(
                CacheEntry(key, include, expires, header=h)
                for h in dict.fromkeys(name.lower() for name in headers)
            ),
        ]
        same = {(e.key, e.include, e.method, e.header) for e in fresh}
        kept = (
            e
            for e in self.entries
            if e.expires > now
            and (e.key, e.include, e.method, e.header) not in same
            and not (profile.caches_one_answer and e.key == key)
        )
        return PreflightCache((*kept, *fresh)[-MOST_ENTRIES:])

    def forget(self, key: CacheKey) -> PreflightCache:
        """The cache after a request to this URL failed: all that was allowed there is forgotten."""
        return PreflightCache(tuple(entry for entry in self.entries if entry.key != key))


NOTHING_CACHED = PreflightCache()


def bypasses(cache_mode: str, profile: Profile) -> bool:
    """Whether ``fetch(..., {cache: cache_mode})`` preflights whatever has been remembered."""
    return cache_mode in profile.bypassing_cache_modes
