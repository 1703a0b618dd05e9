"""The shape of values in a file: which types and keys may stand where.

Tables of shapes (:mod:`corsage.policy.format`) are the one source of the loader's structural
checks and of the published JSON Schema.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import TypeAlias

from corsage.policy import rules
from corsage.policy.nodes import Mapping, Node, Report, Scalar, Sequence
from corsage.policy.problems import quoted
from corsage.policy.rules import Rule


@dataclass(frozen=True, slots=True)
class Text:
    """A string. ``pattern`` and ``choices`` are for the schema's readers: editors use them, and
    the loader's own readers say more than "does not match"."""

    pattern: str | None = None
    choices: tuple[str, ...] = ()
    null: bool = False
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number in bounds."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Boolean:
    """``true`` or ``false``."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list of ``item``."""

    item: Shape
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a :class:`Keys` mapping. ``missing`` is the rule that its absence breaks, and
    ``why`` the reason."""

    shape: Shape
    description: str
    missing: Rule | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping with known keys."""

    title: str
    keys: MappingOf[str, Key] = field(hash=False)
    exactly_one: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """A mapping from keys of the author's choice to values. ``named``: the keys are names of
    things (:data:`NAME`), not free text."""

    value: Shape
    at_least: int = 0
    named: bool = True


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes of different YAML types."""

    options: tuple[Shape, ...]


Shape: TypeAlias = Text | Integer | Boolean | Many | Keys | Names | Either

NAME = r"[A-Za-z][A-Za-z0-9_-]{0,63}"
"""A name that the author gives to a group, a service or a policy."""


def check(node: Node, shape: Shape, report: Report) -> None:
    """Report everything in ``node`` that does not have ``shape``."""
    if isinstance(node, Scalar) and node.kind == "refused":
        return
    fitting = _fitting(node, shape)
    if fitting is None:
        _report_type(node, shape, report)
    elif isinstance(fitting, Many) and isinstance(node, Sequence):
        if len(node.items) < fitting.at_least:
            _report_empty(node, report)
        for item in node.items:
            check(item, fitting.item, report)
    elif isinstance(fitting, Names) and isinstance(node, Mapping):
        if len(node.pairs) < fitting.at_least:
            _report_empty(node, report)
        for _, value in node.pairs:
            check(value, fitting.value, report)
    elif isinstance(fitting, Keys) and isinstance(node, Mapping):
        _check_keys(node, fitting, report)
    elif isinstance(fitting, Integer) and isinstance(node, Scalar):
        _check_integer(node, fitting, report)
    elif isinstance(fitting, Text) and isinstance(node, Scalar):
        _check_choice(node, fitting, report)


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None."""
    folded = {word.lower().replace("-", "_"): word for word in known}
    # Comparing is quadratic in the lengths: nobody mistypes a name of a thousand letters.
    close = difflib.get_close_matches(text[:64].lower().replace("-", "_"), folded, n=1)
    return folded[close[0]] if close else None


def _fitting(node: Node, shape: Shape) -> Shape | None:
    """The part of ``shape`` that has the node's YAML type."""
    if isinstance(shape, Either):
        for option in shape.options:
            if fitting := _fitting(node, option):
                return fitting
        return None
    if isinstance(node, Sequence):
        return shape if isinstance(shape, Many) else None
    if isinstance(node, Mapping):
        return shape if isinstance(shape, (Keys, Names)) else None
    fits_scalar = (
        (isinstance(shape, Text) and (node.kind == "text" or (shape.null and node.kind == "null")))
        or (isinstance(shape, Integer) and node.kind == "integer")
        or (isinstance(shape, Boolean) and node.kind == "boolean" and _is_boolean(node.text))
    )
    return shape if fits_scalar else None


def _report_type(node: Node, shape: Shape, report: Report) -> None:
    message, why = f"{_found(node)}, but {_wanted(shape)} belongs here", ""
    if isinstance(shape, Boolean) and isinstance(node, Scalar) and node.text:
        message = f"{quoted(node.text)} is neither true nor false"
        why = "Some readers of YAML take yes and on for true, and others for text."
    report(rules.WRONG_TYPE, node.line, node.column, message, why, _scalar_fix(node, shape))


def _check_keys(node: Mapping, shape: Keys, report: Report) -> None:
    given = {key.text: value for key, value in node.pairs}
    for key, value in node.pairs:
        if key.kind == "refused":
            continue
        known = shape.keys.get(key.text)
        if known is not None:
            check(value, known.shape, report)
            continue
        near = nearest(key.text, shape.keys)
        why = f"{shape.title} has the keys {_list(shape.keys)}."
        message = f"{quoted(key.text)} is not a key of {shape.title.lower()}"
        report(rules.UNKNOWN_KEY, key.line, key.column, message, why, near)
    for name, known in shape.keys.items():
        if known.missing is not None and name not in given:
            message = f"{shape.title.lower()} has no `{name}`"
            example = _example(known.shape)
            fix = None if example is None else f"{name}: {example}"
            report(known.missing, node.line, node.column, message, known.why, fix)
    if shape.exactly_one and sum(name in given for name in shape.exactly_one) != 1:
        message = f"{shape.title.lower()} has exactly one of {_list(shape.exactly_one)}"
        report(rules.PATH_OR_EXACT, node.line, node.column, message, "", None)


def _check_choice(node: Scalar, shape: Text, report: Report) -> None:
    if shape.choices and node.text not in shape.choices:
        message = f"{quoted(node.text)} is not one of {_list(shape.choices)}"
        near = nearest(node.text, shape.choices)
        report(rules.BAD_VALUE, node.line, node.column, message, "", near)


def _check_integer(node: Scalar, shape: Integer, report: Report) -> None:
    value = integer(node)
    if value is None:
        # 0600 and 1:30 are octal and sexagesimal in YAML 1.1, and something else in YAML 1.2.
        message = f"{quoted(node.text)} is not a plain decimal number"
        report(rules.BAD_VALUE, node.line, node.column, message, "", None)
    elif not shape.minimum <= value <= shape.maximum:
        message = f"{quoted(node.text)} is not between {shape.minimum} and {shape.maximum}"
        bound = shape.minimum if value < shape.minimum else shape.maximum
        report(rules.BAD_VALUE, node.line, node.column, message, "", str(bound))


def integer(node: Node | None) -> int | None:
    """The number that a node holds, if it is a plain decimal one."""
    if not isinstance(node, Scalar) or node.kind != "integer" or len(node.text) > 20:
        return None
    digits = node.text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or (digits[0] == "0" and len(digits) > 1):
        return None
    return int(node.text)


def boolean(node: Node | None) -> bool:
    """Whether a node says true, or means to: ``yes`` was reported, and what it would break is
    to be found in the same run."""
    return isinstance(node, Scalar) and node.text.lower() in _TRUE


def text(node: Node | None) -> str | None:
    """The string that a node holds, if it is one."""
    return node.text if isinstance(node, Scalar) and node.kind == "text" else None


def fields(node: Node | None) -> dict[str, Node]:
    """A mapping's values by key; empty for anything else (which was reported)."""
    return {key.text: value for key, value in pairs(node) if key.kind == "text"}


def pairs(node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
    """A mapping's keys and values; empty for anything else (which was reported)."""
    return node.pairs if isinstance(node, Mapping) else ()


def scalars(node: Node | None) -> tuple[Scalar, ...]:
    """The texts of "one or a list of them"; what is not text was reported."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    return tuple(n for n in nodes if isinstance(n, Scalar) and n.kind in ("text", "null"))


_TRUE = ("true", "yes", "on")


def _is_boolean(word: str) -> bool:
    # YAML 1.1 has yes, no, on and off as well, YAML 1.2 does not: readers disagree on them.
    return word.lower() in ("true", "false")


def _scalar_fix(node: Node, shape: Shape) -> str | None:
    if not isinstance(node, Scalar):
        return None
    options = shape.options if isinstance(shape, Either) else (shape,)
    word = node.text.strip()
    for option in options:
        if isinstance(option, Boolean):
            return "true" if word.lower() in _TRUE else "false"
        if isinstance(option, Integer) and word.isascii() and word.isdigit():
            return word
        if isinstance(option, Text) and node.kind != "integer" and word.isalnum():
            return f'"{word}"'
    return None


def _example(shape: Shape) -> str | None:
    if isinstance(shape, Either):
        return _example(shape.options[0])
    if isinstance(shape, Integer):
        return str(shape.minimum)
    return shape.examples[0] if isinstance(shape, Text) and shape.examples else None


def _found(node: Node) -> str:
    if isinstance(node, Sequence):
        return "a list stands here"
    if isinstance(node, Mapping):
        return "a mapping stands here"
    names = {"integer": "a number", "boolean": "a boolean", "null": "nothing", "text": "text"}
    kind = names.get(node.kind, "neither text nor a number")
    return f"{quoted(node.text)} is {kind}" if node.text else "nothing stands here"


def _wanted(shape: Shape) -> str:
    if isinstance(shape, Either):
        return " or ".join(_wanted(option) for option in shape.options)
    words = {
        Text: "text",
        Integer: "a number",
        Boolean: "true or false",
        Many: "a list",
        Keys: "a mapping",
        Names: "a mapping of names",
    }
    return words[type(shape)]


def _report_empty(node: Node, report: Report) -> None:
    message = "at least one entry belongs here"
    report(rules.BAD_VALUE, node.line, node.column, message, "", None)


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
