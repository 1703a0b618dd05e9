"""A part of the questions that leaves out no clause, and says what it leaves out. No I/O."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from corsage.live.verify.plan import Question


@dataclass(frozen=True, slots=True)
class Chosen:
    """The questions to ask, out of ``total``, and how many of all clauses they exercise."""

    questions: tuple[Question, ...]
    total: int
    clauses: int
    all_clauses: int

    @property
    def coverage(self) -> str:
        """In words: ``412 of 18,344 cases, every clause at least once``."""
        asked = len(self.questions)
        if asked == self.total:
            return f"all {self.total:,} cases" if asked != 1 else "the one case"
        told = "every clause at least once"
        if self.clauses < self.all_clauses:
            told = f"{self.clauses:,} of {self.all_clauses:,} clauses"
        return f"{asked:,} of {self.total:,} cases, {told}"


def choose(questions: Iterable[Question], most: int | None = None, seed: int = 0) -> Chosen:
    """At most ``most`` questions: the first of each clause, then any others, evenly at random.

    The same arguments choose the same questions. What is not chosen is not kept in memory.
    """
    random_ = random.Random(seed)  # noqa: S311 -- chooses questions, guards nothing
    firsts: dict[tuple[str, str, str], tuple[int, Question]] = {}
    others: list[tuple[int, Question]] = []
    total = 0
    for number, question in enumerate(questions):
        total += 1
        if firsts.setdefault(question.clause, (number, question))[0] == number:
            continue
        if most is None or len(others) < most:
            others.append((number, question))
            continue
        # Algorithm R: each of those seen so far is kept with the same probability.
        slot = random_.randrange(number + 1 - len(firsts))
        if slot < most:
            others[slot] = (number, question)
    chosen = list(firsts.values())
    if most is not None and len(chosen) > most:
        chosen = random_.sample(chosen, most)
    room = len(others) if most is None else most - len(chosen)
    chosen += random_.sample(others, min(room, len(others)))
    asked = tuple(question for _, question in sorted(chosen, key=lambda pair: pair[0]))
    clauses = len({question.clause for question in asked})
    return Chosen(asked, total, clauses, len(firsts))
