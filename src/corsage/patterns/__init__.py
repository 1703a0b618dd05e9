"""Exactly which origins an entry of an allow-list admits, and an example of what nobody meant.

A regular expression of any product, a glob, a list, a comparison in code: each becomes an
:class:`OriginLanguage`, a set of the origins that browsers can send. Sets are combined and
compared, and nothing is sampled: an answer is a proof, or :class:`Undecided`.

>>> pattern = regex(r"https://.*example\\.com", "python", "full")
>>> strangers(pattern, r"https://.*example\\.com").origin
'https://aaaexample.com'
"""

from corsage.patterns.dialects import Dialect, Match
from corsage.patterns.errors import Undecided, UnsupportedPattern
from corsage.patterns.language import OriginLanguage
from corsage.patterns.makers import (
    anything,
    ends_with,
    exactly,
    from_policy,
    includes,
    labels,
    nothing,
    regex,
    starts_with,
)
from corsage.patterns.meant import meant
from corsage.patterns.witness import Kind, Witness, strangers, witness

__all__ = [
    "Dialect",
    "Kind",
    "Match",
    "OriginLanguage",
    "Undecided",
    "UnsupportedPattern",
    "Witness",
    "anything",
    "ends_with",
    "exactly",
    "from_policy",
    "includes",
    "labels",
    "meant",
    "nothing",
    "regex",
    "starts_with",
    "strangers",
    "witness",
]
