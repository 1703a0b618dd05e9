"""The preflight: when one is needed, what it asks, and whether the answer is enough.

https://fetch.spec.whatwg.org/#cors-preflight-fetch
"""

from __future__ import annotations

from types import MappingProxyType

from corsage.browser.check import Failure, cors_check
from corsage.browser.exchange import Headers, Request, Response, WireRequest
from corsage.browser.fields import get, tokens
from corsage.browser.origin import is_same_origin
from corsage.browser.profiles import STANDARD, Profile
from corsage.browser.safelist import (
    SAFELISTED_METHODS,
    normalise_method,
    page_headers,
    unsafe_request_header_names,
)
from corsage.browser.url import parse
from corsage.browser.verdict import Reason

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
"""https://fetch.spec.whatwg.org/#redirect-status"""

_OK = range(200, 300)

_AS_PREFLIGHT = MappingProxyType(
    {
        Reason.MISSING_ALLOW_ORIGIN: Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN,
        Reason.WILDCARD_WITH_CREDENTIALS: Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS,
        Reason.MULTIPLE_ALLOW_ORIGIN: Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN,
        Reason.INVALID_ALLOW_ORIGIN: Reason.PREFLIGHT_INVALID_ALLOW_ORIGIN,
        Reason.ALLOW_ORIGIN_MISMATCH: Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH,
        Reason.INVALID_ALLOW_CREDENTIALS: Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS,
    }
)


def preflight_for(request: Request, profile: Profile = STANDARD) -> WireRequest | None:
    """The preflight that a page's request costs; None where it costs none.

    >>> asked = preflight_for(Request("https://api.example/", "https://app.example", "DELETE"))
    >>> asked.method, dict(asked.headers)["Access-Control-Request-Method"]
    ('OPTIONS', 'DELETE')
    """
    url = parse(request.url)
    if request.mode != "cors" or url is None or not url.is_http:
        return None
    if is_same_origin(request.origin, url):
        return None
    method = normalise_method(request.method)
    headers = page_headers(request.headers, request.mode, profile)
    unsafe = unsafe_request_header_names(headers, profile)
    if method in SAFELISTED_METHODS and not unsafe and not request.upload_listeners:
        return None
    return preflight_request(url.without_fragment().href, method, unsafe, request.origin)


def preflight_request(
    url: str, method: str, unsafe: tuple[str, ...], origin: str | None
) -> WireRequest:
    """The OPTIONS request that asks for ``method`` and the headers named ``unsafe``."""
    asked: Headers = (("Accept", "*/*"), ("Access-Control-Request-Method", method))
    if unsafe:
        asked = (*asked, ("Access-Control-Request-Headers", ",".join(unsafe)))
    if origin is not None:
        asked = (*asked, ("Origin", origin))
    return WireRequest("preflight", "OPTIONS", url, asked)


def preflight_check(
    response: Response,
    method: str,
    unsafe: tuple[str, ...],
    origin: str | None,
    include: bool,
    profile: Profile,
) -> Failure | None:
    """Why the answer to a preflight does not allow the actual request; None if it does.

    ``origin`` is what the preflight carried; None skips the CORS check. ``include`` is about
    the actual request: a preflight itself never has credentials.
    """
    status = _status_check(response)
    if status is not None and (
        profile.preflight_status_first
        or (profile.preflight_redirect_first and status.reason is Reason.PREFLIGHT_REDIRECT)
    ):
        return status
    if origin is not None:
        failure = cors_check(response.headers, origin, include, profile)
        if failure is not None:
            return failure._replace(reason=_AS_PREFLIGHT[failure.reason])
    return status or _lists_check(response.headers, method, unsafe, include, profile)


def _status_check(response: Response) -> Failure | None:
    if response.status in _OK:
        return None
    redirects = response.status in REDIRECT_STATUSES and get(response.headers, "location")
    reason = Reason.PREFLIGHT_REDIRECT if redirects else Reason.PREFLIGHT_STATUS
    return Failure(reason, str(response.status))


def _lists_check(
    headers: Headers, method: str, unsafe: tuple[str, ...], include: bool, profile: Profile
) -> Failure | None:
    methods = tokens(headers, "access-control-allow-methods")
    names = tokens(headers, "access-control-allow-headers")
    if methods.invalid is not None:
        return Failure(Reason.PREFLIGHT_INVALID_ALLOW_METHODS, methods.invalid)
    bad_name = None
    if names.invalid is not None:
        bad_name = Failure(Reason.PREFLIGHT_INVALID_ALLOW_HEADERS, names.invalid)
    if bad_name is not None and not profile.preflight_method_first:
        return bad_name
    # With credentials "*" is not a wildcard but a method and a header of that name.
    if not (
        method in SAFELISTED_METHODS
        or method in methods.tokens
        or ("*" in methods.tokens and not include)
    ):
        return Failure(Reason.METHOD_NOT_ALLOWED, method)
    return bad_name or _names_check(names.tokens, unsafe, include, profile)


def _names_check(
    listed: tuple[str, ...], unsafe: tuple[str, ...], include: bool, profile: Profile
) -> Failure | None:
    if not unsafe:
        return None
    allowed = {name.lower() for name in listed}
    missing = tuple(name for name in unsafe if name not in allowed)
    if "*" in allowed and not include:
        if profile.wildcard_covers_authorization:
            return None
        # https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
        missing = tuple(name for name in missing if name == "authorization")
    return Failure(Reason.HEADER_NOT_ALLOWED, missing[0], missing) if missing else None
