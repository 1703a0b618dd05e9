"""One sentence for people: what happened to a request and why."""

from __future__ import annotations

from corsage.browser.check import Failure
from corsage.browser.verdict import ResponseType

_READ = {
    "basic": "{origin} reads {url}: it is the same origin, where CORS plays no part.",
    "cors": "{origin} may read {url}.",
    "opaque": "{url} is asked, but mode no-cors makes the response unreadable to {origin}.",
    "opaqueredirect": "{url} redirects, and redirect mode manual keeps {origin} from seeing where.",
}


def sentence(origin: str, url: str, kind: ResponseType, failure: Failure | None = None) -> str:
    """The verdict in words; ``kind`` is the response's type."""
    if failure is None:
        return _READ[kind].format(origin=origin, url=url)
    value = f" ({failure.value})" if failure.value else ""
    return f"{origin} may not read {url}: {failure.reason.title.removesuffix('.')}{value}."
