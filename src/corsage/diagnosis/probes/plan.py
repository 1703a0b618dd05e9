"""Which question to ask next: the first that tells the causes apart which are still open."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from corsage.diagnosis.classify import Ranked
from corsage.diagnosis.clues import FAIR
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.probes.subject import Subject
from corsage.diagnosis.probes.table import PROBES, Probe, may_be_cached, may_differ

_LISTS = {"origin-mismatch", "header-not-allowed", "method-not-allowed"}
_DRIFT = {"instance-drift"}

# What an answer without the page's origin may come from, by its status.
_PREFLIGHT: tuple[tuple[range, set[str]], ...] = (
    (range(200, 300), {"policy-inert"} | _LISTS | _DRIFT),
    (range(401, 402), {"preflight-auth"}),
    (range(429, 430), {"preflight-ratelimit"}),
    (range(404, 406), {"preflight-unrouted", "error-no-cors", "policy-inert"} | _DRIFT),
    (range(400, 404), {"preflight-auth", "preflight-unrouted"} | _LISTS | _DRIFT),
    (range(500, 600), {"error-no-cors", "preflight-unrouted"} | _DRIFT),
)
_RESPONSE: tuple[tuple[range, set[str]], ...] = (
    (
        range(200, 300),
        {"policy-inert", "cache-vary", "streaming-bypass", "origin-mismatch"} | _DRIFT,
    ),
    (range(300, 400), {"redirect", "error-no-cors"}),
    (range(400, 600), {"error-no-cors", "origin-mismatch", "policy-inert"} | _DRIFT),
)
_READABLE = {"over-permissive", "cache-vary", "error-no-cors", "cookie"} | _DRIFT


def suspects(facts: Facts) -> frozenset[str]:
    """The causes that what was seen may have, before anything else is asked."""
    table, answer = _RESPONSE, facts.failed_answer
    if facts.failing and not facts.closed:
        return frozenset({"instance-drift"})
    if facts.failing == "":
        return frozenset(_READABLE if facts.response.seen else ())
    if facts.failing == "preflight":
        table = _PREFLIGHT
    elif facts.preflight.seen and answer.failed:
        return frozenset({"error-no-cors"})  # a list that lets the preflight in is not to blame
    found = (causes for statuses, causes in table if (answer.status or 0) in statuses)
    return frozenset(next(found, ()))


def is_settled(ranked: Sequence[Ranked]) -> bool:
    """Whether one cause is proven and no other comes near it."""
    rival = ranked[1].points if len(ranked) > 1 else 0
    return bool(ranked) and ranked[0].proven and rival * 2 <= ranked[0].points


_LAST_DOUBTS = frozenset({"instance-drift", "cache-vary"})


def is_beyond_doubt(facts: Facts) -> bool:
    """Whether the last doubts were looked into: no other instance and no cache is behind it."""
    repeated = facts.probed("repeat") or not may_differ(facts)
    fresh = facts.probed("beside-itself") or not may_be_cached(facts)
    return bool(repeated and fresh)


def next_probe(
    facts: Facts, ranked: Sequence[Ranked], subject: Subject, done: Collection[str]
) -> Probe | None:
    """The question to ask next; None where the answer is settled, or no question helps.

    What one exchange has settled is held against other instances, and against caches, once more.
    """
    undecided = suspects(facts)
    if is_settled(ranked):
        # Which entry differs, and in what, is what is to be changed.
        undecided = _LAST_DOUBTS | ({"origin-mismatch"} & {ranked[0].cause})
    elif len(undecided) == 1 and ranked and ranked[0].cause in undecided:
        undecided = frozenset({"instance-drift"})
    else:
        worth = max(FAIR, ranked[0].points // 3) if ranked else 0
        undecided |= {each.cause for each in ranked if each.points >= worth}
    for probe in PROBES:
        wanted = probe.name not in done and probe.tells & undecided
        if wanted and probe.useful(facts, subject):
            return probe
    return None


def every_probe(facts: Facts, subject: Subject, done: Collection[str]) -> Probe | None:
    """The next question that can be asked at all, whether or not it is needed."""
    return next((p for p in PROBES if p.name not in done and p.useful(facts, subject)), None)
