"""From facts to a ranking of causes, with the clues that led there."""

from __future__ import annotations

from dataclasses import dataclass

from corsage.diagnosis import preflight_rules, response_rules, verdict_rules
from corsage.diagnosis.causes import CAUSES
from corsage.diagnosis.claims import CLAIMS
from corsage.diagnosis.clues import PROOF, Clue
from corsage.diagnosis.contradictions import CONTRADICTIONS
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.verdict_rules import VERDICT

RULES = verdict_rules.RULES + preflight_rules.RULES + response_rules.RULES


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
    judged = {clue.cause for clue in applied if clue and clue.rule.startswith(VERDICT)}
    for cause, points, premise, _ in CONTRADICTIONS:
        # What the browser model says of the exchange cannot be contradicted by its looks.
        if clues[cause] and cause not in judged and premise(facts):
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
