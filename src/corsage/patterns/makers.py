"""Languages out of what products hold: lists, globs, comparisons in code, regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from corsage.patterns.alphabet import ANY, mask_of_ranges
from corsage.patterns.dialects import Dialect, Match
from corsage.patterns.language import OriginLanguage
from corsage.patterns.machines import Either, Words
from corsage.patterns.nfa import compile_tree
from corsage.patterns.parse import parse
from corsage.patterns.regex_machine import machine_of
from corsage.patterns.sendable import PLAIN_LABEL, PORT, text_machine
from corsage.patterns.syntax import Chars, Node, Repeat, Sequence
from corsage.policy.origins import OriginPattern, OriginSet

_MOST_KEPT = 512
_ANYTHING = Repeat(Chars(ANY), 0, None)


def anything() -> OriginLanguage:
    """Every origin, ``null`` too."""
    return _of_tree(_ANYTHING)


def nothing() -> OriginLanguage:
    """No origin."""
    return exactly()


def exactly(*origins: str) -> OriginLanguage:
    """These origins, compared byte for byte; what no browser sends is not among them."""
    return OriginLanguage(Words(origins), frozenset(_hosts(origins)))


def from_policy(origins: OriginSet) -> OriginLanguage:
    """The origins of a policy."""
    if origins.any_origin:
        return anything()
    patterns = [text_machine(_pattern(pattern)) for pattern in origins.patterns]
    hosts = frozenset(_hosts(origins.exact)) | {pattern.host for pattern in origins.patterns}
    return OriginLanguage(Either(Words(origins.exact), *patterns), hosts)


# One team's pattern stands in all its files: what was explored of it is kept.
@lru_cache(_MOST_KEPT)
def regex(text: str, dialect: Dialect, match: Match, ignore_case: bool = False) -> OriginLanguage:
    """What a regular expression admits, in its product's dialect and as the product asks it: of
    the whole origin, anywhere in it (``search``), or at its start (``prefix``).

    Raises :class:`UnsupportedPattern` for what is not regular or no pattern of that dialect, and
    :class:`Undecided` for what is too large.
    """
    return OriginLanguage(machine_of(compile_tree(parse(text, dialect, ignore_case), match)))


def starts_with(text: str, ignore_case: bool = False) -> OriginLanguage:
    """Every origin that begins with a text."""
    return _of_tree(Sequence((*_literal(text, ignore_case), _ANYTHING)))


def ends_with(text: str, ignore_case: bool = False) -> OriginLanguage:
    """Every origin that ends with a text."""
    return _of_tree(Sequence((_ANYTHING, *_literal(text, ignore_case))))


def includes(text: str, ignore_case: bool = False) -> OriginLanguage:
    """Every origin with a text anywhere in it."""
    return _of_tree(Sequence((_ANYTHING, *_literal(text, ignore_case), _ANYTHING)))


@lru_cache(_MOST_KEPT)
def labels(
    prefix: str, suffix: str, depth: int | None = 1, label: str = PLAIN_LABEL
) -> OriginLanguage:
    """Origins with labels between two literal texts: ``labels("https://", ".example.com")`` is
    the glob ``https://*.example.com``.

    ``depth`` is the number of labels (None: one or more), ``label`` a Python regular expression
    of one.
    """
    more = "*" if depth is None else f"{{{depth - 1}}}"
    pattern = rf"{re.escape(prefix)}(?:{label})(?:\.(?:{label})){more}{re.escape(suffix)}"
    hosts = frozenset(_hosts([f"https://{suffix.removeprefix('.')}"]))
    return OriginLanguage(text_machine(pattern), hosts)


def _of_tree(tree: Node) -> OriginLanguage:
    return OriginLanguage(machine_of(compile_tree(tree, "full")))


def _literal(text: str, ignore_case: bool) -> list[Node]:
    return [Chars(mask_of_ranges(((ord(c), ord(c)),), ignore_case)) for c in text]


def _pattern(pattern: OriginPattern) -> str:
    port = "" if pattern.port is None else f":{pattern.port}"
    if pattern.port == OriginPattern.ANY_PORT:
        port = PORT  # the default one, too, does not stand in what browsers send
    subdomains = rf"(?:{PLAIN_LABEL}\.)+" if pattern.subdomains else ""
    return f"{re.escape(pattern.scheme)}://{subdomains}{re.escape(pattern.host)}{port}"


def _hosts(origins: Iterable[str]) -> Iterable[str]:
    for origin in origins:
        _, separator, authority = origin.partition("://")
        if separator:
            yield re.sub(r":\d*$", "", authority)
