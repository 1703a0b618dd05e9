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
from corsage.browser.url import Url, parse
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


def is_redirect(response: Response) -> bool:
    """Whether the status is a redirect status; ``Location`` is another matter."""
    return response.status in REDIRECT_STATUSES


def location_of(response: Response, profile: Profile) -> str | None:
    """What ``Location`` holds if the response is a redirect; None if it leads nowhere."""
    if not is_redirect(response):
        return None
    found = lines(response.headers, "location")
    if not found or (not found[0] and profile.empty_location_stays):
        return None
    # Several lines that differ are no Location: joined by a line break, they fail to parse.
    return found[0] if len(set(found)) == 1 else "\n".join(found)


def target_of(location: str, hop: Hop) -> Url | None:
    """The URL that ``location`` leads to; None where it is none.

    https://fetch.spec.whatwg.org/#concept-response-location-url
    """
    if "\n" in location:
        return None
    # Location is bytes: what is not ASCII is percent-encoded byte by byte.
    encoded = "".join(c if c.isascii() else f"%{ord(c):02X}" for c in location)
    url = parse(encoded, hop.url)
    if url is None or url.fragment is not None or not hop.url.fragment:
        return url
    return replace(url, fragment=hop.url.fragment)


def follow(
    hop: Hop, location: str, status: int, cors: bool, request: Request, profile: Profile
) -> Hop | Failure:
    """The next hop, or why the redirect is not followed.

    ``cors``: the response tainting is ``cors``, so the redirect's own CORS check has passed.
    """
    url = target_of(location, hop)
    if url is None:
        return Failure(Reason.INVALID_REDIRECT, location)
    if not url.is_http:
        refused = profile.redirect_schemes_refused
        if refused is None or url.scheme in refused or request.mode != "cors":
            return Failure(Reason.UNSAFE_REDIRECT, location)
        return Failure(Reason.SCHEME_NOT_CORS, url.href)
    if hop.redirects == MAX_REDIRECTS:
        return Failure(Reason.TOO_MANY_REDIRECTS)
    if url.has_credentials:
        foreign = request.mode == "cors" and not is_same_origin(request.origin, url)
        if cors or foreign:
            return Failure(Reason.REDIRECT_CONTAINS_CREDENTIALS, location)
        stays = request.mode != "same-origin" or is_same_origin(request.origin, url)
        if profile.same_origin_userinfo_blocked and request.initiator == "fetch" and stays:
            return Failure(Reason.UNSAFE_REDIRECT, location)
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
    at_home = is_same_origin(request.origin, hop.url)
    keeps = at_home and not (profile.no_cors_redirect_taints and request.mode == "no-cors")
    tainted = hop.tainted or (crosses and not keeps)
    return hop._replace(
        url=url,
        method=method,
        body=body,
        headers=tuple(line for line in headers if line[0].lower() not in lost),
        origin=OPAQUE if tainted else hop.origin,
        tainted=tainted,
        redirects=hop.redirects + 1,
        dropped=dropped,
    )


def _becomes_get(status: int, method: str) -> bool:
    return (status in {301, 302} and method == "POST") or (
        status == 303 and method not in {"GET", "HEAD"}
    )
