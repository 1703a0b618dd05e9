"""From many differences to few drifts: those with one cause are one. No I/O.

What is kept does not grow with the number of answers, only with the number of causes, places and
origins among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from corsage.browser import Reason
from corsage.check import verify_rules as rules
from corsage.live.verify.answer import Answer
from corsage.live.verify.compare import ALLOW_ORIGIN, Difference, values_of
from corsage.policy.near_misses import STRANGER
from corsage.policy.rules import Rule

MISSING = str(Reason.MISSING_ALLOW_ORIGIN)
ON_ERRORS = "error-without-allow-origin"
STATUS = str(Reason.PREFLIGHT_STATUS)
_LOST = (MISSING, ON_ERRORS, STATUS)
# What decides it is named by its values: another method is another drift.
_TOLD_BY_VALUES = {str(Reason.METHOD_NOT_ALLOWED), str(Reason.HEADER_NOT_ALLOWED), STATUS, "expose"}


@dataclass
class Drift:
    """Differences with one cause. ``scope`` narrows it: ``everything`` (a place never names any
    origin), ``origins`` (others are served there), ``everybody`` (even a stranger is let in)."""

    rule: Rule
    cause: str
    witness: Difference
    scope: str = ""
    places: Counter[str] = field(default_factory=Counter)
    origins: dict[str, None] = field(default_factory=dict)
    values: dict[str, None] = field(default_factory=dict)
    requests: set[str] = field(default_factory=set)
    clauses: set[tuple[str, str, str]] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many cases show it."""
        return self.places.total()

    def add(self, difference: Difference) -> None:
        """One more difference with this cause."""
        question = difference.answer.question
        self.places[question.place] += 1
        self.origins[question.case.request.origin] = None
        self.values |= dict.fromkeys(difference.values)
        self.requests.add(difference.request.kind)
        self.clauses.add(question.clause)
        if _telling(difference) < _telling(self.witness):
            self.witness = difference

    def absorb(self, other: Drift) -> None:
        """Take over what turned out to have the same cause."""
        self.places += other.places
        self.origins |= other.origins
        self.values |= other.values
        self.requests |= other.requests
        self.clauses |= other.clauses
        if _telling(other.witness) < _telling(self.witness):
            self.witness = other.witness


def _telling(difference: Difference) -> tuple[bool, bool, int]:
    """The least is the best witness: a stranger let in, with credentials, early in the file."""
    request = difference.answer.question.case.request
    allows = difference.rule is rules.ALLOWS
    return (
        allows and request.origin != STRANGER,
        allows and request.credentials != "include",
        difference.answer.question.number,
    )


class Ledger:
    """Takes answers as they come and knows the drifts when they have all come."""

    def __init__(self) -> None:
        self._drifts: dict[tuple[str, str, str], Drift] = {}
        # Place -> what names an origin there: answers, errors, preflights.
        self._serves: dict[str, set[str]] = {}
        # Place, and whether errors -> values of Access-Control-Allow-Origin: two of them vary.
        self._variants: dict[tuple[str, bool], set[str]] = {}

    def add(self, answer: Answer, differences: Iterable[Difference]) -> None:
        """Note what one answer shows."""
        place = answer.question.place
        for request, response in answer.exchanges:
            if response is None:
                continue
            named = values_of(response.headers, ALLOW_ORIGIN)
            if request.kind == "actual":
                key = place, response.status >= 400
                variants = self._variants.setdefault(key, set())
                if len(variants) < 2:
                    variants.add(", ".join(named))
            if named:
                failed = "error" if response.status >= 400 else "answer"
                kind = "preflight" if request.kind == "preflight" else failed
                self._serves.setdefault(place, set()).add(kind)
        for difference in differences:
            rule, cause = difference.rule, difference.cause
            drift = self._drifts.setdefault((place, rule.id, cause), Drift(rule, cause, difference))
            drift.add(difference)

    def drifts(self) -> list[Drift]:
        """The drifts, errors first, in the order of the rules."""
        by_place: dict[str, list[Drift]] = {}
        for (place, _, _), drift in self._drifts.items():
            if drift.rule is not rules.MISSING_VARY or self._varies(place):
                copy = Drift(drift.rule, drift.cause, drift.witness)
                copy.absorb(drift)
                by_place.setdefault(place, []).append(copy)
        found: dict[tuple[object, ...], Drift] = {}
        for place, here in by_place.items():
            for drift in self._gathered(place, here):
                key = _traits(drift)
                if key in found:
                    found[key].absorb(drift)
                else:
                    found[key] = drift
        severities = ("error", "warning", "note")
        return sorted(
            found.values(),
            key=lambda drift: (
                severities.index(drift.rule.severity),
                drift.rule.id,
                drift.witness.answer.question.number,
            ),
        )

    def _varies(self, place: str) -> bool:
        return any(len(self._variants.get((place, failed), ())) > 1 for failed in (False, True))

    def _gathered(self, place: str, drifts: list[Drift]) -> list[Drift]:
        """One place's drifts, with those that follow from another taken into it."""
        admits = next((d for d in drifts if (d.rule, d.cause) == (rules.ALLOWS, MISSING)), None)
        if admits is not None:
            admits.scope = "everybody" if STRANGER in admits.origins else ""
            # Where an origin is let in, those that are only half let in have the same cause.
            drifts = [drift for drift in drifts if drift.rule is not rules.GRANTS_TO_REFUSED]
        lost = [d for d in drifts if d.rule is rules.BLOCKS and d.cause in _LOST]
        others = [drift for drift in drifts if drift not in lost]
        if not lost:
            return others
        lost.sort(key=lambda drift: _LOST.index(drift.cause))
        first = lost[0]
        if place not in self._serves:
            first.scope, first.cause = "everything", MISSING
            first.witness = min((drift.witness for drift in lost), key=_telling)
        elif first.cause == MISSING:
            first.scope = "origins" if "answer" in self._serves[place] else ""
        kept = [first]
        for drift in lost[1:]:
            follows = first.cause == MISSING and drift.origins.keys() <= first.origins.keys()
            if first.scope == "everything" or follows:
                first.absorb(drift)
            else:
                kept.append(drift)
        return [*kept, *others]


def _traits(drift: Drift) -> tuple[object, ...]:
    """What two drifts at different places have in common if they have one cause."""
    what: object = ()
    if drift.cause in _TOLD_BY_VALUES or drift.rule in (rules.OTHER_MAX_AGE, rules.OTHER_TIMING):
        what = frozenset(drift.values)
    elif drift.scope == "origins":
        what = frozenset(drift.origins)
    elif drift.rule is rules.ALLOWS and drift.cause == MISSING and drift.scope != "everybody":
        what = frozenset(kind for _, _, kind in drift.clauses)
    return drift.rule.id, drift.cause, drift.scope, what
