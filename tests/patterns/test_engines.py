"""What a pattern admits is what its product's own engine admits."""

import random
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsage.patterns import UnsupportedPattern, regex

SHORT = ["".join(p) for length in range(1, 5) for p in product("ab.A", repeat=length)]
_letters = random.Random(1)
LONG = ["".join(_letters.choices("ab.A1-_:/", k=_letters.randint(3, 9))) for _ in range(150)]
TEXTS = SHORT + LONG

ATOMS = {
    "all": (
        "a b A . \\. - : / _ 1 [ab] [^a] [a-c-] [.-] [A-Z] [^-b] [\\w.] [^\\W] []a] [^]a] \\d \\D"
        " \\w \\W \\s \\S \\x61 \\- \\/ [\\d-] \\b \\B ^ $ { {a} [[a] [a&&b] [\\]] \\0"
        " [\\x41-\\x61]"
    ),
    "python": "\\Z \\A \\u0061 (?#b) [[:alpha:]]",
    "pcre": "\\Z \\A \\z \\Qa.\\E \\x{61} [[:alpha:]] [[:^alpha:]] [^[:upper:]b] \\h \\N \\pL"
    " \\PL (?#b) [a-\\d] \\E \\p{Lu}",
    "re2": "\\A \\z \\Qa.\\E \\x{61} [[:alpha:]] [^[:upper:]b] \\pL \\p{Ll} \\_ [\\pL-]",
    "javascript": "[] [^] \\u0061 \\A \\Z \\z \\h [a-\\d] \\_ \\x6 [[:alpha:]]",
    "java": "\\Z \\A \\z \\Qa.\\E \\x{61} \\h \\pL \\p{Alpha} \\p{Lu} [a[b-c]] [^a[b]] [[ab].]",
}
GROUPS = {
    "all": ["({})", "(?:{})"],
    "python": ["(?P<n>{})", "(?i:{})", "(?>{})"],
    "pcre": ["(?<n>{})", "(?i:{})", "(?i){}", "((?i)a|{})", "(?>{})", "(?-i:{})"],
    "re2": ["(?P<n>{})", "(?i:{})", "(?i){}", "((?i)a|{})", "(?-i:{})"],
    "javascript": ["(?<n>{})"],
    "java": ["(?<n>{})", "(?i:{})", "(?i){}", "((?i)a|{})", "(?>{})", "(?-i:{})"],
}
LOOKS = ["(?={})", "(?!{})", "(?<={})", "(?<!{})"]
QUANTIFIERS = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "*?", "+?", "??", "{,2}"]
POSSESSIVE = ["*+", "++", "?+", "{1,2}+", "{2}+"]


def patterns(dialect: str) -> st.SearchStrategy[str]:
    atoms = (ATOMS["all"] + " " + ATOMS[dialect]).split(" ")
    groups = GROUPS["all"] + GROUPS[dialect] + (LOOKS if dialect != "re2" else [])
    quantifiers = QUANTIFIERS + (POSSESSIVE if dialect not in ("re2", "javascript") else [])
    quantified = st.tuples(st.sampled_from(atoms), st.sampled_from(quantifiers)).map("".join)

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        grouped = st.builds(str.format, st.sampled_from(groups), inner)
        return st.one_of(
            st.lists(inner, min_size=2, max_size=4).map("".join),
            st.lists(inner, min_size=2, max_size=3).map("|".join),
            st.tuples(grouped, st.sampled_from(quantifiers)).map("".join),
        )

    literals = st.text("ab.A", min_size=1, max_size=3)
    return st.recursive(st.one_of(quantified, literals), larger, max_leaves=8)


@pytest.mark.parametrize("match", ["full", "search", "prefix"])
def test_random_patterns_match_what_the_engine_matches(dialect, engine, match):
    @settings(
        max_examples=100,
        derandomize=True,  # an engine's newest quirk is to be found when looked for
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(patterns(dialect), st.booleans())
    def agree(pattern, ignore_case):
        answer = engine(pattern, match, ignore_case, TEXTS)
        try:
            language = regex(pattern, dialect, match, ignore_case)
        except UnsupportedPattern:
            return
        machine = language.machine
        assert answer is not None, f"the engine refuses {pattern!r}"
        ours = [text in machine for text in TEXTS]
        differing = [t for t, a, b in zip(TEXTS, answer, ours, strict=True) if a != b]
        assert not differing, f"{pattern!r}: {differing[:5]}"
        origin = language.shortest()
        assert origin is None or engine(pattern, match, ignore_case, [origin]) == [True], origin

    agree()
