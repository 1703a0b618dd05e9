"""Answers that depend on the origin, and caches that do not know it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corsage.browser import STANDARD, Response, reuse
from corsage.browser.fields import get, lines
from corsage.check import audit_rules as rules
from corsage.check.finding import Finding
from corsage.live.audit.exchanges import Exchange, Reading
from corsage.live.audit.findings.scene import Scene, short


def of_vary(
    scene: Scene, exchanges: Sequence[Exchange], readings: Sequence[Reading]
) -> Iterator[Finding]:
    """An answer that depends on ``Origin``, where a cache may hand it to another origin."""
    # Most origins get the same answer, which need not be weighed again and again.
    different = {exchange.response: exchange for exchange in reversed(exchanges)}
    for reading in readings:
        asked = reading.first.request.headers
        for stored in reversed(different.values()):
            response = stored.response
            if stored.request.headers == asked or response.status >= 500:
                continue
            again = reuse(
                stored.request.headers, response, asked, include=reading.credentials, shared=False
            )
            if again.served and again.failure is not None:
                cacheable = asks_to_be_kept(response)
                whom = get(stored.request.headers, "origin", STANDARD)
                first = f"asked by {whom}" if whom else "asked without Origin"
                yield scene.finding(
                    rules.MISSING_VARY,
                    "warning" if cacheable else "note",
                    "the answer depends on Origin, and Vary does not say so",
                    stored,
                    said=f"A cache that holds it ({first}) serves it to {reading.origin}, which "
                    "every browser then blocks.",
                    why="Send Vary: Origin always, also where no Origin came and where it was "
                    "refused."
                    + ("" if cacheable else " No header asks caches to keep this answer."),
                )
                return


def asks_to_be_kept(response: Response) -> bool:
    """Whether a header asks caches to keep an answer, or shows that one has."""
    control = (get(response.headers, "cache-control", STANDARD) or "").lower()
    named = any(word in control for word in ("max-age", "s-maxage", "public"))
    hints = ("expires", "age", "etag", "last-modified")
    return named or any(lines(response.headers, name) for name in hints)


def of_poison(
    scene: Scene, poison: Exchange, victim: Exchange, reading: Reading
) -> Iterator[Finding]:
    """The same answer came to two origins that get different ones from the server itself."""
    origin = get(victim.request.headers, "origin", STANDARD)
    if victim.allow_origin in {origin, "*"} or poison.allow_origin != victim.allow_origin:
        return
    whom = get(poison.request.headers, "origin", STANDARD)
    first = f"from {whom}" if whom else "without Origin"
    got = short(victim.allow_origin or "none")
    yield scene.finding(
        rules.POISONED_CACHE,
        "error",
        f"after one request {first}, {origin} is blocked: a cache served it another's answer",
        victim,
        said=f"It was asked right after one {first}, and its Access-Control-Allow-Origin is "
        f"{got}; asked alone it is {reading.first.allow_origin}.",
        why="Anybody can lock the others out until the cache forgets; send Vary: Origin always.",
        witness=whom,
    )
