"""One sentence for people: what happened to a request and why."""

from __future__ import annotations

from corsage.browser.check import Failure
from corsage.browser.exchange import Request

_ALLOWED = {
    "basic": "{origin} reads {url}: it is the same origin, where CORS plays no part.",
    "cors": "{origin} may read {url}.",
    "opaque": "{url} is sent for, but mode no-cors makes its response unreadable.",
    "opaqueredirect": "{url} redirects, and redirect mode manual makes that unreadable.",
}


def sentence(failure: Failure | None, request: Request, url: str, kind: str) -> str:
    """The verdict in words; ``kind`` is the response's type."""
    if failure is None:
        return _ALLOWED[kind].format(origin=request.origin, url=url)
    value = f" ({failure.value})" if failure.value else ""
    return f"{request.origin} may not read {url}: {failure.reason.title[:-1]}{value}."
