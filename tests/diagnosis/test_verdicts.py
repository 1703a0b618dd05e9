"""The browser model's verdict decides the class wherever the failing check names it."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from typing import Any

from corsage.browser import Reason, Request
from corsage.diagnosis.case import Case
from corsage.diagnosis.explanation import Explanation, explain
from corsage.diagnosis.observation import Answer
from tests.diagnosis.conftest import DATA

CLASS_OF = {
    Reason.ALLOW_ORIGIN_MISMATCH: {"origin-mismatch"},
    Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH: {"origin-mismatch"},
    Reason.WILDCARD_WITH_CREDENTIALS: {"wildcard-credentials"},
    Reason.PREFLIGHT_WILDCARD_WITH_CREDENTIALS: {"wildcard-credentials"},
    Reason.MULTIPLE_ALLOW_ORIGIN: {"multi-writer", "origin-mismatch"},
    Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN: {"multi-writer", "origin-mismatch"},
    Reason.INVALID_ALLOW_CREDENTIALS: {"wildcard-credentials", "multi-writer"},
    Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS: {"wildcard-credentials", "multi-writer"},
    Reason.METHOD_NOT_ALLOWED: {"method-not-allowed"},
    Reason.PREFLIGHT_INVALID_ALLOW_METHODS: {"method-not-allowed"},
    Reason.HEADER_NOT_ALLOWED: {"header-not-allowed"},
    Reason.PREFLIGHT_INVALID_ALLOW_HEADERS: {"header-not-allowed"},
    Reason.PREFLIGHT_REDIRECT: {"redirect"},
}


def _answer(recorded: Any) -> Answer:
    if recorded is None:
        return Answer()
    headers = tuple((name.lower(), value) for name, value in recorded["headers"])
    return Answer(recorded["status"], headers)


def _explained() -> Iterator[tuple[dict[str, Any], Explanation]]:
    """Every exchange of one hop that was recorded from Chromium, explained."""
    with lzma.open(DATA / "browser" / "chromium.jsonl.xz", "rt", encoding="utf-8") as file:
        for case in map(json.loads, file):
            asked, hops = case["request"], case["hops"]
            if len(hops) != 1:
                continue
            request = Request(
                url=asked["url"],
                origin=case["origin"],
                method=asked["method"],
                headers=tuple((name, value) for name, value in asked["headers"]),
                body=asked["body"],
                credentials=asked["credentials"],
                mode=asked["mode"],
                redirect=asked["redirect"],
            )
            answers = _answer(hops[0]["preflight"]), _answer(hops[0]["actual"])
            yield case, explain(Case(case["id"], request, *answers))


def test_the_class_follows_the_check_that_failed_in_a_real_browser() -> None:
    followed = 0
    for case, explanation in _explained():
        verdict = explanation.verdicts.get("chromium")
        if verdict is None or verdict.reason not in CLASS_OF:
            continue
        assert explanation.diagnosis is not None, case["id"]
        assert explanation.diagnosis.cause in CLASS_OF[verdict.reason], case["id"]
        followed += 1
    assert followed > 300


def test_what_every_browser_lets_through_is_not_diagnosed() -> None:
    readable = [explanation for _, explanation in _explained() if explanation.allowed]

    assert len(readable) > 500
    assert all(explanation.diagnosis is None for explanation in readable)


def test_a_call_that_no_browser_makes_is_the_pages_own_mistake() -> None:
    request = Request("https://a.example/", "https://b.example", method="TRACE")
    explanation = explain(Case("TRACE", request, Answer(204), Answer(200)))

    assert explanation.allowed is False
    assert explanation.diagnosis is None
    assert "before anything is sent" in explanation.sentence


def test_an_answer_after_a_failed_preflight_is_not_held_against_anybody() -> None:
    """The browser never asked for it."""
    request = Request("https://a.example/", "https://b.example", method="PUT")
    twice = (("access-control-allow-origin", "*"), ("access-control-allow-origin", "*"))
    explanation = explain(Case("PUT", request, Answer(401), Answer(200, twice)))

    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause == "preflight-auth"
