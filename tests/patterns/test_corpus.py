"""Patterns as people write them are decided, and the engines confirm every witness."""

import pytest

from corsage.patterns import regex, strangers
from corsage.patterns.sendable import is_sendable
from tests.patterns.corpus import CORPUS


def test_the_corpus_is_of_every_dialect():
    assert {entry.dialect for entry in CORPUS} == {"python", "pcre", "re2", "javascript", "java"}
    assert len(CORPUS) >= 60


def test_every_stranger_is_of_the_kind_that_the_pattern_admits(dialect):
    for entry in CORPUS:
        if entry.dialect == dialect:
            language = regex(entry.pattern, dialect, entry.match, entry.ignore_case)
            found = strangers(language, entry.pattern)
            assert (found and found.kind) == entry.kind, (entry.pattern, found)


def test_the_engine_lets_every_witness_in(dialect, engine):
    for entry in CORPUS:
        if entry.dialect == dialect and entry.kind:
            language = regex(entry.pattern, dialect, entry.match, entry.ignore_case)
            origin = strangers(language, entry.pattern).origin
            assert is_sendable(origin)
            answer = engine(entry.pattern, entry.match, entry.ignore_case, [origin])
            assert answer == [True], (entry.pattern, origin)


@pytest.mark.parametrize(
    "pattern",
    [r"^https://app\.example\.com/$", r"^https://.*\\.vercel\\.app$", r"^localhost:\d+$"],
)
def test_a_pattern_that_can_match_no_origin_is_empty(pattern):
    assert regex(pattern, "python", "prefix").is_empty()
