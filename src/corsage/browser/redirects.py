"""Redirects: where a response leads, and what becomes of the request on the way.

https://fetch.spec.whatwg.org/#http-redirect-fetch
"""

from __future__ import annotations

from dataclasses import replace

from corsage.browser.check import Failure
from corsage.browser.exchange import Request, Response
from corsage.browser.fields import lines
from corsage.browser.origin import OPAQUE, is_same_origin
from corsage.browser.profiles import Profile
from corsage.browser.request import Hop
from corsage.browser.safelist import normalise_method
from corsage.browser.url import parse
from corsage.browser.verdict import Reason

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
"""https://fetch.spec.whatwg.org/#redirect-status"""

MAX_REDIRECTS = 20

# https://fetch.spec.whatwg.org/#request-body-header-name
_BODY_HEADERS = frozenset(
    {"content-encoding", "content-language", "content-location", "content-type"}
)
_AUTHORIZATION = frozenset({"authorization"})
_NOTHING: frozenset[str] = frozenset()


def location_of(response: Response, profile: Profile) -> str | None:
    """What ``Location`` holds if the response is a redirect; None if it is a response to keep."""
    if response.status not in REDIRECT_STATUSES:
        return None
    found = lines(response.headers, "location")
    if not found or (not found[0] and profile.empty_location_stays):
        return None
    # Several lines that differ are no Location: joined by a line break, they fail to parse.
    return found[0] if len(set(found)) == 1 else "\n".join(found)


def follow(
    hop: Hop, location: str, status: int, cors: bool, request: Request, profile: Profile
) -> Hop | Failure:
    """The next hop, or why the redirect is not followed.

    ``cors``: the response tainting is ``cors``, so the redirect's own CORS check has passed.
    """
    # Location is bytes: what is not ASCII is percent-encoded byte by byte.
    encoded = "".join(c if c.isascii() else f"%{ord(c):02X}" for c in location)
    url = None if "\n" in location else parse(encoded, hop.url)
    if url is None:
        return Failure(Reason.INVALID_REDIRECT, location)
    if not url.is_http:
        return Failure(Reason.UNSAFE_REDIRECT, location)
    if hop.redirects == MAX_REDIRECTS:
        return Failure(Reason.TOO_MANY_REDIRECTS)
    if url.has_credentials and (
        cors
        or profile.same_origin_userinfo_blocked
        or (request.mode == "cors" and not is_same_origin(request.origin, url))
    ):
        return Failure(Reason.REDIRECT_CONTAINS_CREDENTIALS, location)
    if url.fragment is None and hop.url.fragment is not None:
        url = replace(url, fragment=hop.url.fragment)
    crosses = url.origin != hop.url.origin
    dropped = _AUTHORIZATION if crosses else _NOTHING
    if profile.redirect_drops and not is_same_origin(request.origin, url):
        dropped |= profile.redirect_drops
    method, body = hop.method, hop.body
    if _becomes_get(status, method):
        method, body = "GET", None
        dropped |= _BODY_HEADERS
    headers, lost = hop.headers, dropped
    if profile.redirect_restores_headers:
        # Firefox starts again from the page's headers, and asks of the page's own method whether
        # this redirect takes the body's headers away.
        headers, lost = hop.page_headers, dropped - _BODY_HEADERS
        if _becomes_get(status, normalise_method(request.method)):
            lost |= _BODY_HEADERS
    taints = crosses and not is_same_origin(request.origin, hop.url)
    return hop._replace(
        url=url,
        method=method,
        body=body,
        headers=tuple(line for line in headers if line[0].lower() not in lost),
        origin=OPAQUE if taints else hop.origin,
        redirects=hop.redirects + 1,
        dropped=dropped,
    )


def _becomes_get(status: int, method: str) -> bool:
    return (status in {301, 302} and method == "POST") or (
        status == 303 and method not in {"GET", "HEAD"}
    )
