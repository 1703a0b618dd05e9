"""Which origins a policy admits, as SetEnvIf directives.

httpd has no table that is looked up by a header (a text RewriteMap remembers for good whatever
anybody asks for). Long lists are regexes that branch at every letter, so that they cost as little
as short ones; a regex of PCRE may not be longer than 64 KiB, hence several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from corsage.layers.origin_regex import origin_regex
from corsage.policy.origins import OriginSet

_READABLE = 20
_IN_ONE_REGEX = 200


def origin_lines(variable: str, origins: OriginSet) -> Iterator[str]:
    """Directives that set ``variable`` to the request's origin if the set has it."""
    exact = list(dict.fromkeys(origins.exact))
    regexes = [_literal(origin) for origin in exact]
    if len(exact) > _READABLE:
        exact.sort()
        yield from (f"# {origin}" for origin in exact)
        chunks = (exact[at : at + _IN_ONE_REGEX] for at in range(0, len(exact), _IN_ONE_REGEX))
        regexes = [_branching(chunk) for chunk in chunks]
    for regex in (*regexes, *map(origin_regex, origins.patterns)):
        yield f'SetEnvIf Origin "^({regex})$" {variable}=$1'


def _branching(words: Sequence[str]) -> str:
    """A regex for some words in order that shares what they begin with."""
    first, last = words[0], words[-1]
    differ = (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    start = first[: next(differ, len(first))]
    rest = [word[len(start) :] for word in words]
    branches = [
        _branching(list(group)) for letter, group in groupby(rest, lambda w: w[:1]) if letter
    ]
    if not branches:
        return _literal(start)
    optional = "?" if "" in rest else ""
    return f"{_literal(start)}(?:{'|'.join(branches)}){optional}"


def _literal(text: str) -> str:
    return re.sub(r"[.+*?()\[\]|^$]", r"\\\g<0>", text)
