"""Answers of a private network that strangers' pages may read."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

from corsage.browser import Request, judge
from corsage.browser.network import address_space
from corsage.browser.url import parse
from corsage.check import audit_rules as rules
from corsage.check.finding import Finding
from corsage.live.audit.exchanges import BROWSERS, Reading
from corsage.live.audit.findings.scene import Scene

_PRIVATE_NAMES = ("internal", "intranet", "corp", "lan", "home.arpa", "localdomain")
"""Endings of names that no public DNS holds (RFC 8375, ICANN's list of reserved names)."""


def of_network(scene: Scene, readings: Sequence[Reading]) -> Iterator[Finding]:
    """An answer of a private network that pages of strangers may read."""
    space = _space(scene)
    if space in {None, "public"} or not readings:
        return
    reading = readings[0]
    request = Request(
        reading.first.request.url, reading.origin, credentials="omit", page_address_space="public"
    )
    guarded = [
        profile.name.capitalize()
        for profile in BROWSERS
        if not judge(request, lambda _: reading.first.response, profile=profile).allowed
    ]
    asks = " and ".join(guarded)
    said = f"{asks} ask the visitor for permission first; others do not." if guarded else ""
    yield scene.finding(
        rules.PRIVATE_NETWORK,
        rules.PRIVATE_NETWORK.severity,
        f"{reading.origin} may read an answer from the {space} network",
        reading.first,
        said=said,
        why="Any page that somebody in this network opens reads what strangers cannot reach.",
        witness=reading.origin,
    )


def _space(scene: Scene) -> str | None:
    url = parse(scene.url)
    if url is None or url.host is None:
        return None
    if any(url.host.endswith(f".{ending}") for ending in _PRIVATE_NAMES):
        return "local"
    space = address_space(url)
    if space is None and scene.address is not None:
        try:
            host = ipaddress.ip_address(scene.address)
        except ValueError:
            return None
        written = f"[{host}]" if host.version == 6 else str(host)
        reached = parse(f"http://{written}/")
        space = None if reached is None else address_space(reached)
    return space
