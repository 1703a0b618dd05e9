"""Reading YAML from strangers."""

from __future__ import annotations

import time
from contextlib import nullcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corsage.policy import PolicyError, load_policy
from corsage.policy.load import read_policy_text
from corsage.policy.nodes import LARGEST_FILE
from tests.policy.conftest import FILES

_FIXED = [path.read_text("utf-8") for path in FILES]

GOOD = (
    "version: 1\n"
    "services: {a: 'http://a'}\n"
    "policies: {p: {allow_origins: '*'}}\n"
    "routes: [{path: /, service: a, cors: p}]\n"
)


def _problems(source):
    reading = read_policy_text(source)
    assert reading.policy is None
    return [(p.rule, p.line, p.column) for p in reading.problems]


@pytest.mark.parametrize(
    "source", [GOOD, GOOD.encode(), "\ufeff" + GOOD, GOOD.replace("\n", "\r\n")]
)
def test_a_good_file_is_read_from_text_and_bytes_with_any_line_ends(source):
    assert read_policy_text(source).policy is not None
    assert load_policy(source).services["a"].url == "http://a"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", ("CORS001", 1, 1)),
        ("# nothing\n", ("CORS001", 1, 1)),
        ("---\n", ("CORS001", 1, 1)),
        ("null", ("CORS001", 1, 1)),
        (GOOD + "---\n" + GOOD, ("CORS001", 5, 1)),
        ("version: 1\nservices: {\n", ("CORS001", 3, 1)),
        ("version: 1\n\tservices: x\n", ("CORS001", 2, 1)),
        ("policies: {p: {allow_origins: *}}", ("CORS001", 1, 32)),
        ("a: @b", ("CORS001", 1, 4)),
        ("a: b: c", ("CORS001", 1, 5)),
        ("a: '\x07'", ("CORS001", 1, 5)),
        ("a: b # \u202e", ("CORS001", 1, 8)),
        ("a: b\u2028c: d", ("CORS001", 1, 5)),
        ("a: \ud800", ("CORS001", 1, 4)),
        (b"version: 1\n# \xff", ("CORS001", 2, 3)),
        ("[" * 51 + "]" * 51, ("CORS001", 1, 51)),
        ("[" * 100_000, ("CORS001", 1, 51)),
        ("a: !!python/object:os.system x", ("CORS002", 1, 4)),
        ("a: &x b", ("CORS002", 1, 4)),
        ("a: *x", ("CORS002", 1, 4)),
        ("a: &x [1]", ("CORS002", 1, 4)),
        ("a: 1\na: 2", ("CORS003", 2, 1)),
        ("? [a]\n: b", ("CORS006", 1, 3)),
        ("1: b", ("CORS006", 1, 1)),
        ("on: b", ("CORS006", 1, 1)),
        ("[]", ("CORS006", 1, 1)),
        ("text", ("CORS006", 1, 1)),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(source, problem):
    assert problem in _problems(source)


def test_an_unquoted_wildcard_is_told_how_to_be_quoted():
    reading = read_policy_text("policies:\n  p:\n    allow_origins: *\n")
    assert [p.fix for p in reading.problems] == ['"*"']


def test_a_file_that_is_too_large_is_not_parsed():
    assert _problems("#" * (LARGEST_FILE + 1)) == [("CORS001", 1, 1)]


def test_a_file_of_too_many_values_is_given_up():
    assert _problems("a: [" + "1," * 300_000 + "]")[0][0] == "CORS001"


def test_a_billion_laughs_are_one_finding_an_alias():
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    found = {rule for rule, _, _ in _problems("\n".join(lines))}
    assert "CORS002" in found


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_no_bytes_do_anything_but_be_a_policy_or_be_refused(source):
    _only_read_or_refused(source)


_SYNTAX = (
    *("*", "&a ", "*a", "!!x ", "null", "{", "}", "[", "]", ": ", "- ", "\n", "'", '"', "#"),
    *("\t", "https://", "\\", "%", "0x1", "1e999", "~", "|\n", ">\n", "? ", ","),
)


@st.composite
def _mutated(draw):
    """A good file, cut, doubled and written over at random."""
    source = draw(st.sampled_from([GOOD, *_FIXED]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(source)))
        end = min(len(source), start + draw(st.integers(0, 12)))
        piece = draw(
            st.one_of(
                st.sampled_from(_SYNTAX),
                st.just(source[end : end + 40]),
                st.text(max_size=5),
            )
        )
        source = source[:start] + piece + source[end:]
    return source


@settings(max_examples=500)
@given(_mutated())
def test_no_mutilated_policy_does_anything_but_be_a_policy_or_be_refused(source):
    _only_read_or_refused(source)


def _only_read_or_refused(source):
    problems = read_policy_text(source).problems
    errors = [problem for problem in problems if problem.severity == "error"]
    assert all(problem.message and problem.line >= 1 for problem in problems)
    with pytest.raises(PolicyError) if errors else nullcontext() as refused:
        load_policy(source)
    if errors:
        assert refused.value.problems == tuple(errors)
        assert str(refused.value)


@pytest.mark.parametrize(
    "source",
    [
        "a: " + "x" * 1_000_000,
        "a:\n" + "  - https://x/\n" * 100_000,
        "{" * 49 + "a" * 100_000,
        "a: [" + "'" * 1_000_000,
        "? " * 200_000,
        "- " * 200_000,
        "a: \n" * 100_000,
        "routes:\n" + "  - {path: /a, service: sx, cors: px}\n" * 20_000,
        "origins:\n" + "".join(f"  n{n}: x{n}\n" for n in range(50_000)),
        "policies: {p: {allow_origins: [" + ",".join(f"x{n}" for n in range(50_000)) + "]}}",
        "a: '" + "\n" * 1_000_000,
        "expect:\n" + "  - GET /a from x: allowed\n" * 20_000,
    ],
    ids=range(12),
)
def test_hostile_files_are_refused_in_bounded_time(source):
    start = time.process_time()
    assert read_policy_text(source).policy is None
    assert time.process_time() - start < 10
