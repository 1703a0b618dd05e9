"""One exchange for each reason: the smallest that a browser refuses for exactly that reason."""

from __future__ import annotations

from dataclasses import replace

from corsage.browser import Headers, Reason, Request, Response, Server, WireRequest

_ORIGIN = "https://app.example.com"
_ALLOW = (("Access-Control-Allow-Origin", _ORIGIN),)
_GET = Request(url="https://api.example.com/orders", origin=_ORIGIN)
_PATCH = replace(_GET, method="PATCH")
_HEADER = replace(_GET, headers=(("X-Request-Id", "1"),))


def _answers(actual: Response | None, preflight: Response | None = None) -> Server:
    def answer(request: WireRequest) -> Response | None:
        return preflight if request.kind == "preflight" else actual

    return answer


def _headers(*lines: tuple[str, str]) -> Server:
    return _answers(Response(200, lines))


def _preflight(*lines: tuple[str, str], status: int = 204) -> Server:
    return _answers(Response(200, _ALLOW), Response(status, lines))


def _redirect(location: str) -> Server:
    return _answers(Response(302, (*_ALLOW, ("Location", location))))


def _with_cookies(request: Request) -> Request:
    return replace(request, credentials="include")


def _allow(value: str) -> Headers:
    return (("Access-Control-Allow-Origin", value),)


_UNREACHABLE = _answers(None)

EXAMPLES: dict[Reason, tuple[Request, Server]] = {
    Reason.MISSING_ALLOW_ORIGIN: (_GET, _headers()),
    Reason.WILDCARD_WITH_CREDENTIALS: (_with_cookies(_GET), _headers(*_allow("*"))),
    Reason.MULTIPLE_ALLOW_ORIGIN: (_GET, _headers(*_ALLOW, *_ALLOW)),
    Reason.INVALID_ALLOW_ORIGIN: (_GET, _headers(*_allow("app.example.com"))),
    Reason.ALLOW_ORIGIN_MISMATCH: (_GET, _headers(*_allow("https://www.example.com"))),
    Reason.INVALID_ALLOW_CREDENTIALS: (_with_cookies(_GET), _headers(*_ALLOW)),
    Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN: (_PATCH, _preflight()),
    Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS: (
        _with_cookies(_PATCH),
        _preflight(*_allow("*")),
    ),
    Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN: (_PATCH, _preflight(*_ALLOW, *_ALLOW)),
    Reason.PREFLIGHT_INVALID_ALLOW_ORIGIN: (_PATCH, _preflight(*_allow("app.example.com"))),
    Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH: (
        _PATCH,
        _preflight(*_allow("https://www.example.com")),
    ),
    Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS: (_with_cookies(_PATCH), _preflight(*_ALLOW)),
    Reason.PREFLIGHT_STATUS: (_PATCH, _preflight(*_ALLOW, status=401)),
    Reason.PREFLIGHT_REDIRECT: (
        _PATCH,
        _preflight(*_ALLOW, ("Location", "https://api.example.com/orders/"), status=308),
    ),
    Reason.PREFLIGHT_INVALID_ALLOW_METHODS: (
        _PATCH,
        _preflight(*_ALLOW, ("Access-Control-Allow-Methods", "GET; PATCH")),
    ),
    Reason.PREFLIGHT_INVALID_ALLOW_HEADERS: (
        _HEADER,
        _preflight(*_ALLOW, ("Access-Control-Allow-Headers", "X-Request-Id; X-Other")),
    ),
    Reason.METHOD_NOT_ALLOWED: (
        _PATCH,
        _preflight(*_ALLOW, ("Access-Control-Allow-Methods", "GET, PUT")),
    ),
    Reason.HEADER_NOT_ALLOWED: (
        _HEADER,
        _preflight(*_ALLOW, ("Access-Control-Allow-Headers", "Content-Type")),
    ),
    Reason.REDIRECT_CONTAINS_CREDENTIALS: (_GET, _redirect("https://user:pass@other.example/")),
    Reason.SCHEME_NOT_CORS: (replace(_GET, url="ftp://api.example.com/orders"), _UNREACHABLE),
    Reason.SAME_ORIGIN_MODE: (replace(_GET, mode="same-origin"), _UNREACHABLE),
    Reason.NO_CORS_REDIRECT_MODE: (
        replace(_GET, mode="no-cors", redirect="manual"),
        _UNREACHABLE,
    ),
    Reason.INVALID_URL: (replace(_GET, url="https://api.example.com:port/"), _UNREACHABLE),
    Reason.URL_CONTAINS_CREDENTIALS: (
        replace(_GET, url="https://user:pass@api.example.com/"),
        _UNREACHABLE,
    ),
    Reason.INVALID_METHOD: (replace(_GET, method="GET /"), _UNREACHABLE),
    Reason.FORBIDDEN_METHOD: (replace(_GET, method="TRACE"), _UNREACHABLE),
    Reason.NO_CORS_METHOD: (replace(_GET, mode="no-cors", method="PUT"), _UNREACHABLE),
    Reason.INVALID_HEADER: (replace(_GET, headers=(("X Y", "1"),)), _UNREACHABLE),
    Reason.BODY_NOT_ALLOWED: (replace(_GET, body="x"), _UNREACHABLE),
    Reason.NETWORK_FAILURE: (_GET, _UNREACHABLE),
    Reason.PREFLIGHT_NETWORK_FAILURE: (_PATCH, _UNREACHABLE),
    Reason.REDIRECT_MODE_ERROR: (
        replace(_GET, redirect="error"),
        _redirect("https://api.example.com/elsewhere"),
    ),
    Reason.TOO_MANY_REDIRECTS: (_GET, _redirect("https://api.example.com/orders")),
    Reason.INVALID_REDIRECT: (_GET, _redirect("https://api.example.com:port/")),
    Reason.UNSAFE_REDIRECT: (_GET, _redirect("myapp://open")),
    Reason.CORRUPT_RESPONSE: (
        _GET,
        _headers(*_ALLOW, ("Content-Disposition", "inline"), ("Content-Disposition", "attachment")),
    ),
    Reason.PROXY_AUTHENTICATION: (_GET, _answers(Response(407, _ALLOW))),
    Reason.MIXED_CONTENT: (replace(_GET, url="http://api.example.com/orders"), _UNREACHABLE),
    Reason.LOCAL_NETWORK_ACCESS: (
        replace(_GET, url="https://192.168.1.1/status", page_address_space="public"),
        _headers(*_ALLOW),
    ),
}
