"""One phrase family and what it speaks for.

Words count only in their situation: "auth" beside a preflight that got 401 means something else
than beside one that passed. No claim proves anything by itself; see clues.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corsage.diagnosis.clues import Clue
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.situations import Situation

_LONGEST_QUOTE = 120


@dataclass(frozen=True, slots=True)
class Claim:
    """One phrase family.

    ``where`` says what is searched: ``S`` the symptom, ``C`` the configuration excerpt, ``P`` the
    path. ``because`` says why the words speak for ``cause``; it also names the claim.
    """

    cause: str
    points: int
    situation: Situation
    where: str
    words: re.Pattern[str]
    because: str

    def apply(self, facts: Facts) -> Clue | None:
        """The clue, quoting the words, where they stand and the situation fits."""
        for field, name, text in (
            ("S", "the symptom", facts.symptom),
            ("C", "the configuration", facts.config),
            ("P", "the path", facts.stack),
        ):
            match = self.words.search(text) if field in self.where else None
            if match and self.situation(facts):
                quote = " ".join(match.group(0).split())[:_LONGEST_QUOTE]
                line = f"{name} says “{quote}”: {self.because}"
                return Clue(self.because, self.cause, self.points, line, observed=False)
        return None


def claim(
    cause: str, points: int, situation: Situation, where: str, phrases: str, because: str
) -> Claim:
    """A claim from its phrases: one regular expression a line, in any case."""
    words = "|".join(line.strip() for line in phrases.splitlines() if line.strip())
    return Claim(cause, points, situation, where, re.compile(words, re.IGNORECASE), because)
