"""Verdicts: what JavaScript gets, and the reason when it gets nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, Self, TypeAlias

from corsage.browser.cache import NOTHING_CACHED, PreflightCache
from corsage.browser.exchange import Headers, Response, WireRequest

Outcome: TypeAlias = Literal["allowed", "opaque", "blocked", "network-error"]
ResponseType: TypeAlias = Literal["basic", "cors", "opaque", "opaqueredirect", "error"]

_UNANIMOUS: Mapping[str, Verdict] = MappingProxyType({})
_FETCH = "https://fetch.spec.whatwg.org/"


class Reason(StrEnum):
    """Why JavaScript does not get the response. The set is closed; names follow DevTools'.

    ``step`` is the section of the standard that refuses, ``title`` one sentence, ``is_cors``
    whether CORS is to blame (a dead service or mixed content is not, though it may look so).
    """

    step: str
    is_cors: bool
    _title: str

    def __new__(cls, value: str, step: str, sentence: str, is_cors: bool = True) -> Self:
        """An enum member that carries its section, its sentence and whose fault it is."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.step = step if step.startswith("https:") else f"{_FETCH}#{step}"
        member._title = sentence  # noqa: SLF001 - its own
        member.is_cors = is_cors
        return member

    @property
    def title(self) -> str:  # type: ignore[override]  # a str's method, which no reason needs
        """What is wrong, in one sentence."""
        return self._title

    # The CORS check of a response that JavaScript wants to read, redirects included.
    MISSING_ALLOW_ORIGIN = (
        "missing-allow-origin",
        "cors-check",
        "The response has no Access-Control-Allow-Origin.",
    )
    WILDCARD_WITH_CREDENTIALS = (
        "wildcard-with-credentials",
        "cors-check",
        "Access-Control-Allow-Origin is *, which does not count for a request with credentials.",
    )
    MULTIPLE_ALLOW_ORIGIN = (
        "multiple-allow-origin",
        "cors-check",
        "Access-Control-Allow-Origin holds several values; only one is allowed.",
    )
    INVALID_ALLOW_ORIGIN = (
        "invalid-allow-origin",
        "cors-check",
        "Access-Control-Allow-Origin holds something that is no origin.",
    )
    ALLOW_ORIGIN_MISMATCH = (
        "allow-origin-mismatch",
        "cors-check",
        "Access-Control-Allow-Origin names another origin.",
    )
    INVALID_ALLOW_CREDENTIALS = (
        "invalid-allow-credentials",
        "cors-check",
        "The request has credentials, but Access-Control-Allow-Credentials is not true.",
    )

    # The same check of the answer to a preflight.
    PREFLIGHT_MISSING_ALLOW_ORIGIN = (
        "preflight-missing-allow-origin",
        "cors-preflight-fetch",
        "The answer to the preflight has no Access-Control-Allow-Origin.",
    )
    PREFLIGHT_WILDCARD_WITH_CREDENTIALS = (
        "preflight-wildcard-with-credentials",
        "cors-preflight-fetch",
        "The answer to the preflight allows the origin *, which credentials rule out.",
    )
    PREFLIGHT_MULTIPLE_ALLOW_ORIGIN = (
        "preflight-multiple-allow-origin",
        "cors-preflight-fetch",
        "The answer to the preflight holds several values of Access-Control-Allow-Origin.",
    )
    PREFLIGHT_INVALID_ALLOW_ORIGIN = (
        "preflight-invalid-allow-origin",
        "cors-preflight-fetch",
        "The answer to the preflight holds an Access-Control-Allow-Origin that is no origin.",
    )
    PREFLIGHT_ALLOW_ORIGIN_MISMATCH = (
        "preflight-allow-origin-mismatch",
        "cors-preflight-fetch",
        "The answer to the preflight names another origin.",
    )
    PREFLIGHT_INVALID_ALLOW_CREDENTIALS = (
        "preflight-invalid-allow-credentials",
        "cors-preflight-fetch",
        "The request has credentials, which the answer to the preflight does not allow.",
    )

    # The rest of a preflight.
    PREFLIGHT_STATUS = (
        "preflight-status",
        "cors-preflight-fetch",
        "The answer to the preflight has no ok status (200 to 299).",
    )
    PREFLIGHT_REDIRECT = (
        "preflight-redirect",
        "cors-preflight-fetch",
        "The preflight was answered with a redirect, which browsers do not follow.",
    )
    PREFLIGHT_INVALID_ALLOW_METHODS = (
        "preflight-invalid-allow-methods",
        "cors-preflight-fetch",
        "Access-Control-Allow-Methods holds something that is no method.",
    )
    PREFLIGHT_INVALID_ALLOW_HEADERS = (
        "preflight-invalid-allow-headers",
        "cors-preflight-fetch",
        "Access-Control-Allow-Headers holds something that is no header name.",
    )
    METHOD_NOT_ALLOWED = (
        "method-not-allowed",
        "cors-preflight-fetch",
        "The preflight's Access-Control-Allow-Methods does not list the method.",
    )
    HEADER_NOT_ALLOWED = (
        "header-not-allowed",
        "cors-preflight-fetch",
        "The preflight's Access-Control-Allow-Headers does not list a header of the request.",
    )

    # The request and its redirects.
    REDIRECT_CONTAINS_CREDENTIALS = (
        "redirect-contains-credentials",
        "http-redirect-fetch",
        "A redirect leads to a URL with a user name or password.",
    )
    SCHEME_NOT_CORS = (
        "scheme-not-cors",
        "main-fetch",
        "Cross-origin requests work over http and https only.",
    )
    SAME_ORIGIN_MODE = (
        "same-origin-mode",
        "main-fetch",
        "The request's mode is same-origin, but it goes to another origin.",
    )
    NO_CORS_REDIRECT_MODE = (
        "no-cors-redirect-mode",
        "main-fetch",
        "A request with mode no-cors must follow redirects.",
    )

    # Not CORS, though a page sees the same TypeError.
    INVALID_URL = ("invalid-url", "dom-request", "The URL cannot be parsed.", False)
    URL_CONTAINS_CREDENTIALS = (
        "url-contains-credentials",
        "dom-request",
        "The URL holds a user name or password.",
        False,
    )
    INVALID_METHOD = ("invalid-method", "dom-request", "The method is no token.", False)
    FORBIDDEN_METHOD = (
        "forbidden-method",
        "forbidden-method",
        "CONNECT, TRACE and TRACK are never sent.",
        False,
    )
    NO_CORS_METHOD = (
        "no-cors-method",
        "dom-request",
        "With mode no-cors the method must be GET, HEAD or POST.",
        False,
    )
    INVALID_HEADER = (
        "invalid-header",
        "headers-validate",
        "A header's name or value cannot be sent.",
        False,
    )
    BODY_NOT_ALLOWED = ("body-not-allowed", "dom-request", "GET and HEAD have no body.", False)
    NETWORK_FAILURE = (
        "network-failure",
        "concept-network-error",
        "No HTTP answer came: refused, reset, unknown host, or a TLS failure.",
        False,
    )
    PREFLIGHT_NETWORK_FAILURE = (
        "preflight-network-failure",
        "concept-network-error",
        "No HTTP answer to the preflight came: refused, reset, unknown host, or a TLS failure.",
        False,
    )
    REDIRECT_MODE_ERROR = (
        "redirect-mode-error",
        "http-fetch",
        "The response is a redirect, and the request's redirect mode is error.",
        False,
    )
    TOO_MANY_REDIRECTS = (
        "too-many-redirects",
        "http-redirect-fetch",
        "More than twenty redirects.",
        False,
    )
    INVALID_REDIRECT = (
        "invalid-redirect",
        "concept-response-location-url",
        "The redirect's Location is no URL.",
        False,
    )
    UNSAFE_REDIRECT = (
        "unsafe-redirect",
        "http-redirect-fetch",
        "A redirect leads to a URL that is neither http nor https.",
        False,
    )
    CORRUPT_RESPONSE = (
        "corrupt-response",
        "concept-network-error",
        "The response is broken: a NUL in a header, or two lines of Location that differ.",
        False,
    )
    PROXY_AUTHENTICATION = (
        "proxy-authentication",
        "http-network-or-cache-fetch",
        "407 is for proxies; a server must not send it.",
        False,
    )
    MIXED_CONTENT = (
        "mixed-content",
        "https://w3c.github.io/webappsec-mixed-content/#should-block-fetch",
        "A page loaded over https may not call http.",
        False,
    )
    LOCAL_NETWORK_ACCESS = (
        "local-network-access",
        "https://wicg.github.io/local-network-access/#integration-with-fetch",
        "The page may not reach the local network without the user's permission.",
        False,
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one browser makes of one request.

    ``outcome``: ``allowed`` (JavaScript reads it), ``opaque`` (sent, not readable, by the page's
    own choice of ``no-cors`` or ``redirect: manual``), ``blocked`` (CORS) or ``network-error``
    (not CORS). ``value`` is what offended: a header's value, a method, a header's name, a status.
    ``candidates``: where a browser names one of several missing headers in no fixed order, all of
    them. ``url`` is the last URL asked. ``readable`` is what ``response.headers`` shows: lower
    case, sorted, lines joined. ``sent`` is what went over the wire, in order. ``cors_error`` and
    ``failed_parameter`` are Chromium's ``Network.loadingFailed`` in the DevTools protocol.
    ``cache`` holds the preflights that are remembered now. ``disagreement``: the verdicts of all
    profiles asked, by name, if their outcomes differ.
    """

    outcome: Outcome
    profile: str
    url: str
    type: ResponseType = "error"
    reason: Reason | None = None
    value: str = ""
    candidates: tuple[str, ...] = ()
    readable: Headers = ()
    response: Response | None = None
    sent: tuple[tuple[WireRequest, Response | None], ...] = ()
    console: tuple[str, ...] = ()
    sentence: str = ""
    cors_error: str | None = None
    failed_parameter: str | None = None
    cache: PreflightCache = NOTHING_CACHED
    disagreement: Mapping[str, Verdict] = field(default_factory=lambda: _UNANIMOUS, hash=False)

    @property
    def allowed(self) -> bool:
        """Whether JavaScript can read the response."""
        return self.outcome == "allowed"

    @property
    def preflights(self) -> tuple[WireRequest, ...]:
        """The preflights that were sent."""
        return tuple(request for request, _ in self.sent if request.kind == "preflight")
