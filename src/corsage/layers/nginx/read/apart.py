"""Regexes that take an origin apart, and what is said of the parts in another order.

``^(?<scheme>https?)://(?<host>.*)$`` and a ``hostnames`` map of ``$host.$scheme`` is how masks
such as ``*.example.com`` are matched without trusting every scheme.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corsage.layers.nginx.read.values import Piece, Value
from corsage.patterns import OriginLanguage, UnsupportedPattern, nothing
from corsage.patterns import regex as language_of_regex

_GROUP = re.compile(r"\((?:\?(?:P?<(?P<name>\w+)>|'(?P<quoted>\w+)')|(?!\?))")
_LITERAL = re.compile(r"\\(?P<escaped>[^A-Za-z0-9])|(?P<plain>[^\\^$.|?*+()\[\]{}])")
_LENGTH = re.compile(r"\(\?=\.\{[01],(\d{1,5})\}\$\)")
_LONGEST = 300
_QUANTIFIER = re.compile(r"[?*+{]")


@dataclass(frozen=True, slots=True)
class Apart:
    """``items`` are the literal texts and the numbers of the groups that the whole text consists
    of; ``groups`` the regex of each."""

    items: tuple[str | int, ...]
    groups: dict[int, str]


def language_of(text: str, caseless: bool = False) -> OriginLanguage:
    """The origins that a regex of nginx matches.

    A limit of their length is left out where no host comes near it: counting would multiply
    every question by it. Raises UnsupportedPattern and Undecided.
    """
    short = _LENGTH.sub(lambda limit: limit[0] if int(limit[1]) < _LONGEST else "", text)
    return language_of_regex(short, "pcre", "search", ignore_case=caseless)


@lru_cache(maxsize=256)
def takes_apart(pattern: str) -> Apart | None:
    """How an anchored regex of literal texts and groups takes a text apart; None for others."""
    if not pattern.startswith("^") or not pattern.endswith("$"):
        return None
    items: list[str | int] = []
    groups: dict[int, str] = {}
    number = 0
    position, last = 1, len(pattern) - 1
    while position < last:
        if pattern.startswith("(?=", position):
            position = _closing(pattern, position) + 1
            continue
        if opening := _GROUP.match(pattern, position):
            end = _closing(pattern, position)
            inner = pattern[opening.end() : end]
            optional = pattern.startswith("?", end + 1)
            position = end + 2 if optional else end + 1
            if position > last or _QUANTIFIER.match(pattern, position):
                return None
            number += 1
            items.append(number)
            groups[number] = f"(?:{inner})?" if optional else inner
            number += _groups_in(inner)
            continue
        literal = _LITERAL.match(pattern, position)
        if literal is None or _QUANTIFIER.match(pattern, literal.end()):
            return None
        text = literal["escaped"] or literal["plain"]
        if items and isinstance(items[-1], str):
            items[-1] += text
        else:
            items.append(text)
        position = literal.end()
    return Apart(tuple(items), groups) if groups else None


def masked_origins(value: Value, key: str, mask: bool) -> OriginLanguage | None:
    """The origins for which ``value``, made of their pieces, is ``key`` or (``mask``) ends with
    ``.key``. None where the pieces are not understood."""
    pieces = [part for part in value if isinstance(part, Piece)]
    parts = [part for part in value if isinstance(part, (Piece, str))]
    if len({piece.regex for piece in pieces}) != 1 or len(parts) != len(value):
        return None
    pattern = pieces[0].regex
    apart = takes_apart(pattern)
    if apart is None:
        return None
    shapes = {number: _compiled(text) for number, text in apart.groups.items()}
    if any(shape is None for shape in shapes.values()):
        return None
    found: OriginLanguage | None = None
    for known, open_piece in _fits(parts, key, mask, shapes):
        texts = []
        for item in apart.items:
            if isinstance(item, str):
                texts.append(re.escape(item))
            elif item == open_piece:
                texts.append(rf".+\.{re.escape(known[item])}")
            elif item in known:
                texts.append(re.escape(known[item]))
            else:
                texts.append(f"(?:{apart.groups[item]})")
        try:
            # That the whole regex matches was asked when the pieces were made.
            one = language_of(f"^{''.join(texts)}$")
        except UnsupportedPattern:
            return None
        found = one if found is None else found | one
    return nothing() if found is None else found


def _fits(
    parts: list[str | Piece],
    text: str,
    mask: bool,
    shapes: dict[int, re.Pattern[str] | None],
) -> list[tuple[dict[int, str], int | None]]:
    """How the parts, from the right, can be the end of a text: what each piece then is. With a
    mask the first part is a piece that begins somewhere before the text."""
    if not parts:
        return [({}, None)] if not text and not mask else []
    *before, part = parts
    if isinstance(part, str):
        rest = text.removesuffix(part)
        if rest == text:
            return []
        return _fits(before, rest, mask, shapes)
    if mask and not before:
        return [({part.number: text}, part.number)] if text else []
    found = []
    shape = shapes[part.number]
    for at in range(len(text) + 1):
        own = text[at:]
        if shape is not None and shape.fullmatch(own):
            for known, open_piece in _fits(before, text[:at], mask, shapes):
                if known.get(part.number, own) == own:
                    found.append(({**known, part.number: own}, open_piece))
    return found


def _compiled(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text, re.ASCII)
    except (re.error, RecursionError, OverflowError):
        return None


def _closing(pattern: str, position: int) -> int:
    """The index of the bracket that closes the group; the end where none does."""
    depth = 0
    in_class = False
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 2
            continue
        if in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return len(pattern)


def _groups_in(pattern: str) -> int:
    try:
        return re.compile(re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", pattern)).groups
    except (re.error, RecursionError, OverflowError):
        return 0
