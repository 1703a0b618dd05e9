"""Sets of origins against a dumb oracle."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corsage.policy.near_misses import near_misses
from corsage.policy.origins import OriginPattern, OriginSet, split_origin
from tests.policy.strategies import exact_origins, origin_patterns, origin_sets

ANY = OriginSet(any_origin=True)
NONE = OriginSet()
EXAMPLE = OriginPattern("https", "example.com", subdomains=True)


def _admits(origins: OriginSet, origin: str) -> bool:
    """Membership by regular expressions, one pattern after the other."""
    if origins.any_origin or origin in origins.exact:
        return True
    if re.search(r"^https:.*:443$|^http:.*:80$|:0$", origin):
        return False
    for text in map(str, origins.patterns):
        expression = re.escape(text).replace(r"\*\.", r"(?:[a-z0-9_-]+\.)+")
        expression = re.sub(r":\\\*$", r"(?::\\d+)?", expression)
        if re.fullmatch(expression, origin):
            return True
    return False


near = exact_origins.flatmap(
    lambda origin: st.sampled_from([origin, *(miss.origin for miss in near_misses(origin))])
)


@settings(max_examples=300)
@given(origin_sets, near)
def test_membership_is_what_the_patterns_say(origins, origin):
    assert (origin in origins) == _admits(origins, origin)


@given(origin_sets, origin_sets, near)
def test_a_union_holds_what_either_holds(one, other, origin):
    assert (origin in (one | other)) == (origin in one or origin in other)


@given(origin_sets, origin_sets, near)
def test_a_difference_holds_what_only_the_first_holds(one, other, origin):
    assert (origin in (one - other)) == (origin in one and origin not in other)


@settings(max_examples=300)
@given(st.one_of(origin_sets, st.just(ANY)), st.one_of(origin_sets, st.just(ANY)), near)
def test_a_witness_is_in_one_set_and_not_in_the_other_and_is_found_if_there_is_one(
    one, other, origin
):
    witness = one.witness(other)
    assert bool(one - other) == (witness is not None)
    if witness is None:
        assert one <= other
        assert origin not in one or origin in other
    else:
        assert not one <= other
        assert witness in (one - other)


@given(origin_patterns)
def test_a_pattern_admits_its_witness_and_lies_within_itself(pattern):
    alone = OriginSet(patterns=(pattern,))
    assert alone <= alone
    assert alone.witness(NONE) in alone


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example.com", "https://*.example.com"),
        ("https://*.a.example.com", "https://*.example.com"),
        ("https://*.example.com:8443", "https://*.example.com:*"),
        ("https://a.example.com:*", "https://*.example.com:*"),
    ],
)
def test_a_narrower_pattern_lies_within_a_wider_one_and_not_the_other_way(one, other):
    narrow, wide = (OriginSet(*_split(text)) for text in (one, other))
    assert narrow <= wide
    assert not wide <= narrow


def _split(text):
    if "*" not in text:
        return (text,), ()
    scheme, _, rest = text.partition("://")
    host, _, port = rest.partition(":")
    number = {"": None, "*": -1}.get(port) if port in ("", "*") else int(port)
    subdomains = host.startswith("*.")
    return (), (OriginPattern(scheme, host.removeprefix("*."), subdomains, number),)


def test_naming_every_port_covers_any_port():
    host = "a.example"
    any_port = OriginSet(patterns=(OriginPattern("https", host, port=-1),))
    exact = [f"https://{host}:{port}" for port in range(1, 65536) if port != 443]
    assert any_port.witness(OriginSet(exact=tuple(exact))) == f"https://{host}"
    assert any_port <= OriginSet(exact=(f"https://{host}", *exact))


def test_an_odd_exact_string_does_not_disturb_the_search_for_a_port():
    any_port = OriginSet(patterns=(OriginPattern("https", "a.example", port=-1),))
    assert any_port.witness(OriginSet(exact=("null",))) == "https://a.example"


def test_the_apex_is_not_a_subdomain():
    origins = OriginSet(patterns=(EXAMPLE,))
    assert "https://a.b.example.com" in origins
    assert "https://example.com" not in origins
    assert "https://evilexample.com" not in origins


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://a.example.com.",
        "https://.example.com",
        "https://a..example.com",
        "https://a.example.com/",
        "https://a.example.com:443",
        "https://a.example.com:70000",
        "https://A.example.com",
        "https://a.example.com\n",
        "https://" + "a." * 300 + "example.com",
    ],
)
def test_what_no_browser_sends_is_no_member_of_a_pattern(origin):
    assert origin not in OriginSet(patterns=(EXAMPLE,))


def test_any_origin_holds_null_and_everything_else():
    assert "null" in ANY
    assert list(ANY) == ["*"]
    assert ANY.witness(OriginSet(patterns=(EXAMPLE,))) == "https://any"
    assert OriginSet(exact=("https://any",)).witness(ANY) is None


def test_a_set_lists_its_members_as_they_stand_in_a_file():
    origins = OriginSet(("https://b.example", "https://a.example"), (EXAMPLE,))
    assert list(origins) == ["https://b.example", "https://a.example", "https://*.example.com"]
    assert not NONE


def test_ten_thousand_patterns_cost_no_more_than_the_labels_of_a_host():
    many = OriginSet(
        patterns=tuple(OriginPattern("https", f"t{n}.example", True) for n in range(10_000))
    )
    lookups = []

    class Counting(dict):
        def get(self, key, default=None):
            lookups.append(key)
            return super().get(key, default)

    vars(many)["_ports"] = Counting(many._ports)
    assert "https://a.b.t9999.example" in many
    assert "https://a.b.other.example" not in many
    assert len(lookups) < 12


def test_a_pattern_asked_directly_says_the_same():
    assert EXAMPLE.matches(*split_origin("https://a.example.com"))
    assert not EXAMPLE.matches(*split_origin("http://a.example.com"))
    assert not EXAMPLE.matches(*split_origin("https://a.example.com:8443"))
    assert not EXAMPLE.matches(*split_origin("https://example.com"))
    assert OriginPattern("https", "a.example", port=-1).matches("https", "a.example", 8443)


@pytest.mark.parametrize("text", ["", "null", "https://", "https://a:443", "https://a:99999"])
def test_only_serialised_origins_are_split(text):
    with pytest.raises(ValueError, match="serialise"):
        split_origin(text)
