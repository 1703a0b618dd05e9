"""JSON Lines in, JSON Lines out: every form that people write, and every broken one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.diagnosis.causes import CAUSES
from corsage.diagnosis.records import RecordError, explain_lines, read_record

TWICE = ["https://app.example", "https://app.example"]


def _explain(*records: Any) -> list[dict[str, Any]]:
    return list(explain_lines(r if isinstance(r, str) else json.dumps(r) for r in records))


def _response(status: int | None, headers: Any) -> dict[str, Any]:
    return {"id": "1", "observed": {"preflight": None, "response": _answer(status, headers)}}


def _answer(status: int | None, headers: Any) -> dict[str, Any]:
    return {"status": status, "headers": headers}


@pytest.mark.parametrize(
    "headers",
    [
        {"Access-Control-Allow-Origin": TWICE},
        {"access-control-allow-origin": ", ".join(TWICE)},
        [["Access-Control-Allow-Origin", TWICE[0]], ["access-control-allow-origin", TWICE[1]]],
        [{"name": "Access-Control-Allow-Origin", "value": value} for value in TWICE],
    ],
    ids=["list-of-values", "joined", "pairs", "har"],
)
def test_headers_may_be_a_dict_or_pairs_with_text_or_lists(headers: Any) -> None:
    (answer,) = _explain(_response(200, headers))

    assert answer["class"] == "multi-writer"


def test_a_broken_line_is_answered_with_its_number_and_the_rest_goes_on() -> None:
    good = _response(200, {"access-control-allow-origin": TWICE})
    answers = _explain(good, "{not json", "", [1], good)

    assert [a.get("class", a.get("line")) for a in answers] == [
        "multi-writer",
        2,
        4,
        "multi-writer",
    ]
    assert "write one object a line" in answers[1]["error"]


@pytest.mark.parametrize(
    "record",
    [
        "3",
        "null",
        '"text"',
        "{}",
        '{"observed": 3}',
        '{"observed": {"preflight": 401}}',
        '{"observed": {"preflight": {"status": "no"}}}',
        '{"observed": {"preflight": {"status": -1}}}',
        '{"observed": {"preflight": {"status": true}}}',
        '{"observed": {"preflight": {"status": 1e400}}}',
        '{"observed": {"response": {"headers": 7}}}',
        '{"observed": {"response": {"headers": [["a"]]}}}',
        '{"observed": {"response": {"headers": {"a": [["b"]]}}}}',
        '{"observed": {}, "symptom": {}}',
        '{"observed": {}, "request": 5}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"observed": {"response": {"status": ' + "9" * 5_000 + "}}}",
    ],
)
def test_what_is_no_observation_says_so_and_nothing_else_happens(record: str) -> None:
    with pytest.raises(RecordError) as error:
        read_record(record)

    assert len(str(error.value)) < 300


def test_either_answer_may_be_null_incomplete_or_absent() -> None:
    observed = (
        {"preflight": None, "response": None},
        {"preflight": {}},
        {"response": {"status": None, "headers": None}},
        {},
        None,
    )

    answers = _explain(
        *({"id": "n", "observed": one, "symptom": "429 on OPTIONS"} for one in observed)
    )

    assert [a["confidence"] in {"likely", "ambiguous"} for a in answers] == [True] * 5


def test_the_request_is_used_where_it_is_recorded() -> None:
    granted = {"access-control-allow-origin": "https://app.example"}
    lists = {**granted, "access-control-allow-methods": "GET, POST"}
    record = {
        "observed": {"preflight": _answer(204, lists), "response": None},
        "request": {
            "method": "PATCH",
            "origin": "https://app.example",
            "url": "https://a.example/",
        },
    }

    (answer,) = _explain(record)

    assert answer["class"] == "method-not-allowed"
    assert any("PATCH is not in Access-Control-Allow-Methods" in e for e in answer["evidence"])


def test_an_origin_in_the_request_is_compared_with_the_allowed_one() -> None:
    record = {
        "observed": {
            "response": _answer(200, {"access-control-allow-origin": "https://a.example"})
        },
        "request": {"headers": {"Origin": "https://b.example"}},
    }

    (answer,) = _explain(record)

    assert answer["class"] == "origin-mismatch"
    assert "https://b.example" in answer["evidence"][0]


def test_secrets_in_what_is_quoted_do_not_come_back() -> None:
    record = {
        "observed": {
            "preflight": _answer(302, {"location": "https://sso.example/?access_token=s3cr3t99"})
        },
        "symptom": "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc is rejected",
    }

    assert "s3cr3t99" not in json.dumps(_explain(record))
    assert "eyJ" not in json.dumps(_explain(record))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
_HEADER = st.sampled_from(
    [
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "Access-Control-Allow-Headers",
        "age",
        "location",
        "server",
        "vary",
        "x-cache",
    ]
)
_HEADERS = st.dictionaries(_HEADER | st.text(), st.text() | st.lists(st.text()), max_size=6)
_ANSWERS = st.none() | st.fixed_dictionaries(
    {}, optional={"status": st.none() | st.integers(0, 999), "headers": _HEADERS | st.none()}
)
_RECORDS = st.fixed_dictionaries(
    {"observed": st.fixed_dictionaries({}, optional={"preflight": _ANSWERS, "response": _ANSWERS})},
    optional={
        "id": st.text(),
        "request": st.none()
        | st.dictionaries(st.sampled_from(["url", "origin", "headers"]), _JSON),
        "layer_stack": st.text(),
        "config_excerpt": st.text(),
        "symptom": st.text(),
    },
)


@given(_JSON)
def test_any_json_is_answered_or_refused(value: Any) -> None:
    (answer,) = _explain(json.dumps(value)) or [{"error": "blank"}]

    assert "error" in answer or answer["class"] in CAUSES


@given(_RECORDS)
def test_any_record_of_the_right_shape_is_answered(record: dict[str, Any]) -> None:
    (answer,) = _explain(record)

    assert "error" in answer or answer["class"] in CAUSES


@given(st.text())
def test_any_line_at_all_is_answered_or_refused(line: str) -> None:
    for answer in explain_lines([line]):
        assert "error" in answer or answer["class"] in CAUSES


@pytest.mark.parametrize(
    "piece",
    ["a ", "a", "1", "_", "x-", "-", "->", "\\", "options ", "no ", "(", "http://", "* ", ","],
)
def test_long_and_repetitive_texts_take_no_time_to_speak_of(piece: str) -> None:
    """Text beyond 4,000 characters is not read, and no pattern backtracks on what is."""
    text = piece * 200_000
    record = {
        "observed": {
            "preflight": _answer(403, {"allow": text}),
            "response": _answer(500, {text: text}),
        },
        "symptom": text,
        "layer_stack": text,
        "config_excerpt": text,
    }

    (answer,) = _explain(record)

    assert len(json.dumps(answer)) < 20_000
