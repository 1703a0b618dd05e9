"""``Access-Control-Allow-Origin`` that no browser takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corsage.browser import STANDARD
from corsage.browser.fields import get, lines
from corsage.browser.origin import is_origin
from corsage.check import audit_rules as rules
from corsage.check.finding import Finding
from corsage.live.audit.exchanges import Exchange
from corsage.live.audit.findings.scene import Scene, short
from corsage.patterns.sendable import is_sendable


def of_allow_origin(scene: Scene, exchanges: Iterable[Exchange]) -> Iterator[Finding]:
    """``Access-Control-Allow-Origin`` that no browser takes: broken, and no danger."""
    told: set[str] = set()
    for exchange in exchanges:
        value = exchange.allow_origin
        if value is None:
            continue
        values = lines(exchange.response.headers, "access-control-allow-origin")
        credentials = get(exchange.response.headers, "access-control-allow-credentials", STANDARD)
        said = "No browser lets a page read this."
        if len(values) > 1:
            rule = rules.REPEATED_ALLOW_ORIGIN
            message = f"Access-Control-Allow-Origin is sent {len(values)} times: {short(value)}"
            why = "Two layers set it, or one sets it twice; browsers refuse the answer."
        elif value == "*" and credentials == "true":
            rule = rules.WILDCARD_BROKEN
            message = "Access-Control-Allow-Origin: * with Access-Control-Allow-Credentials: true"
            why = (
                "Browsers refuse the wildcard for requests with credentials: this is broken, not "
                "exploitable. Without credentials everybody may read."
            )
            said = "Requests with credentials fail in every browser."
        elif value != "*" and ("*" in value or not _is_sent(value)):
            rule = rules.INVALID_ALLOW_ORIGIN
            message = f"Access-Control-Allow-Origin: {short(value)}"
            why = "It must be *, null or one origin as browsers send it; nothing else ever matches."
        else:
            continue
        if rule.id not in told:
            told.add(rule.id)
            yield scene.finding(rule, rule.severity, message, exchange, said=said, why=why)


def _is_sent(origin: str) -> bool:
    """Whether a browser, or an app's web view (``capacitor://localhost``), is of this origin."""
    return is_origin(origin) or is_sendable(origin)
