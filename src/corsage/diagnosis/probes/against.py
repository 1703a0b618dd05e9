"""What the answers to probes rule out."""

from __future__ import annotations

from collections.abc import Callable

from corsage.diagnosis.clues import AGAINST, IMPOSSIBLE
from corsage.diagnosis.facts import ALLOW_ORIGIN, Facts
from corsage.diagnosis.probes.answers import (
    alike,
    fails_alike,
    granted,
    passes,
    preflight_passes,
    refused,
    repeats,
)


def _good_origin_refused(facts: Facts) -> bool:
    return refused(facts, "known-good-origin")


def _an_origin_is_let_in(facts: Facts) -> bool:
    return any(map(granted, facts.probed("known-good-origin", "near-origin")))


def _preflight_lets_it_in(facts: Facts) -> bool:
    bare = facts.failing == "response" and not facts.response.lines(ALLOW_ORIGIN)
    return bare and preflight_passes(facts)


def _open_to_anonymous(facts: Facts) -> bool:
    return any(p.answer.ok for p in facts.probed("anonymous-get", "plain-options"))


def _still_refused_with_credentials(facts: Facts) -> bool:
    return any(alike(p.answer, facts.preflight) for p in facts.probed("with-credentials"))


def _get_fails_alike(facts: Facts) -> bool:
    return any(fails_alike(probe, facts) for probe in facts.probed("get"))


def _get_passes_bare(facts: Facts) -> bool:
    return any(p.answer.ok and not p.answer.lines(ALLOW_ORIGIN) for p in facts.probed("get"))


def _instances_differ(facts: Facts) -> bool:
    return all(repeats(facts))


def _instances_agree(facts: Facts) -> bool:
    return bool(facts.probed("repeat")) and not _instances_differ(facts)


def _headers_do_not_matter(facts: Facts) -> bool:
    return refused(facts, "without-request-headers")


def _method_does_not_matter(facts: Facts) -> bool:
    return refused(facts, "with-method-get")


def _fresh_url_is_closed(facts: Facts) -> bool:
    return refused(facts, "beside-itself")


def _options_passes(facts: Facts) -> bool:
    """Some OPTIONS without credentials to this very path gets an ok status."""
    others = {"with-credentials", "repeat", "unrouted-path"}
    return any(
        probe.answer.ok and probe.asked.method == "OPTIONS"
        for probe in facts.observation.probes
        if probe.name not in others
    )


def _fresh_url_is_open(facts: Facts) -> bool:
    return passes(facts, "beside-itself")


_MET_BY_CHANCE = (
    "error-no-cors",
    "cache-vary",
    "header-not-allowed",
    "method-not-allowed",
    "origin-mismatch",
    "policy-inert",
    "preflight-auth",
    "preflight-unrouted",
    "streaming-bypass",
)

CONTRADICTED_BY_PROBES: tuple[tuple[str, int, Callable[[Facts], bool], str], ...] = (
    ("origin-mismatch", IMPOSSIBLE, _good_origin_refused, "a good origin is refused as well"),
    ("origin-mismatch", AGAINST, _preflight_lets_it_in, "preflights let the origin in"),
    ("policy-inert", IMPOSSIBLE, _an_origin_is_let_in, "another origin is let in"),
    ("preflight-auth", AGAINST, _open_to_anonymous, "the server is open without credentials"),
    ("preflight-auth", AGAINST, _still_refused_with_credentials, "credentials change nothing"),
    ("preflight-unrouted", IMPOSSIBLE, _get_fails_alike, "GET gets the same error"),
    ("policy-inert", IMPOSSIBLE, _get_fails_alike, "GET gets the same error"),
    ("preflight-auth", AGAINST, _options_passes, "OPTIONS passes without credentials"),
    ("preflight-unrouted", IMPOSSIBLE, _options_passes, "OPTIONS has a route"),
    ("preflight-unrouted", AGAINST, _get_passes_bare, "a route for OPTIONS would not be enough"),
    ("instance-drift", AGAINST, _instances_agree, "all repeats are alike"),
    ("header-not-allowed", AGAINST, _headers_do_not_matter, "without the names it is the same"),
    ("method-not-allowed", AGAINST, _method_does_not_matter, "for GET it is the same"),
    ("origin-mismatch", IMPOSSIBLE, _fresh_url_is_open, "a fresh URL lets the origin in"),
    ("policy-inert", IMPOSSIBLE, _fresh_url_is_open, "a fresh URL lets the origin in"),
    ("streaming-bypass", IMPOSSIBLE, _fresh_url_is_open, "a fresh URL lets the origin in"),
    ("cache-vary", IMPOSSIBLE, _fresh_url_is_closed, "a fresh URL gets the same answer"),
    *(
        (cause, IMPOSSIBLE, _instances_differ, "the same request passes at another time")
        for cause in _MET_BY_CHANCE
    ),
)
"""Class, weight, what was seen, and why that rules the class out."""
