"""From messages in a row to cases: an OPTIONS that is a preflight belongs to what follows it."""

from __future__ import annotations

from collections.abc import Sequence

from corsage.browser.exchange import Headers, Request
from corsage.browser.origin import serialise
from corsage.diagnosis.case import MOST_CASES, Case
from corsage.diagnosis.inputs.http_text import Message
from corsage.diagnosis.observation import Answer

NOT_A_PREFLIGHT = (
    "OPTIONS without Access-Control-Request-Method is not a preflight: servers may answer it in "
    "another way than a browser's. Ask again with -H 'Origin: ...' and "
    "-H 'Access-Control-Request-Method: POST'."
)
NO_ORIGIN = (
    "the request carried no Origin header, so the answer may lack CORS headers that a browser "
    "would get. Ask again with -H 'Origin: ...'."
)

# What the transport or the browser adds; a page cannot set these, or they do not matter here.
_NOT_THE_PAGES = frozenset(
    {
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "access-control-request-private-network",
        "connection",
        "content-length",
        "cookie",
        "dnt",
        "host",
        "origin",
        "referer",
        "te",
        "upgrade-insecure-requests",
        "user-agent",
    }
)

# Browsers set these by themselves to values that need no preflight, or drop the page's.
_BROWSER_PREFIXES = (":", "sec-", "proxy-", "priority", "pragma", "cache-control", "if-none-match")

Exchange = tuple[Message | None, Message | None]


def cases_of(messages: Sequence[Message], *, origin: str | None = None) -> tuple[Case, ...]:
    """The cases of a dialogue: every preflight with the request that follows it."""
    exchanges: list[Exchange] = []
    for message in messages:
        if message.status is None and message.method:
            exchanges.append((message, None))
        elif exchanges and exchanges[-1][1] is None:
            exchanges[-1] = (exchanges[-1][0], message)
        else:
            exchanges.append((None, message))
    return pair(exchanges, origin=origin)


def pair(exchanges: Sequence[Exchange], *, origin: str | None = None) -> tuple[Case, ...]:
    """The cases of exchanges in a row."""
    cases: list[Case] = []
    waiting: Exchange | None = None
    for exchange in exchanges:
        if len(cases) >= MOST_CASES:
            break
        if is_options(exchange):
            if waiting is not None:
                cases.append(_case(waiting, None, origin))
            waiting = exchange
            continue
        if waiting is not None and not _belongs(waiting, exchange):
            cases.append(_case(waiting, None, origin))
            waiting = None
        cases.append(_case(waiting, exchange, origin))
        waiting = None
    if waiting is not None:
        cases.append(_case(waiting, None, origin))
    return tuple(cases)


def is_options(exchange: Exchange) -> bool:
    """Whether this asks with OPTIONS, or answers as only an OPTIONS is answered."""
    asked, answered = exchange
    if asked is not None:
        return asked.method.upper() == "OPTIONS"
    return answered is not None and (
        answered.get("access-control-allow-methods") is not None and answered.status in {200, 204}
    )


def _belongs(options: Exchange, exchange: Exchange) -> bool:
    first, second = options[0], exchange[0]
    if first is None or second is None:
        return True
    return url_of(first) == url_of(second)


def _case(options: Exchange | None, actual: Exchange | None, origin: str | None) -> Case:
    preflight_asked = options[0] if options else None
    asked = actual[0] if actual else None
    notes: list[str] = []
    real = True
    if preflight_asked is not None and preflight_asked.get("access-control-request-method") is None:
        notes.append(NOT_A_PREFLIGHT)
        real = False
    for message in (preflight_asked, asked):
        if message is not None and message.get("origin") is None and NO_ORIGIN not in notes:
            notes.append(NO_ORIGIN)
    request = _request(asked, preflight_asked, origin)
    answered = answer(actual[1]) if actual else Answer()
    # What answers an OPTIONS that is no preflight says nothing of what a browser would get.
    preflight = answer(options[1]) if options and real else Answer()
    return Case(
        _title(asked, preflight_asked, request), request, preflight, answered, "", tuple(notes)
    )


def answer(message: Message | None) -> Answer:
    """The answer in a message; no message means that no answer came (status 0)."""
    if message is None:
        return Answer(status=0)
    return Answer(message.status, message.lines, message.body)


def _request(
    asked: Message | None, preflight: Message | None, origin: str | None
) -> Request | None:
    source = asked or preflight
    if source is None:
        return None
    url = url_of(source)
    named = origin or source.get("origin") or _of_referer(source)
    if url is None or named is None:
        return None
    method = source.method
    headers = page_headers(source.lines)
    if asked is None:
        method = source.get("access-control-request-method") or "GET"
        names = (source.get("access-control-request-headers") or "").split(",")[:100]
        headers = tuple((name.strip(), _typical(name)) for name in names if name.strip())
    include = source.get("cookie") is not None
    return Request(
        url=url,
        origin=named,
        method=method or "GET",
        headers=headers,
        credentials="include" if include else "same-origin",
    )


def _typical(name: str) -> str:
    """A value that makes the header need the permission that was asked for."""
    return "application/json" if name.strip().lower() == "content-type" else "x"


def page_headers(lines: Headers) -> Headers:
    """The header lines that the page itself may have set."""
    return tuple(
        (name, value)
        for name, value in lines
        if name.lower() not in _NOT_THE_PAGES and not name.lower().startswith(_BROWSER_PREFIXES)
    )


def url_of(message: Message) -> str | None:
    """The URL that was asked; None where neither target nor Host gives one."""
    if "://" in message.target[:20]:
        return message.target
    host = message.get("host") or message.get(":authority")
    return f"https://{host}{message.target}" if host and message.target.startswith("/") else None


def _of_referer(message: Message) -> str | None:
    referer = message.get("referer")
    return serialise(referer) if referer else None


def _title(asked: Message | None, preflight: Message | None, request: Request | None) -> str:
    if request is not None:
        return f"{request.method} {request.url}"
    message = asked or preflight
    return f"{message.method} {message.target}" if message else "an answer"
