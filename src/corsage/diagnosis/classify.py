"""From facts to a ranking of causes, with the clues that led there."""

from __future__ import annotations

from dataclasses import dataclass

from corsage.diagnosis import hop_rules, preflight_rules, response_rules, verdict_rules
from corsage.diagnosis.causes import CAUSES
from corsage.diagnosis.claims import CLAIMS
from corsage.diagnosis.clues import PROOF, Clue
from corsage.diagnosis.contradictions import CONTRADICTIONS
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.probes import rules as probe_rules
from corsage.diagnosis.probes.against import CONTRADICTED_BY_PROBES
from corsage.diagnosis.verdict_rules import VERDICT

RULES = (
    verdict_rules.RULES
    + preflight_rules.RULES
    + response_rules.RULES
    + probe_rules.RULES
    + hop_rules.RULES
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One cause with its points and what speaks for it, the strongest first."""

    cause: str
    points: int
    clues: tuple[Clue, ...]

    @property
    def proven(self) -> bool:
        """Whether an observed fact proves it."""
        return any(clue.observed and clue.points >= PROOF for clue in self.clues)

    @property
    def observed(self) -> int:
        """The points that rest on recorded answers."""
        return sum(clue.points for clue in self.clues if clue.observed)


def rank(facts: Facts) -> tuple[Ranked, ...]:
    """Every cause that something speaks for, the likeliest first; ties in the taxonomy's order."""
    clues: dict[str, list[Clue]] = {name: [] for name in CAUSES}
    applied = [rule.apply(facts) for rule in RULES] + [claim.apply(facts) for claim in CLAIMS]
    for clue in applied:
        if clue is not None:
            clues[clue.cause].append(clue)
    against = dict.fromkeys(CAUSES, 0)
    judged = {clue.cause for clue in applied if clue and _is_settled_by(clue)}
    for cause, points, premise, _ in CONTRADICTIONS:
        # What the browser model says of the exchange cannot be contradicted by its looks; nor can
        # what a probe has proven.
        if clues[cause] and cause not in judged and premise(facts):
            against[cause] += points
    for cause, points, premise, _ in CONTRADICTED_BY_PROBES:
        if clues[cause] and premise(facts):
            against[cause] += points
    ranked = [
        Ranked(
            cause,
            sum(clue.points for clue in found) + against[cause],
            tuple(sorted(found, key=lambda clue: (-clue.points, not clue.observed))),
        )
        for cause, found in clues.items()
        if found
    ]
    return tuple(sorted((r for r in ranked if r.points > 0), key=lambda r: -r.points))


def _is_settled_by(clue: Clue) -> bool:
    proven = is_of_a_live_server(clue) and clue.points >= PROOF
    return proven or clue.rule.startswith(VERDICT)


def is_of_a_live_server(clue: Clue) -> bool:
    """Whether the clue rests on what was asked beside the browser's own requests."""
    return clue.rule.startswith((probe_rules.PROBED, hop_rules.TRACED))
