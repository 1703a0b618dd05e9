"""The content of a file as plain nodes that know their line and column (1-based)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from corsage.policy.rules import Rule

LARGEST_FILE = 8 * 1024 * 1024
"""Bytes. Ten thousand origins take less than one twentieth of this."""

ScalarKind: TypeAlias = Literal["text", "integer", "boolean", "null", "other", "refused"]
"""How YAML 1.1 (and so every other reader of the file) takes a scalar. ``refused`` stands for
a part that was reported already."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. ``text`` is as written (unquoted)."""

    line: int
    column: int
    text: str
    kind: ScalarKind


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    line: int
    column: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping; keys are text and unique, in the file's order."""

    line: int
    column: int
    pairs: tuple[tuple[Scalar, Node], ...]


Node: TypeAlias = Scalar | Sequence | Mapping

Report: TypeAlias = Callable[[Rule, int, int, str, str, str | None], None]
"""Called with rule, line, column, message, why and fix."""
