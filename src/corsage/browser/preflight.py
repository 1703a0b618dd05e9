"""The preflight: when one is needed, what it asks, and whether the answer is enough.

https://fetch.spec.whatwg.org/#cors-preflight-fetch
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from corsage.browser.check import Failure, cors_check
from corsage.browser.exchange import Headers, Request, Response, WireRequest
from corsage.browser.fields import TokenList, tokens
from corsage.browser.origin import is_same_origin
from corsage.browser.profiles import STANDARD, Profile
from corsage.browser.redirects import location_of, target_of
from corsage.browser.request import Hop, construct
from corsage.browser.safelist import SAFELISTED_METHODS, unsafe_request_header_names
from corsage.browser.verdict import Reason

_OK = range(200, 300)

_AS_PREFLIGHT: Mapping[Reason, Reason] = MappingProxyType(
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
    """The preflight that a page's request costs; None where it costs none (or is never sent).

    >>> asked = preflight_for(Request("https://api.example/", "https://app.example", "DELETE"))
    >>> asked.method, dict(asked.headers)["Access-Control-Request-Method"]
    ('OPTIONS', 'DELETE')
    """
    hop = construct(request, profile)
    if isinstance(hop, Failure) or request.mode != "cors" or not hop.url.is_http:
        return None
    if is_same_origin(request.origin, hop.url):
        return None
    names = names_to_ask(hop, profile)
    return None if names is None else preflight_request(hop, names, request.origin)


def names_to_ask(hop: Hop, profile: Profile) -> tuple[str, ...] | None:
    """The header names that this hop's preflight asks for; None where the hop needs none."""
    # Firefox asks for the names of the page's headers, not of what is left of them at this hop.
    if profile.preflight_sticks:
        names = hop.page_unsafe
    else:
        names = unsafe_request_header_names(hop.headers, profile)
    if not names and hop.method in SAFELISTED_METHODS and not hop.listens:
        return None
    # What an earlier redirect dropped is asked for again, what this one dropped is not.
    return tuple(name for name in names if name not in hop.dropped)


def preflight_request(hop: Hop, names: tuple[str, ...], origin: str) -> WireRequest:
    """The OPTIONS request that asks for a hop's method and the headers in ``names``."""
    headers: Headers = (
        ("Accept", "*/*"),
        ("Access-Control-Request-Method", hop.method),
        *((("Access-Control-Request-Headers", ",".join(names)),) if names else ()),
        ("Origin", origin),
    )
    return WireRequest("preflight", "OPTIONS", hop.href, headers)


def preflight_check(
    response: Response,
    names: tuple[str, ...],
    hop: Hop,
    request: Request,
    profile: Profile,
    *,
    origin: str | None,
) -> Failure | None:
    """Why the answer to a preflight does not allow the actual request; None if it does.

    ``origin`` is what the preflight carried; None leaves the CORS check out. The credentials mode
    is the actual request's: a preflight itself never has credentials.
    """
    include = request.credentials == "include"
    status = _status_check(response, hop, request, profile)
    if status is not None and (
        profile.preflight_status_first
        or (profile.preflight_redirect_first and status.reason is not Reason.PREFLIGHT_STATUS)
    ):
        return status
    if origin is not None:
        failure = cors_check(response.headers, origin, include, profile)
        if failure is not None:
            return failure._replace(reason=_AS_PREFLIGHT[failure.reason])
    return status or _lists_check(response.headers, hop.method, names, include, profile)


def _status_check(
    response: Response, hop: Hop, request: Request, profile: Profile
) -> Failure | None:
    if response.status in _OK:
        return None
    location = location_of(response, profile)
    value = str(response.status)
    if location is None or (
        profile.redirect_mode_hides_preflight_redirect and request.redirect != "follow"
    ):
        return Failure(Reason.PREFLIGHT_STATUS, value)
    target = target_of(location, hop)
    if target is None:
        return Failure(Reason.INVALID_REDIRECT, value)
    if profile.preflight_redirect_is_plain and (not target.is_http or target.has_credentials):
        return Failure(Reason.UNSAFE_REDIRECT, value)
    return Failure(Reason.PREFLIGHT_REDIRECT, value)


def _lists_check(
    headers: Headers, method: str, names: tuple[str, ...], include: bool, profile: Profile
) -> Failure | None:
    methods = tokens(headers, "access-control-allow-methods", profile)
    listed = tokens(headers, "access-control-allow-headers", profile)
    # A bad token fails the preflight even where the list is not needed.
    bad_methods = _bad_token(methods, Reason.PREFLIGHT_INVALID_ALLOW_METHODS)
    bad_headers = _bad_token(listed, Reason.PREFLIGHT_INVALID_ALLOW_HEADERS)
    no_method = None
    # With credentials "*" is not a wildcard but a method, or a header, of that name.
    if not (
        method in SAFELISTED_METHODS
        or method in methods.tokens
        or ("*" in methods.tokens and not include)
    ):
        no_method = Failure(Reason.METHOD_NOT_ALLOWED, method)
    if profile.preflight_method_first:
        failure = bad_methods or no_method or bad_headers
    else:
        failure = bad_methods or bad_headers or no_method
    return failure or _names_check(listed.tokens, names, include, profile)


def _bad_token(found: TokenList, reason: Reason) -> Failure | None:
    return None if found.invalid is None else Failure(reason, found.invalid)


def _names_check(
    listed: tuple[str, ...], names: tuple[str, ...], include: bool, profile: Profile
) -> Failure | None:
    if not names:
        return None
    allowed = {name.lower() for name in listed}
    missing = tuple(name for name in names if name not in allowed)
    if "*" in allowed and not include:
        if profile.wildcard_covers_authorization:
            return None
        # https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
        missing = tuple(name for name in missing if name == "authorization")
    return Failure(Reason.HEADER_NOT_ALLOWED, missing[0], missing) if missing else None
