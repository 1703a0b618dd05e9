"""The operations on sets agree with lists of all short texts."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from corsage.patterns.machines import Both, Either, Joined, Once, Without, Words
from corsage.patterns.search import shortest
from corsage.patterns.sendable import text_machine
from corsage.patterns.work import Work

TEXTS = ["".join(p) for length in range(5) for p in product("ab.", repeat=length)]

PATTERNS = [
    (machine, {text for text in TEXTS if text in machine})
    for machine in map(
        text_machine,
        ["a*b", "(a|b.)*", "[ab]{1,3}", "(?!a).*", "a?b?[.]?", ".*a.", "", "(?=.*b)a.*"],
    )
]

leaves = st.one_of(
    st.lists(st.sampled_from(TEXTS), max_size=4).map(lambda words: (Words(words), set(words))),
    st.sampled_from(PATTERNS),
)


def combine(inner):
    def operation(name, left, right):
        (one, mine), (other, theirs) = left, right
        return {
            "either": lambda: (Either(one, other), mine | theirs),
            "both": lambda: (Both(one, other), mine & theirs),
            "without": lambda: (Without(one, other), mine - theirs),
            "once": lambda: (Once(one), mine),
        }[name]()

    names = st.sampled_from(["either", "both", "without", "once"])
    return st.builds(operation, names, inner, inner)


@settings(max_examples=100, deadline=None)
@given(st.recursive(leaves, combine, max_leaves=6))
def test_sets_of_texts_are_combined_as_sets(pair):
    machine, members = pair
    assert {text for text in TEXTS if text in machine} == members
    found = shortest(machine, Work())
    if members:
        assert len(found) == min(map(len, members))
        assert found in members
    else:
        assert found is None or len(found) > 4


@settings(max_examples=60, deadline=None)
@given(leaves, leaves)
def test_one_after_the_other_is_every_pair(left, right):
    joined = Joined(left[0], right[0])
    pairs = {a + b for a in left[1] for b in right[1]}
    assert {text for text in TEXTS if text in joined} == pairs & set(TEXTS)
