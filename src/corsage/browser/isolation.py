"""What is often taken for CORS and is not: CORP, ORB and Timing-Allow-Origin.

None of them decides whether ``fetch()`` may read a response that CORS allows.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from corsage.browser.exchange import Headers
from corsage.browser.fields import get, lines
from corsage.browser.origin import is_same_origin
from corsage.browser.profiles import STANDARD
from corsage.browser.url import Url

EmbedderPolicy: TypeAlias = Literal["unsafe-none", "require-corp", "credentialless"]


def corp_allows(
    headers: Headers,
    origin: str,
    url: Url,
    *,
    same_site: bool,
    embedder_policy: EmbedderPolicy = "unsafe-none",
) -> bool:
    """Whether Cross-Origin-Resource-Policy lets a ``no-cors`` response in (an ``<img>``, a
    ``<script>``); a response that CORS has approved ignores it.

    https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check. Whether origin and URL are
    of one site takes the Public Suffix List, so the caller says it. Under ``require-corp`` a
    missing header counts as ``same-origin``.
    """
    if is_same_origin(origin, url):
        return True
    policy = get(headers, "cross-origin-resource-policy", STANDARD)
    if policy == "same-origin":
        return False
    if policy == "same-site":
        return same_site and (origin.startswith("https:") or url.scheme != "https")
    return policy == "cross-origin" or embedder_policy != "require-corp"


_NEVER_SCRIPTS = ("text/html", "text/xml", "application/xml", "text/json", "application/json")


def orb_blocks(headers: Headers) -> bool:
    """Whether Opaque Response Blocking keeps a ``no-cors`` body from the page's process.

    https://github.com/annevk/orb, as far as headers tell: HTML, JSON and XML that say so, where
    sniffing is off. ``fetch()`` then resolves to an opaque response with an empty body, and a
    ``<script>`` fails with ``net::ERR_BLOCKED_BY_ORB``; CORS is not involved.
    """
    essence = (get(headers, "content-type", STANDARD) or "").partition(";")[0].strip().lower()
    sniffed = [value.lower() for value in lines(headers, "x-content-type-options")]
    structured = essence.endswith(("+json", "+xml")) and essence != "image/svg+xml"
    return "nosniff" in sniffed and (structured or essence in _NEVER_SCRIPTS)


def timing_allowed(headers: Headers, origin: str) -> bool:
    """Whether Timing-Allow-Origin shows a cross-origin resource's timings; it never decides
    whether the response can be read.

    https://fetch.spec.whatwg.org/#concept-tao-check
    """
    value = get(headers, "timing-allow-origin", STANDARD)
    if value is None:
        return False
    return any(part.strip() in {"*", origin} for part in value.split(","))
