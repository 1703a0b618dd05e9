"""What browsers print about a blocked request, to the letter.

Chromium 156 and Firefox 153 ESR as observed; Safari from WebKit's source. Where a browser prints
several lines, the first names the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from corsage.browser.check import Failure
from corsage.browser.exchange import Initiator
from corsage.browser.verdict import Reason


class Scene(NamedTuple):
    """What a message speaks of: ``url`` is the last one asked, ``first_url`` the one that the
    page asked for, ``status`` of the last response (None where none came)."""

    initiator: Initiator
    origin: str
    first_url: str
    url: str
    status: int | None = None
    page_url: str | None = None
    cors: bool = False


# The DevTools protocol's Network.CorsError values, in version 156.
CORS_ERRORS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.MISSING_ALLOW_ORIGIN: "MissingAllowOriginHeader",
        Reason.WILDCARD_WITH_CREDENTIALS: "WildcardOriginNotAllowed",
        Reason.MULTIPLE_ALLOW_ORIGIN: "MultipleAllowOriginValues",
        Reason.INVALID_ALLOW_ORIGIN: "InvalidAllowOriginValue",
        Reason.ALLOW_ORIGIN_MISMATCH: "AllowOriginMismatch",
        Reason.INVALID_ALLOW_CREDENTIALS: "InvalidAllowCredentials",
        Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN: "PreflightMissingAllowOriginHeader",
        Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS: "PreflightWildcardOriginNotAllowed",
        Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN: "PreflightMultipleAllowOriginValues",
        Reason.PREFLIGHT_INVALID_ALLOW_ORIGIN: "PreflightInvalidAllowOriginValue",
        Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH: "PreflightAllowOriginMismatch",
        Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS: "PreflightInvalidAllowCredentials",
        Reason.PREFLIGHT_STATUS: "PreflightInvalidStatus",
        Reason.PREFLIGHT_REDIRECT: "PreflightDisallowedRedirect",
        Reason.PREFLIGHT_INVALID_ALLOW_METHODS: "InvalidAllowMethodsPreflightResponse",
        Reason.PREFLIGHT_INVALID_ALLOW_HEADERS: "InvalidAllowHeadersPreflightResponse",
        Reason.METHOD_NOT_ALLOWED: "MethodDisallowedByPreflightResponse",
        Reason.HEADER_NOT_ALLOWED: "HeaderDisallowedByPreflightResponse",
        Reason.REDIRECT_CONTAINS_CREDENTIALS: "RedirectContainsCredentials",
        Reason.SCHEME_NOT_CORS: "CorsDisabledScheme",
        Reason.SAME_ORIGIN_MODE: "DisallowedByMode",
        Reason.NO_CORS_REDIRECT_MODE: "NoCorsRedirectModeNotFollow",
        Reason.LOCAL_NETWORK_ACCESS: "LocalNetworkAccessPermissionDenied",
    }
)

_HINT = " Have the server send the header with a valid value."
_XHR = (
    " The credentials mode of requests initiated by the XMLHttpRequest is controlled by the"
    " withCredentials attribute."
)
_PREFLIGHT = "Response to preflight request doesn't pass access control check: "
_ALLOW_ORIGIN = "The 'Access-Control-Allow-Origin' header "
_MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
_WILDCARD = (
    "The value of the 'Access-Control-Allow-Origin' header in the response must not be the"
    " wildcard '*' when the request's credentials mode is 'include'.{xhr}"
)
_MULTIPLE = _ALLOW_ORIGIN + "contains multiple values '{value}', but only one is allowed." + _HINT
_INVALID = _ALLOW_ORIGIN + "contains the invalid value '{value}'." + _HINT
_MISMATCH = (
    _ALLOW_ORIGIN + "has a value '{value}' that is not equal to the supplied origin." + _HINT
)
_CREDENTIALS = (
    "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which"
    " must be 'true' when the request's credentials mode is 'include'.{xhr}"
)
_UNPARSABLE = "Cannot parse {header} response header field in preflight response."

_CHROMIUM: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.MISSING_ALLOW_ORIGIN: _MISSING,
        Reason.WILDCARD_WITH_CREDENTIALS: _WILDCARD,
        Reason.MULTIPLE_ALLOW_ORIGIN: _MULTIPLE,
        Reason.INVALID_ALLOW_ORIGIN: _INVALID,
        Reason.ALLOW_ORIGIN_MISMATCH: _MISMATCH,
        Reason.INVALID_ALLOW_CREDENTIALS: _CREDENTIALS,
        Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN: _PREFLIGHT + _MISSING,
        Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS: _PREFLIGHT + _WILDCARD,
        Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN: _PREFLIGHT + _MULTIPLE,
        Reason.PREFLIGHT_INVALID_ALLOW_ORIGIN: _PREFLIGHT + _INVALID,
        Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH: _PREFLIGHT + _MISMATCH,
        Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS: _PREFLIGHT + _CREDENTIALS,
        Reason.PREFLIGHT_STATUS: _PREFLIGHT + "It does not have HTTP ok status.",
        Reason.PREFLIGHT_REDIRECT: (
            _PREFLIGHT + "Redirect is not allowed for a preflight request."
        ),
        Reason.PREFLIGHT_INVALID_ALLOW_METHODS: _UNPARSABLE.format(
            header="Access-Control-Allow-Methods"
        ),
        Reason.PREFLIGHT_INVALID_ALLOW_HEADERS: _UNPARSABLE.format(
            header="Access-Control-Allow-Headers"
        ),
        Reason.METHOD_NOT_ALLOWED: (
            "Method {value} is not allowed by Access-Control-Allow-Methods in preflight response."
        ),
        Reason.HEADER_NOT_ALLOWED: (
            "Request header field {value} is not allowed by Access-Control-Allow-Headers in"
            " preflight response."
        ),
        Reason.REDIRECT_CONTAINS_CREDENTIALS: (
            "Redirect location '' contains a username and password, which is disallowed for"
            " cross-origin requests."
        ),
        Reason.SCHEME_NOT_CORS: (
            "Cross origin requests are only supported for protocol schemes: chrome,"
            " chrome-experimental-site-token-provider, chrome-extension, chrome-untrusted, data,"
            " http, https, isolated-app."
        ),
        Reason.LOCAL_NETWORK_ACCESS: (
            "Permission was denied for this request to access the `{value}` address space."
        ),
    }
)
# Refused before anything is sent; Chromium words these without "blocked by CORS policy".
_CHROMIUM_REFUSED: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.SAME_ORIGIN_MODE: (
            'Request mode is "same-origin" but the URL\'s origin is not same as the request origin'
            " {origin}."
        ),
        Reason.NO_CORS_REDIRECT_MODE: (
            'Request mode is "no-cors" but the redirect mode is not "follow".'
        ),
        Reason.SCHEME_NOT_CORS: 'URL scheme "{value}" is not supported.',
    }
)
_CHROMIUM_NET_ERRORS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.TOO_MANY_REDIRECTS: "net::ERR_TOO_MANY_REDIRECTS",
        Reason.INVALID_REDIRECT: "net::ERR_INVALID_REDIRECT",
        Reason.UNSAFE_REDIRECT: "net::ERR_UNSAFE_REDIRECT",
        Reason.PROXY_AUTHENTICATION: "net::ERR_UNEXPECTED_PROXY_AUTH",
    }
)


def chromium(failure: Failure, scene: Scene) -> tuple[str, ...]:
    """Chromium's lines."""
    reason, value, _ = failure
    refused = _CHROMIUM_REFUSED.get(reason)
    if refused is not None and scene.status is None and scene.url == scene.first_url:
        detail = refused.format(origin=scene.origin, value=value)
        return (f"Fetch API cannot load {scene.url}. {detail}",)
    detail = _CHROMIUM.get(reason)
    if detail is None:
        net_error = _CHROMIUM_NET_ERRORS.get(reason)
        return () if net_error is None else (f"Failed to load resource: {net_error}",)
    xhr = _XHR if scene.initiator == "xmlhttprequest" else ""
    kind = "XMLHttpRequest" if scene.initiator == "xmlhttprequest" else "fetch"
    via = f"(redirected from '{scene.first_url}') " if scene.url != scene.first_url else ""
    return (
        f"Access to {kind} at '{scene.url}' {via}from origin '{scene.origin}' has been blocked by"
        f" CORS policy: {detail.format(value=value, xhr=xhr)}",
        "Failed to load resource: net::ERR_FAILED",
    )


_FIREFOX_BLOCKED = (
    "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at"
    " {url}. (Reason: {reason}"
)
_FF_MISSING = "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: {status}."
_FF_MISMATCH = "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’)."
_FF_MULTIPLE = "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed)."
_FF_WILDCARD = (
    "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’)."
)
_FF_CREDENTIALS = "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’)."
_FF_STATUS = "CORS preflight response did not succeed). Status code: {value}."
_FF_FAILED = "CORS request did not succeed). Status code: (null)."

_FIREFOX: Mapping[Reason, tuple[str, ...]] = MappingProxyType(
    {
        Reason.MISSING_ALLOW_ORIGIN: (_FF_MISSING,),
        Reason.WILDCARD_WITH_CREDENTIALS: (_FF_WILDCARD,),
        Reason.INVALID_ALLOW_ORIGIN: (_FF_MISMATCH,),
        Reason.ALLOW_ORIGIN_MISMATCH: (_FF_MISMATCH,),
        Reason.INVALID_ALLOW_CREDENTIALS: (_FF_CREDENTIALS,),
        Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN: (_FF_MISSING, _FF_FAILED),
        Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS: (_FF_WILDCARD, _FF_FAILED),
        Reason.PREFLIGHT_INVALID_ALLOW_ORIGIN: (_FF_MISMATCH, _FF_FAILED),
        Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH: (_FF_MISMATCH, _FF_FAILED),
        Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS: (_FF_CREDENTIALS, _FF_FAILED),
        Reason.PREFLIGHT_STATUS: (_FF_STATUS, _FF_FAILED),
        Reason.PREFLIGHT_REDIRECT: (
            "CORS request external redirect not allowed).",
            _FF_STATUS,
            _FF_FAILED,
        ),
        Reason.PREFLIGHT_INVALID_ALLOW_METHODS: (
            "invalid token ‘{value}’ in CORS header ‘Access-Control-Allow-Methods’).",
            _FF_FAILED,
        ),
        Reason.PREFLIGHT_INVALID_ALLOW_HEADERS: (
            "invalid token ‘{value}’ in CORS header ‘Access-Control-Allow-Headers’).",
            _FF_FAILED,
        ),
        Reason.METHOD_NOT_ALLOWED: (
            "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
            _FF_FAILED,
        ),
        Reason.HEADER_NOT_ALLOWED: (
            "header ‘{value}’ is not allowed according to header ‘Access-Control-Allow-Headers’"
            " from CORS preflight response).",
            _FF_FAILED,
        ),
        Reason.REDIRECT_CONTAINS_CREDENTIALS: (_FF_FAILED,),
        Reason.SCHEME_NOT_CORS: ("CORS request not http).",),
        Reason.NETWORK_FAILURE: (_FF_FAILED,),
        Reason.PREFLIGHT_NETWORK_FAILURE: (_FF_FAILED,),
        Reason.TOO_MANY_REDIRECTS: (_FF_FAILED,),
        Reason.INVALID_REDIRECT: (_FF_FAILED,),
        Reason.UNSAFE_REDIRECT: (_FF_FAILED,),
        Reason.REDIRECT_MODE_ERROR: (_FF_FAILED,),
    }
)
_FF_SEVERAL = {
    Reason.MULTIPLE_ALLOW_ORIGIN: (),
    Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN: (_FF_FAILED,),
}


def firefox(failure: Failure, scene: Scene, repeated: bool = False) -> tuple[str, ...]:
    """Firefox's lines. ``repeated``: several lines of Access-Control-Allow-Origin were sent."""
    reason, value, _ = failure
    if reason is Reason.SAME_ORIGIN_MODE:
        page = scene.page_url or f"{scene.origin}/"
        return (f"Security Error: Content at {page} may not load data from {scene.url}.",)
    if not scene.cors:
        return ()
    if reason in _FF_SEVERAL:
        texts = (_FF_MULTIPLE if repeated else _FF_MISMATCH, *_FF_SEVERAL[reason])
    else:
        texts = _FIREFOX.get(reason, ())
    return tuple(
        _FIREFOX_BLOCKED.format(
            url=_quoted(scene.url, text), reason=text.format(value=value, status=scene.status)
        )
        for text in texts
    )


def _quoted(url: str, text: str) -> str:
    # The message about credentials is the only one that puts the URL in quotes.
    return f"‘{url}’" if text is _FF_WILDCARD else url


_PARAMETER = frozenset(
    {
        Reason.MULTIPLE_ALLOW_ORIGIN,
        Reason.INVALID_ALLOW_ORIGIN,
        Reason.ALLOW_ORIGIN_MISMATCH,
        Reason.INVALID_ALLOW_CREDENTIALS,
        Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN,
        Reason.PREFLIGHT_INVALID_ALLOW_ORIGIN,
        Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH,
        Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS,
        Reason.METHOD_NOT_ALLOWED,
        Reason.HEADER_NOT_ALLOWED,
    }
)


def failed_parameter(failure: Failure) -> str:
    """The DevTools protocol's ``failedParameter``."""
    return failure.value if failure.reason in _PARAMETER else ""
