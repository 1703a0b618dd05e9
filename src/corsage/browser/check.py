"""The CORS check: may this origin read this response?

https://fetch.spec.whatwg.org/#cors-check
"""

from __future__ import annotations

from typing import NamedTuple

from corsage.browser.exchange import Headers
from corsage.browser.fields import as_utf8, get
from corsage.browser.profiles import Profile
from corsage.browser.url import parse
from corsage.browser.verdict import Reason


class Failure(NamedTuple):
    """A reason and what offended: a header's value, a method, header names, a status."""

    reason: Reason
    value: str = ""
    candidates: tuple[str, ...] = ()


def cors_check(headers: Headers, origin: str, include: bool, profile: Profile) -> Failure | None:
    """Why ``origin`` may not read a response with these headers; None if it may.

    ``origin`` is the serialised origin that the request carried, ``include`` whether its
    credentials mode is ``include``.
    """
    allowed = get(headers, "access-control-allow-origin", profile)
    if allowed is None:
        return Failure(Reason.MISSING_ALLOW_ORIGIN)
    if profile.refuses_repeated_allow_origin and is_repeated(headers):
        return Failure(Reason.MULTIPLE_ALLOW_ORIGIN, allowed)
    if allowed == "*" and not include:
        return None
    if allowed == "*":
        return Failure(Reason.WILDCARD_WITH_CREDENTIALS, allowed)
    if allowed != origin:
        return Failure(_kind_of_mismatch(allowed), allowed)
    if include:
        credentials = get(headers, "access-control-allow-credentials", profile)
        if credentials != "true":
            return Failure(Reason.INVALID_ALLOW_CREDENTIALS, credentials or "")
    return None


def _kind_of_mismatch(allowed: str) -> Reason:
    """The standard knows only "no match"; these are the kinds that Chromium tells apart."""
    if " " in allowed or "," in allowed:
        return Reason.MULTIPLE_ALLOW_ORIGIN
    if allowed == "null" or parse(as_utf8(allowed)) is not None:
        return Reason.ALLOW_ORIGIN_MISMATCH
    return Reason.INVALID_ALLOW_ORIGIN


def is_repeated(headers: Headers) -> bool:
    """Whether Firefox sees several lines of Access-Control-Allow-Origin: it counts those that are
    written in just this case, which over HTTP/2 none is."""
    return sum(name == "Access-Control-Allow-Origin" for name, _ in headers) > 1
