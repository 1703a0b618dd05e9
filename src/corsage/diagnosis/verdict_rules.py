"""Rules that read the browser model's verdict, where the request is known well enough to judge.

Where the model names one failing check, that check is the class, whatever else may look odd about
the answer. Reasons that leave the class open (no Access-Control-Allow-Origin, no ok status) have
no row: the other rules decide.
"""

from __future__ import annotations

from corsage.browser import Reason
from corsage.diagnosis.clues import PROOF, STRONG, Premise, Rule
from corsage.diagnosis.facts import Facts

VERDICT = "verdict-"
"""How the names of these rules begin."""

_SETTLED = 2 * PROOF
"""More than any sum of signs: it is the check itself that failed."""

_CLASS: dict[Reason, str] = {
    Reason.WILDCARD_WITH_CREDENTIALS: "wildcard-credentials",
    Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS: "wildcard-credentials",
    Reason.METHOD_NOT_ALLOWED: "method-not-allowed",
    Reason.PREFLIGHT_INVALID_ALLOW_METHODS: "method-not-allowed",
    Reason.HEADER_NOT_ALLOWED: "header-not-allowed",
    Reason.PREFLIGHT_INVALID_ALLOW_HEADERS: "header-not-allowed",
    Reason.PREFLIGHT_REDIRECT: "redirect",
    Reason.REDIRECT_CONTAINS_CREDENTIALS: "redirect",
    Reason.TOO_MANY_REDIRECTS: "redirect",
    Reason.INVALID_REDIRECT: "redirect",
    Reason.UNSAFE_REDIRECT: "redirect",
    Reason.CORRUPT_RESPONSE: "not-cors-transport",
    Reason.LOCAL_NETWORK_ACCESS: "private-network",
    Reason.NETWORK_FAILURE: "not-cors-transport",
    Reason.PREFLIGHT_NETWORK_FAILURE: "not-cors-transport",
    Reason.MIXED_CONTENT: "not-cors-transport",
}

# These say that the value is wrong, and another sign may say why: two writers, a cache.
_LEANING: dict[Reason, str] = {
    Reason.ALLOW_ORIGIN_MISMATCH: "origin-mismatch",
    Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH: "origin-mismatch",
    Reason.INVALID_ALLOW_ORIGIN: "origin-mismatch",
    Reason.PREFLIGHT_INVALID_ALLOW_ORIGIN: "origin-mismatch",
}

# Several values come from two writers, or from a list that was sent as it stands; a grant of
# credentials may be missing, or stand twice.
_HINTING: dict[Reason, str] = {
    Reason.INVALID_ALLOW_CREDENTIALS: "wildcard-credentials",
    Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS: "wildcard-credentials",
    Reason.MULTIPLE_ALLOW_ORIGIN: "multi-writer",
    Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN: "multi-writer",
}


def _premise(reason: Reason) -> Premise:
    def premise(facts: Facts) -> str | None:
        return f"browsers say: {reason.title}" if facts.observation.asked.reason is reason else None

    return premise


RULES = tuple(
    Rule(f"{VERDICT}{reason}", cause, points, _premise(reason), reason.title)
    for table, points in ((_CLASS, _SETTLED), (_LEANING, PROOF), (_HINTING, STRONG))
    for reason, cause in table.items()
)
