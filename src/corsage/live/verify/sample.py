"""A part of the questions that leaves out no clause, and says what it leaves out. No I/O."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from corsage.live.verify.plan import Question

Clause: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ``questions`` to ask (to be gone through as often as needed), how many they are out of
    ``total``, the ``clauses`` that they exercise and the number of all."""

    questions: Iterable[Question]
    asked: int
    total: int
    clauses: tuple[Clause, ...]
    all_clauses: int

    @property
    def coverage(self) -> str:
        """In words: ``412 of 18,344 cases, every clause at least once``."""
        if self.asked == self.total:
            return f"all {self.total:,} cases" if self.asked != 1 else "the one case"
        told = "every clause at least once"
        if len(self.clauses) < self.all_clauses:
            told = f"{len(self.clauses):,} of {self.all_clauses:,} clauses"
        return f"{self.asked:,} of {self.total:,} cases, {told}"


def count(questions: Iterable[Question]) -> Chosen:
    """All questions, which are counted and not kept; the caller has them again."""
    clauses: dict[Clause, None] = {}
    total = 0
    for question in questions:
        total += 1
        clauses[question.clause] = None
    return Chosen((), total, total, tuple(clauses), len(clauses))


def choose(questions: Iterable[Question], most: int | None = None, seed: int = 0) -> Chosen:
    """At most ``most`` questions: the first of each clause, then any others, evenly at random.

    The same arguments choose the same questions. What is not chosen is not kept in memory.
    """
    random_ = random.Random(seed)  # noqa: S311 -- chooses questions, guards nothing
    firsts: dict[Clause, tuple[int, Question]] = {}
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
    clauses = tuple(dict.fromkeys(question.clause for question in asked))
    return Chosen(asked, len(asked), total, clauses, len(firsts))
