"""Other people's YAML is read with its places, and no file of it does harm."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.layers.source import Source, UnreadableError
from corsage.layers.yaml_document import documents


def _one(text: str):
    [document] = documents(Source("x.yaml", text))
    return document


def test_every_value_and_key_knows_its_place():
    document = _one("a:\n  b: [1, x]\n")
    second = document.get("a", "b").elements()[1]
    assert (second.data, second.line, second.column) == ("x", 2, 10)
    assert document.get("a").keys == {"b": (2, 3)}


def test_quoted_scalars_are_text_and_plain_ones_what_yaml_takes_them_for():
    document = _one("{a: yes, b: 'yes', c: 12, d: 2020-01-01, e: ~}")
    assert [document.get(key).data for key in "abcde"] == [True, "yes", 12, "2020-01-01", None]


def test_merge_keys_give_way_to_the_mappings_own():
    document = _one("base: &base {a: 1, b: 2}\nmine: {<<: *base, b: 3}")
    assert {key: value.data for key, value in document.get("mine").items()} == {"a": 1, "b": 3}


def test_empty_documents_are_left_out():
    assert [d.string("a") for d in documents(Source("x", "---\n---\na: 1\n---\na: 2\n"))] == [
        "1",
        "2",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "- " * 100_000,
        "{a: " * 100_000,
        "a0: &a [1, 2, 3]\n" + "".join(f"a{i}: &a [*a, *a, *a, *a]\n" for i in range(1, 40)),
        "a: &a [*a]",
        "a: [1",
        "a: \x00",
    ],
    ids=["brackets", "dashes", "braces", "laughs", "itself", "open", "nul"],
)
def test_hostile_files_are_refused_with_a_place(text):
    with pytest.raises(UnreadableError) as refused:
        documents(Source("x.yaml", text))
    assert refused.value.where.file == "x.yaml"


@given(st.text(st.sampled_from("a:-[]{}&*<!|>? \n\t'\"#,0~%@`"), max_size=60))
def test_any_text_is_read_or_refused(text):
    with suppress(UnreadableError):
        documents(Source("x.yaml", text))
