"""Names of methods and headers: which can be used, and in which list.

https://fetch.spec.whatwg.org/#methods, #forbidden-request-header and
#forbidden-response-header-name.
"""

from __future__ import annotations

import re

from corsage.browser.readable import FORBIDDEN_RESPONSE_HEADERS
from corsage.browser.safelist import (
    FORBIDDEN_METHODS,
    NORMALISED_METHODS,
    is_forbidden_request_header,
)
from corsage.policy import rules
from corsage.policy.problems import Fault, quoted

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LONGEST = 256

_CORS_RESPONSE_HEADERS = frozenset(
    {
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "access-control-allow-private-network",
        "access-control-expose-headers",
        "access-control-max-age",
    }
)
_RESPONSE_ONLY = _CORS_RESPONSE_HEADERS | {
    "age",
    "etag",
    "location",
    "proxy-authenticate",
    "retry-after",
    "server",
    "set-cookie",
    "strict-transport-security",
    "timing-allow-origin",
    "vary",
    "www-authenticate",
}
_REQUEST_ONLY = frozenset(
    {
        "accept",
        "accept-language",
        "access-control-request-headers",
        "access-control-request-method",
        "authorization",
        "cookie",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "origin",
        "referer",
        "user-agent",
    }
)


def method(text: str) -> str:
    """A method that a policy may list."""
    token(text, "a method")
    if text.upper() in FORBIDDEN_METHODS:
        raise forbidden_method(text)
    if text != text.upper():
        why = "Methods are case-sensitive: browsers put only "
        why += f"{', '.join(sorted(NORMALISED_METHODS))} in upper case, and send others as typed."
        message = f"{quoted(text)} is not {text.upper()}"
        raise Fault(rules.METHOD_CASE, message, why, text.upper())
    return text


def forbidden_method(text: str) -> Fault:
    """What is wrong with a method that no script can send."""
    why = "Browsers refuse CONNECT, TRACE and TRACK before anything is sent."
    return Fault(rules.FORBIDDEN_METHOD, f"no script can send {text.upper()}", why)


def request_header(text: str) -> str:
    """A header name that a policy may allow scripts to set."""
    token(text, "a header name")
    lowered = text.lower()
    forbidden = is_forbidden_request_header(text, "")
    if lowered in _RESPONSE_ONLY and not forbidden:
        listed = "" if lowered in _CORS_RESPONSE_HEADERS else f"expose_headers: [{text}]"
        why = "allow_headers names what scripts may set on requests."
        raise Fault(rules.WRONG_LIST, f"{text} is a response header", why, listed or None)
    if forbidden:
        why = "Browsers set this header themselves and ignore what scripts say; "
        why += "allowing it does nothing."
        if lowered in ("cookie", "cookie2"):
            why = "Browsers send cookies themselves; `allow_credentials: true` lets answers to "
            why += "requests with cookies be read."
        raise Fault(rules.FORBIDDEN_HEADER, f"no script can set {text}", why)
    return text


def response_header(text: str) -> str:
    """A header name that a policy may let scripts read."""
    token(text, "a header name")
    lowered = text.lower()
    if lowered in FORBIDDEN_RESPONSE_HEADERS:
        why = "Browsers never show it to scripts, whatever is exposed."
        raise Fault(rules.FORBIDDEN_HEADER, f"no script can read {text}", why)
    if lowered in _REQUEST_ONLY:
        forbidden = is_forbidden_request_header(text, "")
        fix = None if forbidden else f"allow_headers: [{text}]"
        why = "expose_headers names what scripts may read from responses."
        raise Fault(rules.WRONG_LIST, f"{text} is a request header", why, fix)
    if lowered in _CORS_RESPONSE_HEADERS:
        why = "It is addressed to the browser; scripts have no use for it."
        raise Fault(rules.WRONG_LIST, f"{text} is not for scripts", why)
    return text


def token(text: str, what: str) -> None:
    """Raise :class:`Fault` unless ``text`` is a token (RFC 9110, section 5.6.2)."""
    if _TOKEN.fullmatch(text) and len(text) <= _LONGEST:
        return
    parts = [part for part in re.split(r"[\s,;:]+", text) if part]
    fix = None
    if len(parts) > 1 and all(map(_TOKEN.fullmatch, parts)):
        fix = f"[{', '.join(parts)}]"
    elif len(parts) == 1 and parts[0] != text and _TOKEN.fullmatch(parts[0]):
        fix = parts[0]
    why = "Browsers take one unreadable name in such a list for a failed preflight."
    raise Fault(rules.NOT_A_TOKEN, f"{quoted(text)} is not {what}", why, fix)
