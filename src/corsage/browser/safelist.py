"""What a page may send without asking, and what it may never send.

The CORS-safelisted methods and request headers (https://fetch.spec.whatwg.org/#cors-safelisted-method,
https://fetch.spec.whatwg.org/#cors-safelisted-request-header) are what HTML forms could always
send; everything else costs a preflight. Header values are isomorphic-decoded: one character a byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from corsage.browser.exchange import Headers
from corsage.browser.fields import HTTP_WHITESPACE, decode_and_split

if TYPE_CHECKING:
    # The middleware reads names by these rules and has no use for browsers.
    from corsage.browser.profiles import Profile

SAFELISTED_METHODS = frozenset({"GET", "HEAD", "POST"})
"""https://fetch.spec.whatwg.org/#cors-safelisted-method"""

NORMALISED_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})
"""Put in upper case however they are typed: https://fetch.spec.whatwg.org/#concept-method-normalize.

``PATCH`` is not among them: ``patch`` stays ``patch``, and no server lists that.
"""

FORBIDDEN_METHODS = frozenset({"CONNECT", "TRACE", "TRACK"})
"""https://fetch.spec.whatwg.org/#forbidden-method, in any case."""

_FORBIDDEN_REQUEST_HEADERS = frozenset(
    {
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)
_METHOD_OVERRIDES = frozenset({"x-http-method", "x-http-method-override", "x-method-override"})

_LONGEST_VALUE = 128
_LONGEST_SUM = 1024

# 0-9 A-Z a-z SP * , - . ; =
_LANGUAGE = re.compile(r"[0-9A-Za-z *,\-.;=]*")
_FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
# bytes=first-[last], no blanks: https://fetch.spec.whatwg.org/#simple-range-header-value
_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]*)")


def normalise_method(method: str) -> str:
    """The method as it is sent.

    >>> normalise_method("delete"), normalise_method("patch")
    ('DELETE', 'patch')
    """
    upper = method.upper()
    return upper if upper in NORMALISED_METHODS else method


def is_forbidden_request_header(name: str, value: str) -> bool:
    """Whether a page's header is silently dropped.

    https://fetch.spec.whatwg.org/#forbidden-request-header
    """
    lowered = name.lower()
    if lowered in _FORBIDDEN_REQUEST_HEADERS or lowered.startswith(("proxy-", "sec-")):
        return True
    if lowered in _METHOD_OVERRIDES:
        return any(m.upper() in FORBIDDEN_METHODS for m in decode_and_split(value))
    return False


def is_safelisted_request_header(name: str, value: str, profile: Profile) -> bool:
    """https://fetch.spec.whatwg.org/#cors-safelisted-request-header"""
    if len(value) > _LONGEST_VALUE:
        return False
    lowered = name.lower()
    if lowered == "accept":
        return profile.unsafe_byte.search(value) is None
    if lowered in {"accept-language", "content-language"}:
        return _LANGUAGE.fullmatch(value) is not None
    if lowered == "content-type":
        return _is_form_type(value, profile)
    if lowered == "range":
        return _is_simple_range(value, profile)
    hint = profile.safelisted_hints.get(lowered)
    return hint is not None and hint.fullmatch(value) is not None


def _is_form_type(value: str, profile: Profile) -> bool:
    if profile.unsafe_byte.search(value):
        return False
    found = profile.content_type.fullmatch(value)
    return found is not None and found["essence"].lower() in _FORM_TYPES


def _is_simple_range(value: str, profile: Profile) -> bool:
    match = _RANGE.fullmatch(value)
    if match is None:
        return False
    first, last = match[1].lstrip("0") or "0", match[2].lstrip("0") or "0"
    largest = profile.largest_range
    if largest is not None and any((len(n), n) > (len(largest), largest) for n in (first, last)):
        return False
    # Numbers of any length are compared without int(), whose time grows with the square.
    return not match[2] or (len(first), first) <= (len(last), last)


def unsafe_request_header_names(headers: Headers, profile: Profile) -> tuple[str, ...]:
    """The names that a preflight must ask for: lower case, sorted, each once.

    ``headers`` are what is left once forbidden ones are dropped.

    https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
    """
    if not headers:
        return ()
    unsafe: list[str] = []
    safe: list[str] = []
    size = 0
    for name, value in headers:
        if is_safelisted_request_header(name, value, profile):
            safe.append(name.lower())
            size += len(value)
        else:
            unsafe.append(name.lower())
    if size > _LONGEST_SUM and profile.limits_sum:
        unsafe += safe
    return tuple(sorted(unsafe if profile.repeats_names else set(unsafe)))


def combine(headers: Iterable[tuple[str, str]]) -> Headers:
    """Lines of one name joined by ``", "`` where the first stands, as ``Headers.get()`` shows."""
    values: dict[str, tuple[str, str]] = {}
    for name, value in headers:
        key = name.lower()
        first = values.get(key)
        values[key] = (name, value) if first is None else (first[0], f"{first[1]}, {value}")
    return tuple((name, value.strip(HTTP_WHITESPACE)) for name, value in values.values())
