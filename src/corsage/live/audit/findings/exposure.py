"""Whether pages see the response headers that are meant for them, and no others."""

from __future__ import annotations

from collections.abc import Iterator

from corsage.browser import CHROMIUM, STANDARD
from corsage.browser.fields import tokens
from corsage.browser.readable import readable_headers
from corsage.check import audit_rules as rules
from corsage.check.finding import Finding
from corsage.diagnosis.redact import MASK, redact_value
from corsage.live.audit.exchanges import Reading
from corsage.live.audit.findings.scene import Scene, short

_FOR_SCRIPTS = frozenset({"link", "retry-after", "x-total-count", "x-request-id", "content-range"})
_FOR_SCRIPTS_BEGINNINGS = ("ratelimit", "x-ratelimit-", "x-rate-limit-")


def of_exposure(scene: Scene, reading: Reading) -> Iterator[Finding]:
    """Whether pages see the headers that were meant for them, and no others."""
    response = reading.exchange.response
    exposed = tokens(response.headers, "access-control-expose-headers", STANDARD)
    secret = [
        name
        for name, value in readable_headers(response.headers, True, reading.credentials, CHROMIUM)
        if "*" in exposed.tokens and redact_value(name, value) == MASK
    ]
    if secret:
        yield scene.finding(
            rules.EXPOSES_EVERYTHING,
            rules.EXPOSES_EVERYTHING.severity,
            f"{reading.origin} may read the header {short(', '.join(secret))}",
            reading.exchange,
            said="Access-Control-Expose-Headers: * shows pages every header.",
            why="List the headers that pages need.",
            witness=reading.origin,
        )
    useful = [name.lower() for name, _ in response.headers if _is_for_scripts(name)]
    seen = {
        name for name, _ in readable_headers(response.headers, True, reading.credentials, CHROMIUM)
    }
    said = ""
    if exposed.invalid is not None:
        said = f"{short(exposed.invalid)} is no header's name: browsers drop the whole list."
    elif "*" in exposed.tokens and reading.credentials:
        said = "With credentials * is the name of a header, and stands for none."
    elif useful and not exposed.tokens and not seen.intersection(useful):
        said = f"The answer has {short(', '.join(dict.fromkeys(useful)))} for scripts."
    if said:
        yield scene.finding(
            rules.EXPOSES_NOTHING,
            rules.EXPOSES_NOTHING.severity,
            "pages cannot read the headers that are meant for them",
            reading.exchange,
            said=said,
            why="Name them in Access-Control-Expose-Headers.",
        )


def _is_for_scripts(name: str) -> bool:
    lower = name.lower()
    return lower in _FOR_SCRIPTS or lower.startswith(_FOR_SCRIPTS_BEGINNINGS)
