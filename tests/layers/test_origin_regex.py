import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corsage.layers.origin_regex import origin_regex
from corsage.policy.near_misses import near_misses
from corsage.policy.origins import OriginPattern, OriginSet
from tests.policy.strategies import exact_origins, origin_patterns


def admits(pattern: OriginPattern, origin: str) -> bool:
    return re.fullmatch(origin_regex(pattern), origin) is not None


@st.composite
def near(draw):
    """A pattern, and an origin that it admits, or nearly."""
    pattern = draw(origin_patterns)
    member = str(OriginSet(patterns=(pattern,)).witness(OriginSet()))
    misses = [miss.origin for miss in near_misses(member)]
    return pattern, draw(st.one_of(st.just(member), st.sampled_from(misses), exact_origins))


@settings(max_examples=500)
@given(near())
def test_the_regex_admits_exactly_the_origins_of_the_pattern(case):
    pattern, origin = case
    assert admits(pattern, origin) == (origin in OriginSet(patterns=(pattern,)))


@pytest.mark.parametrize("scheme", ["http", "https", "moz-extension"])
def test_any_port_is_every_port_that_a_browser_writes_out(scheme):
    pattern = OriginPattern(scheme, "example.com", port=OriginPattern.ANY_PORT)
    members = OriginSet(patterns=(pattern,))
    texts = [*map(str, range(70_000)), "00", "0443", "080", "443 ", ""]
    for text in texts:
        origin = f"{scheme}://example.com:{text}"
        assert admits(pattern, origin) == (origin in members), origin


@given(st.text(alphabet="abc.-:/*[]{}()|^$\\+?", max_size=30))
def test_no_text_gets_in_by_characters_that_mean_something_in_a_regex(text):
    pattern = OriginPattern("https", "a.b", subdomains=True)
    origin = f"https://{text}"
    assert admits(pattern, origin) == (origin in OriginSet(patterns=(pattern,)))


def test_a_long_origin_is_refused_without_delay():
    pattern = OriginPattern("https", "example.com", subdomains=True)
    assert not admits(pattern, "https://" + "a." * 20_000)
    assert not admits(pattern, "https://" + "a" * 100_000)
