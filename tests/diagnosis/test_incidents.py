"""What the diagnosis makes of incidents whose right answer is known."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from typing import Any

from corsage.diagnosis.causes import CAUSES
from corsage.diagnosis.records import explain_lines
from tests.diagnosis.conftest import (
    RECORDED,
    WRITTEN,
    answers_of,
    carries_facts,
    incidents_of,
    is_right,
    lines_of,
)

ANSWER_KEYS = (
    "class",
    "subclass",
    "root_cause",
    "fix",
    "hop_to_blame",
    "diagnosis_questions_needed",
    "detectable_by",
    "basis",
    "fails_in",
    "observed_basis",
    "source",
    "source_url",
)


def _answers(lines: list[str]) -> list[dict[str, Any]]:
    return list(explain_lines(lines))


def test_class_and_hop_are_right_in_95_of_100_incidents_that_carry_facts(collection: str) -> None:
    incidents = list(incidents_of(collection))
    answers = answers_of(collection)
    facts = [(i, a) for i, a in zip(incidents, answers, strict=True) if carries_facts(i)]
    wrong = [i["id"] for i, a in facts if not is_right(i, a)]

    assert len(wrong) <= 0.05 * len(facts), wrong


def test_the_class_is_right_in_95_of_100_of_all_incidents(collection: str) -> None:
    pairs = zip(incidents_of(collection), answers_of(collection), strict=True)
    results = [(i["id"], i["class"] == a["class"]) for i, a in pairs]
    wrong = [name for name, right in results if not right]

    assert len(wrong) <= 0.05 * len(results), wrong


def test_nothing_is_certain_and_wrong(collection: str) -> None:
    pairs = zip(incidents_of(collection), answers_of(collection), strict=True)
    certain = [(i, a) for i, a in pairs if a["confidence"] == "certain"]

    assert [i["id"] for i, a in certain if not is_right(i, a)] == []


def test_some_answers_are_certain() -> None:
    """Never saying certain would be an easy way never to be wrong."""
    answers = [a for name in (RECORDED, *WRITTEN) for a in answers_of(name)]

    assert sum(a["confidence"] == "certain" for a in answers) >= 20


def test_the_right_answer_in_the_record_is_not_looked_at(collection: str) -> None:
    """Neither the answer's keys nor the id, which names the class in the recorded ones."""
    stripped = []
    for number, incident in enumerate(incidents_of(collection)):
        for key in ANSWER_KEYS:
            incident[key] = "over-permissive"
        stripped.append(json.dumps({**incident, "id": str(number)}))

    def essence(answers: Iterable[dict[str, Any]]) -> list[tuple[str, str, str]]:
        return [(a["class"], a["hop"], a["confidence"]) for a in answers]

    assert essence(_answers(stripped)) == essence(answers_of(collection))


def test_the_order_of_incidents_does_not_matter() -> None:
    lines = lines_of(RECORDED)
    shuffled = random.Random(7).sample(lines, len(lines))
    by_id = {a["id"]: a for a in answers_of(RECORDED)}

    assert all(a == by_id[a["id"]] for a in _answers(shuffled))


def test_every_class_of_the_taxonomy_is_met() -> None:
    met = {i["class"] for name in (RECORDED, *WRITTEN) for i in incidents_of(name)}

    assert met == set(CAUSES)


def test_an_answer_says_what_it_rests_on_and_what_to_do(collection: str) -> None:
    for answer in answers_of(collection):
        assert answer["sentence"].endswith((".", "?"))
        assert answer["evidence"]
        assert answer["fix"]
        assert answer["ask"].endswith("?")


def test_an_ambiguous_answer_names_the_question_that_settles_it(collection: str) -> None:
    for answer in answers_of(collection):
        if answer["confidence"] == "ambiguous":
            assert answer["sentence"].startswith("I cannot tell between ")
            assert answer["ask"] in answer["sentence"]


def test_status_and_headers_alone_without_any_words_are_never_certain_and_wrong(
    collection: str,
) -> None:
    """The words may be missing altogether; then less is certain, and nothing is invented."""
    for incident in incidents_of(collection):
        bare = json.dumps({"id": "x", "observed": incident["observed"]})
        (answer,) = _answers([bare])
        assert answer["confidence"] != "certain" or is_right(incident, answer)
