"""What browsers print about a blocked request, to the letter.

Chromium 156 and Firefox 153 ESR as observed; Safari from WebKit's source. Where a browser prints
several lines, the first names the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from corsage.browser.check import Failure, is_repeated
from corsage.browser.exchange import Request, Response
from corsage.browser.fields import as_utf8, to_bytes
from corsage.browser.profiles import FIREFOX
from corsage.browser.redirects import location_of
from corsage.browser.url import parse
from corsage.browser.verdict import Reason


class Scene(NamedTuple):
    """What a message speaks of.

    ``url`` is the last one asked and ``first_url`` the one that the page asked for, with their
    fragments. ``sent``: something went over the wire; ``answer`` is the last that came back.
    ``cors``: the request had been cross-origin by then.
    """

    request: Request
    first_url: str
    url: str
    sent: bool
    answer: Response | None
    cors: bool


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

_UNPRINTABLE = re.compile("[^ -~]")

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
_MULTIPLE = _ALLOW_ORIGIN + "contains multiple values '{value}', but only one is allowed.{hint}"
_INVALID = _ALLOW_ORIGIN + "contains the invalid value '{value}'.{hint}"
_MISMATCH = _ALLOW_ORIGIN + "has a value '{value}' that is not equal to the supplied origin.{hint}"
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
_UNSAFE_ATTEMPT = (
    "Unsafe attempt to load URL {url} from frame with URL {page}."
    " Domains, protocols and ports must match.\n"
)
_CHROMIUM_NET_ERRORS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.REDIRECT_MODE_ERROR: "net::ERR_FAILED",
        Reason.TOO_MANY_REDIRECTS: "net::ERR_TOO_MANY_REDIRECTS",
        Reason.INVALID_REDIRECT: "net::ERR_INVALID_REDIRECT",
        Reason.UNSAFE_REDIRECT: "net::ERR_UNSAFE_REDIRECT",
        Reason.PROXY_AUTHENTICATION: "net::ERR_UNEXPECTED_PROXY_AUTH",
    }
)


def lines(browser: str, failure: Failure, scene: Scene) -> tuple[str, ...]:
    """What the profile named ``browser`` prints; nothing where it has no console of its own."""
    printer = _PRINTERS.get(browser)
    return () if printer is None else printer(failure, scene)


def _chromium(failure: Failure, scene: Scene) -> tuple[str, ...]:
    reason, value, _ = failure
    request = scene.request
    refused = _CHROMIUM_REFUSED.get(reason)
    if refused is not None and not scene.sent:
        if request.initiator != "fetch":
            return ()
        detail = refused.format(origin=request.origin, value=value)
        return (f"Fetch API cannot load {scene.url}. {detail}",)
    if reason is Reason.SAME_ORIGIN_MODE:
        page = request.page_url or f"{request.origin}/"
        return (_UNSAFE_ATTEMPT.format(url=scene.url, page=page),)
    template = _CHROMIUM.get(reason)
    if template is None:
        net_error = _CHROMIUM_NET_ERRORS.get(reason)
        return () if net_error is None else (f"Failed to load resource: {net_error}",)
    is_xhr = request.initiator == "xmlhttprequest"
    # Chromium 156 gives the hint to fetch() alone, and its sentence on XMLHttpRequest to that.
    xhr, hint = (_XHR, "") if is_xhr else ("", _HINT)
    detail = template.format(value=_escaped(value), xhr=xhr, hint=hint)
    # A redirect to a scheme that is not fetched is told of the URL that it leads to.
    url = value if reason is Reason.SCHEME_NOT_CORS else scene.url
    via = f"(redirected from '{scene.first_url}') " if url != scene.first_url else ""
    kind = "XMLHttpRequest" if is_xhr else "fetch"
    blocked = f"Access to {kind} at '{url}' {via}from origin '{request.origin}' has been"
    return (
        f"{blocked} blocked by CORS policy: {detail}",
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
_FF_HEADER = (
    "header ‘{value}’ is not allowed according to header ‘Access-Control-Allow-Headers’"
    " from CORS preflight response)."
)
_FF_STATUS = "CORS preflight response did not succeed). Status code: {value}."
_FF_FAILED = "CORS request did not succeed). Status code: (null)."

_FIREFOX: Mapping[Reason, tuple[str, ...]] = MappingProxyType(
    {
        Reason.MISSING_ALLOW_ORIGIN: (_FF_MISSING,),
        Reason.WILDCARD_WITH_CREDENTIALS: (_FF_WILDCARD,),
        Reason.MULTIPLE_ALLOW_ORIGIN: (),
        Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN: (_FF_FAILED,),
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
        Reason.HEADER_NOT_ALLOWED: (_FF_HEADER, _FF_FAILED),
        Reason.REDIRECT_CONTAINS_CREDENTIALS: (_FF_FAILED,),
        Reason.SCHEME_NOT_CORS: ("CORS request not http).",),
        Reason.NETWORK_FAILURE: (_FF_FAILED,),
        Reason.PREFLIGHT_NETWORK_FAILURE: (_FF_FAILED,),
        Reason.TOO_MANY_REDIRECTS: (_FF_FAILED,),
        Reason.INVALID_REDIRECT: (_FF_FAILED,),
        Reason.UNSAFE_REDIRECT: (_FF_FAILED,),
        Reason.CORRUPT_RESPONSE: (_FF_FAILED,),
    }
)
_FF_UNSAFE = {
    "blob": "load data from",
    "file": "load or link to",
    "view-source": "load or link to",
}
_FF_SEVERAL = frozenset({Reason.MULTIPLE_ALLOW_ORIGIN, Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN})


def _escaped(value: str) -> str:
    """Chromium prints controls and what is not ASCII as ``\\u00E4``."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04X}", value)


def _firefox(failure: Failure, scene: Scene) -> tuple[str, ...]:
    reason, value, _ = failure
    url = scene.url.removesuffix("#")
    if reason is Reason.SAME_ORIGIN_MODE:
        page = scene.request.page_url or f"{scene.request.origin}/"
        return (f"Security Error: Content at {page} may not load data from {url}.",)
    refusal = _FF_UNSAFE.get(value.partition(":")[0])
    reads = scene.request.mode == "cors" or value.startswith(f"blob:{scene.request.origin}/")
    loads = scene.request.initiator == "fetch" and reads
    # A blob URL of the very origin that redirects to it is no security error, only not to be had.
    own_blob = refusal is not None and value.startswith(f"blob:{_origin_of(scene.url)}/")
    if reason is Reason.UNSAFE_REDIRECT and refusal and loads and not own_blob:
        return (f"Security Error: Content at {scene.url} may not {refusal} {value}.",)
    if not scene.cors and reason is not Reason.REDIRECT_CONTAINS_CREDENTIALS:
        return ()
    texts = _FIREFOX.get(reason, ())
    answer = scene.answer
    if answer is not None and reason in _FF_SEVERAL:
        texts = (_FF_MULTIPLE if is_repeated(answer.headers) else _FF_MISMATCH, *texts)
    if answer is not None and len(texts) == 1 and location_of(answer, FIREFOX) is not None:
        texts = (*texts, _FF_FAILED)  # the redirect fails, and then the request
    return tuple(
        _FIREFOX_BLOCKED.format(
            url=_quoted(url, text),
            reason=text.format(value=as_utf8(value), status=answer.status if answer else None),
        )
        for text in dict.fromkeys(texts)
    )


def _origin_of(url: str) -> str:
    parsed = parse(url)
    return parsed.origin if parsed else ""


def _quoted(url: str, text: str) -> str:
    # The message about credentials is the only one that puts the URL in quotes.
    return f"‘{url}’" if text is _FF_WILDCARD else url


_WK_ORIGIN = "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"
_WK_SEVERAL = "Access-Control-Allow-Origin cannot contain more than one origin."
_WK_WILDCARD = "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."
_WK_CREDENTIALS = 'Credentials flag is true, but Access-Control-Allow-Credentials is not "true".'
_WK_STATUS = "Preflight response is not successful. Status code: {status}"

_WEBKIT: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.MISSING_ALLOW_ORIGIN: _WK_ORIGIN,
        Reason.INVALID_ALLOW_ORIGIN: _WK_ORIGIN,
        Reason.ALLOW_ORIGIN_MISMATCH: _WK_ORIGIN,
        Reason.MULTIPLE_ALLOW_ORIGIN: _WK_SEVERAL,
        Reason.WILDCARD_WITH_CREDENTIALS: _WK_WILDCARD,
        Reason.INVALID_ALLOW_CREDENTIALS: _WK_CREDENTIALS,
        Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN: _WK_ORIGIN,
        Reason.PREFLIGHT_INVALID_ALLOW_ORIGIN: _WK_ORIGIN,
        Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH: _WK_ORIGIN,
        Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN: _WK_SEVERAL,
        Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS: _WK_WILDCARD,
        Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS: _WK_CREDENTIALS,
        Reason.PREFLIGHT_STATUS: _WK_STATUS,
        Reason.PREFLIGHT_REDIRECT: _WK_STATUS,
        Reason.PREFLIGHT_INVALID_ALLOW_METHODS: (
            "Header Access-Control-Allow-Methods has an invalid value: {value}"
        ),
        Reason.PREFLIGHT_INVALID_ALLOW_HEADERS: (
            "Header Access-Control-Allow-Headers has an invalid value: {value}"
        ),
        Reason.METHOD_NOT_ALLOWED: (
            "Method {value} is not allowed by Access-Control-Allow-Methods."
        ),
        Reason.HEADER_NOT_ALLOWED: (
            "Request header field {value} is not allowed by Access-Control-Allow-Headers."
        ),
        Reason.REDIRECT_CONTAINS_CREDENTIALS: "redirection URL {value} has credentials",
        Reason.UNSAFE_REDIRECT: (
            "not allowed to follow a cross-origin CORS redirection with non CORS scheme"
        ),
    }
)


def _safari(failure: Failure, scene: Scene) -> tuple[str, ...]:
    """From WebKit's source; the wording around the reason is left out."""
    template = _WEBKIT.get(failure.reason)
    if template is None:
        return ()
    status = scene.answer.status if scene.answer else None
    return (template.format(value=failure.value, origin=scene.request.origin, status=status),)


_PRINTERS: Mapping[str, Callable[[Failure, Scene], tuple[str, ...]]] = MappingProxyType(
    {"chromium": _chromium, "firefox": _firefox, "safari": _safari}
)

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


# Refused in the page's own process: no request, hence no Network.loadingFailed to carry it.
_BEFORE_THE_NETWORK = frozenset({Reason.SAME_ORIGIN_MODE, Reason.NO_CORS_REDIRECT_MODE})


def cors_error(failure: Failure, scene: Scene) -> str | None:
    """The ``Network.CorsError`` that ``Network.loadingFailed`` reports; None where it reports
    none."""
    if failure.reason in _BEFORE_THE_NETWORK:
        return None
    if failure.reason is Reason.SCHEME_NOT_CORS and not scene.sent:
        return None
    return CORS_ERRORS.get(failure.reason)


def failed_parameter(failure: Failure) -> str:
    """The DevTools protocol's ``failedParameter``."""
    if failure.reason not in _PARAMETER:
        return ""
    try:
        return to_bytes(failure.value).decode()
    except UnicodeDecodeError:
        return ""  # what is no UTF-8 gets lost on the way
