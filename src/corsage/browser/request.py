"""From JavaScript's call to the request that the browser starts with.

The checks of the ``Request`` constructor (https://fetch.spec.whatwg.org/#dom-request) and of
``XMLHttpRequest`` (https://xhr.spec.whatwg.org/#the-open()-method), before any network.
"""

from __future__ import annotations

from typing import NamedTuple

from corsage.browser.check import Failure
from corsage.browser.exchange import Headers, Request
from corsage.browser.fields import HTTP_WHITESPACE, is_header_value, is_token
from corsage.browser.profiles import Profile
from corsage.browser.safelist import (
    FORBIDDEN_METHODS,
    SAFELISTED_METHODS,
    combine,
    is_forbidden_request_header,
    is_safelisted_request_header,
    normalise_method,
    unsafe_request_header_names,
)
from corsage.browser.url import Url, parse
from corsage.browser.verdict import Reason

_BODY_TYPE = ("Content-Type", "text/plain;charset=UTF-8")
_NO_DROPS: frozenset[str] = frozenset()

# https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header-name
_NO_CORS_SAFELISTED = frozenset({"accept", "accept-language", "content-language", "content-type"})


class Hop(NamedTuple):
    """A request on its way: what it is now, after as many redirects as it has followed.

    ``origin`` is what the request says in ``Origin``, serialised: the page's, or ``null`` once
    redirects have ``tainted`` it. ``page_headers`` are what a redirect may start from again and
    ``page_unsafe`` the names among them that are not safelisted; ``dropped`` names what the last
    redirect removed. ``listens`` is XMLHttpRequest's upload listener flag.
    """

    url: Url
    method: str
    headers: Headers
    body: str | None
    origin: str
    page_headers: Headers
    page_unsafe: tuple[str, ...]
    listens: bool = False
    tainted: bool = False
    redirects: int = 0
    dropped: frozenset[str] = _NO_DROPS

    @property
    def href(self) -> str:
        """The URL as it goes on the wire."""
        return self.url.without_fragment().href


def construct(request: Request, profile: Profile) -> Hop | Failure:
    """The first hop, or why JavaScript gets a TypeError (or ``open()`` a SyntaxError) at once."""
    url = parse(request.url, parse(request.page_url or request.origin))
    if url is None:
        return Failure(Reason.INVALID_URL, request.url)
    is_fetch = request.initiator == "fetch"
    if is_fetch and url.has_credentials:
        return Failure(Reason.URL_CONTAINS_CREDENTIALS, request.url)
    if not is_token(request.method):
        return Failure(Reason.INVALID_METHOD, request.method)
    if request.method.upper() in FORBIDDEN_METHODS:
        return Failure(Reason.FORBIDDEN_METHOD, request.method)
    method = normalise_method(request.method)
    if request.mode == "no-cors" and method not in SAFELISTED_METHODS:
        return Failure(Reason.NO_CORS_METHOD, request.method)
    body = request.body
    if body is not None and method in {"GET", "HEAD"}:
        if is_fetch:
            return Failure(Reason.BODY_NOT_ALLOWED, method)
        body = None
    for name, value in request.headers:
        if not (is_token(name) and is_header_value(value.strip(HTTP_WHITESPACE))):
            return Failure(Reason.INVALID_HEADER, name)
    headers = request_headers(request, profile)
    unsafe = unsafe_request_header_names(headers, profile)
    if body is not None and not any(name.lower() == "content-type" for name, _ in headers):
        headers = (*headers, _BODY_TYPE)
    page_headers = headers
    if profile.merges_lines_its_own_way:
        headers = _merge_its_own_way(page_headers, body is not None)
        page_headers = _merge_its_own_way(page_headers, has_body=False)
    # https://xhr.spec.whatwg.org/#upload-listener-flag
    listens = request.upload_listeners and not (profile.upload_listeners_need_body and body is None)
    return Hop(url, method, headers, body, request.origin, page_headers, unsafe, listens)


def request_headers(request: Request, profile: Profile) -> Headers:
    """The headers that remain of those that JavaScript set, before a body adds its type.

    Forbidden names are dropped without a word; mode ``no-cors`` keeps only what a form could
    send (https://fetch.spec.whatwg.org/#concept-headers-append). Values lose the blanks around
    them.
    """
    if not request.headers:
        return ()
    kept: list[tuple[str, str]] = []
    for name, raw in request.headers:
        value = raw.strip(HTTP_WHITESPACE)
        if is_forbidden_request_header(name, value) or name.lower() in profile.ignored_headers:
            continue
        if request.mode == "no-cors" and not _no_cors_safelisted(kept, name, value, profile):
            continue
        kept.append((name, value))
    if profile.joins_request_headers or request.initiator == "xmlhttprequest":
        return combine(kept)
    return tuple(kept)


# nsHttpHeaderArray.h in Firefox; Range by dom/fetch. Of these, one line is sent.
_SINGLETONS = frozenset(
    {
        "authorization",
        "content-disposition",
        "content-type",
        "from",
        "if-modified-since",
        "if-unmodified-since",
        "location",
        "max-forwards",
        "range",
        "user-agent",
    }
)


def _merge_its_own_way(headers: Headers, has_body: bool) -> Headers:
    """What Firefox sends of repeated headers: of a singleton the last line (of Content-Type, with
    a body, the first); of others all since the last empty one."""
    merged: dict[str, tuple[str, str]] = {}
    for name, value in headers:
        key = name.lower()
        before = merged.get(key)
        if before is None:
            merged[key] = (name, value)
        elif key in _SINGLETONS:
            if not (has_body and key == "content-type"):
                merged[key] = (name, value)
        else:
            joined = f"{before[1]}, {value}" if before[1] and value else value
            merged[key] = (before[0], joined)
    return tuple(merged.values())


def _no_cors_safelisted(
    kept: list[tuple[str, str]], name: str, value: str, profile: Profile
) -> bool:
    lowered = name.lower()
    if lowered not in _NO_CORS_SAFELISTED:
        return False
    together = ", ".join([*(v for n, v in kept if n.lower() == lowered), value])
    return is_safelisted_request_header(lowered, together, profile)
