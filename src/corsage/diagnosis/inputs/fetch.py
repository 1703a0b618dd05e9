"""DevTools' "copy as fetch": ``fetch("URL", {...})``, also as typed by hand."""

from __future__ import annotations

import re
from typing import Any, cast

from corsage.browser.exchange import CredentialsMode, Headers, RedirectMode, Request, RequestMode
from corsage.browser.origin import serialise
from corsage.diagnosis.case import Case, InputError
from corsage.diagnosis.inputs.javascript import Literal, LiteralError
from corsage.diagnosis.inputs.pairing import page_headers

_CALL = re.compile(r"\s*(?:await\s+|return\s+)?(?:window\.)?fetch\s*\(")


def looks_like(text: str) -> bool:
    """Whether the text is a call of fetch()."""
    return _CALL.match(text) is not None


def read(text: str, *, origin: str | None = None) -> tuple[Case, ...]:
    """The request of the call. Raises InputError."""
    request, url, method = _call(text, origin)
    notes = ["only the request is known; add what came back (curl -i, or the Headers panel)"]
    if request is None:
        notes.append("the page's origin is not in the call; name it with --origin")
    return (Case(f"{method} {url}", request, notes=tuple(notes)),)


def _call(text: str, origin: str | None) -> tuple[Request | None, str, str]:
    start = _CALL.match(text)
    if start is None:
        raise InputError('no call of fetch(); paste it from `fetch("...` on')
    try:
        literal = Literal(text, start.end())
        url = literal.value()
        options = literal.value() if literal.follows(",") else {}
    except LiteralError as error:
        raise InputError(f"the call of fetch() cannot be read: {error}; copy it whole") from error
    if not isinstance(url, str) or not isinstance(options, dict):
        raise InputError('fetch() wants a URL and an object: fetch("https://...", {...})')
    headers = _headers(options.get("headers"))
    method = options.get("method")
    method = method if isinstance(method, str) and method else "GET"
    referrer = options.get("referrer")
    named = origin or dict(headers).get("origin")
    if named is None and isinstance(referrer, str):
        named = serialise(referrer)
    if named is None:
        return None, url, method
    request = Request(
        url=url,
        origin=named,
        method=method,
        headers=page_headers(headers),
        credentials=_credentials(options.get("credentials")),
        mode=_mode(options.get("mode")),
        redirect=_redirect(options.get("redirect")),
    )
    return request, url, method


def _headers(value: Any) -> Headers:
    pairs = value.items() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return tuple(
        (pair[0].lower(), str(pair[1]))
        for pair in pairs
        if isinstance(pair, (tuple, list)) and len(pair) == 2 and isinstance(pair[0], str)
    )


def _credentials(value: Any) -> CredentialsMode:
    known = value in ("omit", "same-origin", "include")
    return cast("CredentialsMode", value) if known else "same-origin"


def _mode(value: Any) -> RequestMode:
    known = value in ("cors", "no-cors", "same-origin")
    return cast("RequestMode", value) if known else "cors"


def _redirect(value: Any) -> RedirectMode:
    known = value in ("follow", "error", "manual")
    return cast("RedirectMode", value) if known else "follow"
