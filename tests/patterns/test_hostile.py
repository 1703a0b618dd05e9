"""No pattern takes long or much memory: it is decided, or it is said that it is not."""

import tracemalloc

import pytest

from corsage.patterns import Undecided, UnsupportedPattern, regex, strangers
from corsage.patterns.work import Work

DECIDED = {
    "nested quantifiers": r"((a+)+)+$",
    "ten thousand alternatives": f"^https://({'|'.join(map(str, range(10_000)))})\\.a\\.com$",
    "many look-aheads": "(?=.*a)" * 40 + ".*",
    "many negative look-aheads": "".join(f"(?!.*{a}{b})" for a in "abcdef" for b in "abcdef"),
    "what doubles a determined automaton": r"^https://(.*a.{18})\.com$",
    "empty alternatives": "|" * 10_000,
    "nested alternatives": "(a|" * 90 + "b" + ")" * 90,
    "wildcards in a row": ".*" * 2000 + "example.com",
    "a long class": f"[{'[:alpha:]' * 1000}]",
}
GIVEN_UP = {
    "nested repetitions": "(a{1,1000}){1,1000}",
    "repetitions five deep": "(((((a?){20}){20}){20}){20}){20}",
    "four thousand letters": f"https://{'a' * 4000}\\.com",
    "three thousand options": "a?" * 3000 + "a" * 3000,
    "five thousand groups": "(" * 5000 + ")" * 5000,
    "two million letters": "a" * 2_000_000,
    "many readings": r"(\w+\.)*" * 50 + "com$",
}


@pytest.mark.parametrize("pattern", DECIDED.values(), ids=DECIDED)
def test_what_looks_hard_is_decided(pattern):
    assert strangers(regex(pattern, "pcre", "search"), pattern) or pattern.endswith("a\\.com$")


@pytest.mark.parametrize("pattern", GIVEN_UP.values(), ids=GIVEN_UP)
def test_what_is_too_hard_is_given_up_soon(pattern):
    with pytest.raises(Undecided):
        strangers(regex(pattern, "pcre", "search"), pattern)


def test_giving_up_takes_little_memory():
    tracemalloc.start()
    try:
        with pytest.raises(Undecided):
            regex(GIVEN_UP["nested repetitions"], "pcre", "search")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200e6


def test_work_is_counted_in_steps_and_not_in_seconds():
    work = Work(10)
    work.spend(10)
    with pytest.raises(Undecided):
        work.spend()


def test_a_refusal_quotes_no_more_than_a_line():
    with pytest.raises(UnsupportedPattern) as caught:
        regex("a" * 10_000 + r"\1", "python", "full")
    assert len(str(caught.value)) < 200
