"""Drifts as findings, in the policy file's own lines. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.check.finding import Finding
from corsage.live.verify import words
from corsage.live.verify.drift import Drift
from corsage.live.verify.places import Places


def finding_of(
    drift: Drift, places: Places, *, address: str | None = None, notes: Mapping[int, str]
) -> Finding:
    """One drift as a finding. ``address`` is where its request was sent, if not to its own URL;
    ``notes`` (by the ``id`` of a drift) say more about some."""
    witness = drift.witness
    why = [words.extent(drift)]
    broken = sorted(
        {line for _, _, kind in drift.clauses if (line := places.expectation(kind)) is not None}
    )
    if broken and drift.rule.severity == "error":
        lines = words.named(list(map(str, broken)))
        why.append(f"breaks the expectation on line {lines}")
    if note := notes.get(id(drift)):
        why.append(note)
    told = words.answered(drift)
    request = witness.request
    asked = f"{request.method} {request.url}"
    got = witness.answer.got
    verdict = got.sentence.removesuffix(".")
    return Finding(
        drift.rule.id,
        drift.rule.severity,
        words.sentence(drift),
        places.route(witness.answer.question.place),
        evidence=f"{asked} was {told}. A browser: {verdict}.",
        why="; ".join(why) + ".",
        witness=words.request_line(witness.answer.question.case.request),
        reproduce=words.curl(request, address),
    )
