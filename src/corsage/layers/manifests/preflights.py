"""Routes that take a request and not its preflight."""

from __future__ import annotations

from collections.abc import Iterator

from corsage.browser.exchange import WireRequest
from corsage.layers import rules
from corsage.layers.site import Instance, Slip


def unrouted_preflights(instance: Instance) -> Iterator[Slip]:
    """Sites with a CORS policy that only takes some methods, or asks for a header, and whose
    preflights nobody else answers."""
    for site in instance.sites:
        if site.grant is None or not (site.match.methods or site.match.headers):
            continue
        host = next(iter(site.match.hosts), "host.example").replace("*.", "any.")
        asked = site.match.methods[0] if site.match.methods else "GET"
        preflight = WireRequest(
            "preflight",
            "OPTIONS",
            f"https://{host}{site.example}",
            (("Origin", "https://page.example"), ("Access-Control-Request-Method", asked)),
        )
        taken = instance.route(preflight)
        if taken is None or taken.grant is None:
            what = (
                f"the method {asked}"
                if site.match.methods
                else f"the header {site.match.headers[0][0]}"
            )
            then = (
                "nobody answers its preflight"
                if taken is None
                else f"its preflight goes to {taken.name}"
            )
            yield Slip(
                rules.PREFLIGHT_NOT_ROUTED,
                f"the rule asks for {what}, so {then}",
                site.where,
                "A preflight is an OPTIONS request, and has none of the headers that it asks for. "
                "Leave the condition out, or add a rule for OPTIONS with the same CORS policy.",
                witness=f"OPTIONS {site.example}",
            )
