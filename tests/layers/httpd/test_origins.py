"""Long lists of origins become regexes that take exactly the list."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from corsage.layers.httpd.origins import origin_lines
from corsage.policy.origins import OriginSet

_ORIGINS = st.lists(
    st.from_regex(r"https://[ab.-]{1,6}(:[12]{1,2})?", fullmatch=True), min_size=25, unique=True
)


def _admits(lines: list[str], origin: str) -> bool:
    regexes = [line.split('"')[1] for line in lines if not line.startswith("#")]
    return any(re.fullmatch(regex, origin) for regex in regexes)


@given(_ORIGINS, st.from_regex(r"https://[ab.-]{0,7}(:[12]{1,2})?", fullmatch=True))
def test_a_long_list_is_taken_to_the_letter(origins: list[str], other: str) -> None:
    lines = list(origin_lines("x", OriginSet(tuple(origins))))
    assert all(_admits(lines, origin) for origin in origins)
    assert _admits(lines, other) == (other in origins)


def test_who_is_in_a_long_list_stands_above_it() -> None:
    origins = tuple(f"https://tenant{number}.example" for number in range(30))
    lines = list(origin_lines("x", OriginSet(origins)))
    assert sorted(lines[:30]) == sorted(f"# {origin}" for origin in origins)


def test_a_short_list_stays_a_list() -> None:
    lines = list(origin_lines("x", OriginSet(("https://a.example", "https://b.example"))))
    assert lines == [
        r'SetEnvIf Origin "^(https://a\.example)$" x=$1',
        r'SetEnvIf Origin "^(https://b\.example)$" x=$1',
    ]


def test_no_regex_is_too_long_for_pcre() -> None:
    origins = tuple(f"https://{number:04x}{'x' * 60}.example.com" for number in range(10_000))
    lines = list(origin_lines("x", OriginSet(origins)))
    assert max(map(len, lines)) < 32 * 1024
