"""The routing table as keys of Envoy's matchers: which path takes which route.

The matchers are asked with the path, without the query and with one slash more, so that a
prefix that ends at a slash takes exactly whole segments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from corsage.layers.envoy.errors import EnvoyWriteError
from corsage.policy.decide import Decisions
from corsage.policy.model import Route

_DECODED = re.compile(r"[A-Za-z0-9._~/-]")
_MOST_SPELLINGS = 256
_ANY_SEGMENT = "\0"  # stands in no path


@dataclass(frozen=True, slots=True)
class Keys:
    """``exact`` keys come first, then the longest of ``prefix``; no key is the gateway's 404."""

    exact: dict[str, Route]
    prefix: dict[str, Route]


def hosts(routes: Iterable[Route]) -> list[str]:
    """The named hosts, in the file's order."""
    return list(dict.fromkeys(route.host for route in routes if route.host is not None))


def keys(decisions: Decisions, host: str | None) -> Keys:
    """The keys for requests to ``host`` (None: to any that is not named)."""
    found = Keys({}, {})
    for route in decisions.policy.routes:
        if route.host not in (None, host):
            continue
        path = route.path.rstrip("/") if route.match == "prefix" else route.path
        kind = found.prefix if route.match == "prefix" else found.exact
        for key in _spellings(f"{path}/"):
            # Who takes a path is the decision's business: hosts and lengths both count.
            asked = f"{path}/{_ANY_SEGMENT}" if route.match == "prefix" else path
            taker = decisions.route(host or "", asked)
            assert taker is not None
            kind[key] = taker
    return found


def _spellings(key: str) -> Iterator[str]:
    """Every spelling of a key that is left once Envoy has normalised a path: it decodes letters,
    digits and ``-._~`` only."""
    spelled = [_spellings_of(character) for character in key]
    if prod(map(len, spelled)) > _MOST_SPELLINGS:
        raise EnvoyWriteError(
            f"path {key.rstrip('/')!r} has too many characters that may come percent-encoded, "
            "and Envoy does not decode them: use letters, digits, hyphens and dots"
        )
    return map("".join, product(*spelled))


def _spellings_of(character: str) -> tuple[str, ...]:
    if _DECODED.fullmatch(character):
        return (character,)
    encoded = "".join(f"%{byte:02X}" for byte in character.encode())
    cases = product(*({digit, digit.lower()} if digit.isalpha() else (digit,) for digit in encoded))
    return (character, *sorted("".join(case) for case in cases))
