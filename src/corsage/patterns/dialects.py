"""How the regular expressions of the products differ, as a table.

Python 3.11's ``re``, PCRE2 10 (nginx, HAProxy, Apache), RE2 and Go's ``regexp`` (Envoy, Traefik,
Caddy), JavaScript without the ``u`` flag (ECMAScript 2024 with its Annex B), and
``java.util.regex`` of Java 17. Only what matters for texts in the alphabet of origins is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Dialect = Literal["python", "pcre", "re2", "javascript", "java"]
Match = Literal["full", "search", "prefix"]
"""How a pattern is asked: of the whole text, anywhere in it, or at its start."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """What a dialect reads differently from the others."""

    ends: str
    """Letters that are anchors after a backslash: ``A``, ``Z``, ``z``."""
    letters: str
    """Other letters that mean something after a backslash."""
    flags: str
    """Letters of inline flags (``(?i)``)."""
    flags_anywhere: bool = True
    """Flags without a colon may stand anywhere, and hold to the end of their group."""
    unknown_letters: bool = False
    """A backslash before any other letter is nothing but that letter."""
    escaped_underscore: bool = True
    look_around: bool = True
    look_behind: Literal["fixed", "branches", "bounded", "any"] = "any"
    """How long a text a look-behind may look for: of one length, of one length in each branch
    (PCRE2 before 10.43), of some greatest length."""
    repeated_anchors: bool = False
    """Anchors may have quantifiers: ``^*``."""
    possessive: bool = True
    most_repeats: int | None = None
    group_names: tuple[str, ...] = ("(?<",)
    comments: bool = False
    posix_classes: bool = False
    nested_classes: bool = False
    empty_classes: bool = False
    """``[]`` is the empty class and ``[^]`` any character."""
    quoting: bool = False
    """``\\Q...\\E``."""
    literal_brace: bool = True
    """A brace that begins no quantifier is itself."""
    open_minimum: Literal["zero", "literal", "refused"] = "literal"
    """What ``{,3}`` is. PCRE2 changed its mind in 10.43."""
    class_in_range: bool = False
    r"""``[a-\d]`` is a, the hyphen, and digits."""
    unicode_folding: bool = False
    """Without case, ``k`` also matches U+212A, and ``s`` U+017F."""


SYNTAX: dict[Dialect, Syntax] = {
    "python": Syntax(
        ends="AZ",
        letters="bBdDsSwWtnrfvaxuU0",
        flags="aimsxu",
        look_behind="fixed",
        flags_anywhere=False,
        group_names=("(?P<",),
        comments=True,
        open_minimum="zero",
        unicode_folding=True,
    ),
    "pcre": Syntax(
        ends="AZz",
        letters="bBdDsSwWhHvVNRtnrfaexcpPoE0",
        flags="imsxUn",
        look_behind="branches",
        most_repeats=65535,
        group_names=("(?P<", "(?<", "(?'"),
        comments=True,
        posix_classes=True,
        quoting=True,
        open_minimum="refused",
        class_in_range=True,
    ),
    "re2": Syntax(
        ends="Az",
        letters="bBdDsSwWtnrfvaxpP0",
        flags="imsU",
        escaped_underscore=False,
        look_around=False,
        repeated_anchors=True,
        possessive=False,
        most_repeats=1000,
        group_names=("(?P<", "(?<"),
        posix_classes=True,
        quoting=True,
        unicode_folding=True,
    ),
    "javascript": Syntax(
        ends="",
        letters="bBdDsSwWtnrfvxuc0",
        flags="",
        unknown_letters=True,
        possessive=False,
        empty_classes=True,
        class_in_range=True,
    ),
    "java": Syntax(
        ends="AZz",
        letters="bBdDsSwWhHvVRtnrfaexucpP0",
        flags="imsdu",
        look_behind="bounded",
        repeated_anchors=True,
        nested_classes=True,
        quoting=True,
        literal_brace=False,
        open_minimum="refused",
    ),
}
