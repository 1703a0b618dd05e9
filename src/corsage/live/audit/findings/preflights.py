"""What the answer to a preflight grants, and for how long."""

from __future__ import annotations

from collections.abc import Iterator

from corsage.browser import CHROMIUM, STANDARD, Request, judge, max_age
from corsage.browser.fields import get, lines
from corsage.check import audit_rules as rules
from corsage.check.finding import Finding
from corsage.live.audit.exchanges import Exchange, Reading
from corsage.live.audit.findings.scene import Scene, short

METHOD, HEADER = "CORSAGE", "X-Corsage-Audit"
"""What no server lists: granted only by one that grants anything."""

_LONGEST_CAP = 7200  # Chromium's; the longest of the browsers that most visitors have


def of_preflight(
    scene: Scene, preflight: Exchange, reading: Reading, *, trusted: bool
) -> Iterator[Finding]:
    """What the answer to a preflight for a method and a header that nobody lists grants."""
    if not reading.credentials:
        return
    granted = {
        rules.ANY_METHOD: Request(scene.url, reading.origin, METHOD, credentials="include"),
        rules.ANY_HEADER: Request(
            scene.url, reading.origin, headers=((HEADER, "x"),), credentials="include"
        ),
    }
    readable = reading.exchange.response
    for rule, request in granted.items():
        verdict = judge(
            request,
            lambda wire: preflight.response if wire.kind == "preflight" else readable,
            profile=CHROMIUM,
        )
        if verdict.allowed:
            what = f"method ({METHOD})" if rule is rules.ANY_METHOD else f"header ({HEADER})"
            yield scene.finding(
                rule,
                "note" if trusted else rule.severity,
                f"{reading.origin} may send any {what} with credentials",
                preflight,
                said="Every browser then sends the request.",
                why="What nobody meant to grant stays granted when it comes into use; list what "
                "pages need.",
                witness=reading.origin,
            )


def is_granted(preflight: Exchange, origin: str) -> bool:
    """Whether a preflight was answered by something that knows preflights, and not refused."""
    response = preflight.response
    grants = ("access-control-allow-methods", "access-control-allow-headers")
    return (
        200 <= response.status < 300
        and preflight.allow_origin in {origin, "*"}
        and any(lines(response.headers, name) for name in grants)
    )


def of_max_age(scene: Scene, preflight: Exchange) -> Iterator[Finding]:
    """How long the answer to a preflight is kept."""
    value = get(preflight.response.headers, "access-control-max-age", STANDARD)
    told, kept = (
        max_age(preflight.response.headers, STANDARD),
        max_age(preflight.response.headers, CHROMIUM),
    )
    if value is None or kept <= 5:
        told_as = "" if value is None else short(value)
        what = f"Access-Control-Max-Age: {told_as}" if told_as else "no Access-Control-Max-Age"
        yield scene.finding(
            rules.NO_MAX_AGE,
            rules.NO_MAX_AGE.severity,
            f"{what}: browsers keep the answer to a preflight for {kept} seconds",
            preflight,
            why="Each request that needs a preflight costs two round trips. Send 600 or more.",
        )
    elif told > _LONGEST_CAP:
        yield scene.finding(
            rules.LONG_MAX_AGE,
            rules.LONG_MAX_AGE.severity,
            f"Access-Control-Max-Age: {short(value)} is more than browsers keep",
            preflight,
            why="Chromium keeps 7200 seconds, Firefox 86400, Safari 600. A mistake in an answer "
            "stays as long with those who have it.",
        )
