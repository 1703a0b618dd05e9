"""Disagreements that are known and not the model's to follow, each with its reason.

An entry must be as narrow as what it explains; whatever it does not match is a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.differential.case import ORIGINS, Case, Observed
from tests.differential.compare import Difference


@dataclass(frozen=True, slots=True)
class Explanation:
    """``aspects`` are all that may differ where ``applies``; ``why`` also says why the model
    does not follow."""

    name: str
    browser: str
    aspects: frozenset[str]
    applies: Callable[[Case, Observed], bool]
    why: str


def _answered_408(case: Case, observed: Observed) -> bool:
    return any(408 in (hop.preflight.status, hop.actual.status) for hop in case.hops)


def _redirects_to_a_blank_in_a_host(case: Case, observed: Observed) -> bool:
    return any(
        line == ("Location", "http://a b/") for hop in case.hops for line in hop.actual.headers
    )


def _asks_for_ranges(case: Case, observed: Observed) -> bool:
    return any(name.lower() == "range" for name, _ in case.request.headers)


def _repeats_what_is_sent_once(case: Case, observed: Observed) -> bool:
    names = [name.lower() for name, _ in case.request.headers]
    return names.count("range") > 1 or names.count("content-type") > 1


def _redirects_to_its_own_blob(case: Case, observed: Observed) -> bool:
    return case.request.initiator == "xmlhttprequest" and any(
        line == ("Location", f"blob:{ORIGINS[hop.at]}/x")
        for hop in case.hops
        for line in hop.actual.headers
    )


def _names_a_charset(case: Case, observed: Observed) -> bool:
    return case.request.initiator == "xmlhttprequest" and any(
        name.lower() == "content-type" and "charset" in value.lower()
        for name, value in case.request.headers
    )


def _names_an_opaque_page(case: Case, observed: Observed) -> bool:
    return case.page == "sandboxed" and observed.console[0].startswith(
        "Security Error: Content at moz-nullprincipal:"
    )


_WIRE = frozenset({"preflights", "requests", "values"})

EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation(
        "Chromium asks again after 408",
        "chromium",
        _WIRE,
        _answered_408,
        "408 Request Timeout on a connection that was used before is taken for a closed connection,"
        " and the request is sent once more on a new one.",
    ),
    Explanation(
        "Chromium takes a blank in a host",
        "chromium",
        frozenset({"outcome", "type", "headers", "reason", "parameter", "console"}),
        _redirects_to_a_blank_in_a_host,
        "http://a b/ is no URL by the standard and one to Chromium, which therefore tells a failed"
        " CORS check first, and gives an opaque redirect with redirect mode manual. The model"
        " parses as the standard does.",
    ),
    Explanation(
        "Chromium rewrites Range",
        "chromium",
        frozenset({"values"}),
        _asks_for_ranges,
        "Chromium parses Range and sends its own spelling (Bytes= 0-10 becomes bytes=0-10)."
        " Whether it costs a preflight is decided before, on the page's spelling.",
    ),
    Explanation(
        "Firefox sends the last line",
        "firefox",
        frozenset({"values"}),
        _repeats_what_is_sent_once,
        "Of several lines of Range, and after a redirect of Content-Type, only the last travels."
        " Whether they cost a preflight is decided before, on all lines.",
    ),
    Explanation(
        "XMLHttpRequest writes the charset",
        "chromium",
        frozenset({"values"}),
        _names_a_charset,
        "XMLHttpRequest puts charset=UTF-8 in place of what the page's Content-Type says"
        " (https://xhr.spec.whatwg.org/#dom-xmlhttprequest-send). The value decides nothing then.",
    ),
    Explanation(
        "Firefox never ends a redirect to its own blob",
        "firefox",
        frozenset({"answer"}),
        _redirects_to_its_own_blob,
        "An XMLHttpRequest within the page's origin that is redirected to a blob URL of that origin"
        " fires neither load nor error. The model says that it fails, as fetch() does.",
    ),
    Explanation(
        "Firefox numbers opaque pages",
        "firefox",
        frozenset({"console"}),
        _names_an_opaque_page,
        "Of a sandboxed page Firefox prints moz-nullprincipal:{UUID}, new every time.",
    ),
)


def explanation(
    case: Case, browser: str, observed: Observed, differences: list[Difference]
) -> Explanation | None:
    """The entry that accounts for all differences, if one does."""
    aspects = {difference.aspect for difference in differences}
    for entry in EXPLANATIONS:
        if entry.browser == browser and aspects <= entry.aspects and entry.applies(case, observed):
            return entry
    return None
