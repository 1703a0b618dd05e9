"""The service behind every target: hostile, and on demand broken.

What it answers stands in the query (``?answer=redirect``), so that a test can ask any target for
any answer. Applications read the same table as JSON and answer it from their handlers; ``model``
is the service as a pure function, for predictions.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.policy.decide import Decisions
from corsage.policy.model import Policy

_OPEN: Headers = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "*"),
    ("Access-Control-Allow-Headers", "*"),
    ("Access-Control-Expose-Headers", "*, X-Secret"),
    ("Access-Control-Max-Age", "86400"),
    ("Access-Control-Allow-Private-Network", "true"),
    ("Timing-Allow-Origin", "*"),
)
_GENEROUS_TO_ANOTHER: Headers = (
    ("access-control-allow-origin", "https://evil.example"),
    ("access-control-allow-credentials", "true"),
    ("access-control-expose-headers", "X-Secret"),
)
_SAFE: Headers = (("Content-Type", "text/plain"), ("ETag", '"1"'), ("X-Secret", "s3cret"))

ANSWERS: dict[str, Response] = {
    "open": Response(200, (*_SAFE, *_OPEN, ("Vary", "Accept-Encoding"))),
    "generous": Response(200, (*_SAFE, *_GENEROUS_TO_ANOTHER)),
    "quiet": Response(200, (*_SAFE, ("Vary", "Accept-Encoding, Origin"))),
    "uncacheable": Response(200, (*_SAFE, *_OPEN, ("Vary", "*"))),
    "missing": Response(404, (*_SAFE, *_OPEN)),
    "failing": Response(503, (*_SAFE, *_GENEROUS_TO_ANOTHER, ("Retry-After", "1"))),
    "redirect": Response(302, (*_OPEN, ("Location", "/elsewhere"))),
}
"""Answer -> what the service sends. ``crash`` is not among them: a handler raises, an upstream
closes the connection without a word."""

DEFAULT = "open"
CRASH = "crash"


def answer_of(url: str) -> str:
    """The answer that a URL asks for."""
    return parse_qs(urlsplit(url).query).get("answer", [DEFAULT])[0]


def as_json() -> dict[str, object]:
    """``ANSWERS`` for engines in other languages."""
    return {
        name: {"status": answer.status, "headers": [list(line) for line in answer.headers]}
        for name, answer in ANSWERS.items()
    }


def model(policy: Policy, family: str) -> Server:
    """The service as a pure function, as it stands behind (or in) a target of ``family``."""
    decisions = Decisions(policy)

    def service(request: WireRequest) -> Response | None:
        url = urlsplit(request.url)
        routed = decisions.decide(request.method, url.hostname or "", url.path or "/", {}).route
        if routed is None and family == "application":
            return Response(404)
        if answer_of(request.url) == CRASH:
            # A framework turns an exception into a 500; a gateway is left without an answer.
            return Response(500) if family == "application" else None
        return ANSWERS[answer_of(request.url)]

    return service
