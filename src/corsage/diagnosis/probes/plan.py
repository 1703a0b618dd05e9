"""Which question to ask next: the first that tells the causes apart which are still open."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from corsage.diagnosis.classify import Ranked
from corsage.diagnosis.clues import FAIR
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.probes.rules import PROBED
from corsage.diagnosis.probes.subject import Subject
from corsage.diagnosis.probes.table import PROBES, Probe

# What an answer without the page's origin may come from, by its status.
_PREFLIGHT: tuple[tuple[range, str], ...] = (
    (
        range(200, 300),
        "origin-mismatch header-not-allowed method-not-allowed policy-inert instance-drift",
    ),
    (range(401, 402), "preflight-auth"),
    (range(429, 430), "preflight-ratelimit"),
    (range(404, 406), "preflight-unrouted error-no-cors policy-inert instance-drift"),
    (
        range(400, 404),
        "preflight-auth preflight-unrouted origin-mismatch header-not-allowed instance-drift",
    ),
    (range(500, 600), "error-no-cors preflight-unrouted instance-drift"),
)
_RESPONSE: tuple[tuple[range, str], ...] = (
    (
        range(200, 300),
        "policy-inert cache-vary streaming-bypass origin-mismatch instance-drift",
    ),
    (range(300, 400), "redirect error-no-cors"),
    (range(400, 600), "error-no-cors origin-mismatch policy-inert instance-drift"),
)
_READABLE = "over-permissive cache-vary instance-drift error-no-cors"


def suspects(facts: Facts) -> frozenset[str]:
    """The causes that what was seen may have, before anything else is asked."""
    table, answer = _RESPONSE, facts.response
    if facts.failing == "":
        return frozenset(_READABLE.split() if facts.response.seen else ())
    if facts.failing == "preflight":
        table, answer = _PREFLIGHT, facts.preflight
    names = next((names for statuses, names in table if (answer.status or 0) in statuses), "")
    return frozenset(names.split())


def is_settled(ranked: Sequence[Ranked]) -> bool:
    """Whether one cause is proven and no other comes near it."""
    rival = ranked[1].points if len(ranked) > 1 else 0
    return bool(ranked) and ranked[0].proven and rival * 2 <= ranked[0].points


def next_probe(
    facts: Facts, ranked: Sequence[Ranked], subject: Subject, done: Collection[str]
) -> Probe | None:
    """The question to ask next; None where the answer is settled, or no question helps.

    What rests on one answer of a probe is not settled before the repeats have shown that all
    instances answer alike.
    """
    undecided = suspects(facts)
    if is_settled(ranked):
        if not any(clue.rule.startswith(PROBED) for clue in ranked[0].clues):
            return None
        undecided = frozenset({"instance-drift"})
    else:
        undecided |= {each.cause for each in ranked if each.points >= FAIR}
    for probe in PROBES:
        wanted = probe.name not in done and probe.tells & undecided
        if wanted and probe.useful(facts, subject):
            return probe
    return None


def every_probe(facts: Facts, subject: Subject, done: Collection[str]) -> Probe | None:
    """The next question that can be asked at all, whether or not it is needed."""
    return next((p for p in PROBES if p.name not in done and p.useful(facts, subject)), None)
