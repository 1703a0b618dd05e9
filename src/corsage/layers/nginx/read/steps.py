"""What one phase of a request leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from corsage.layers.nginx.read.headers import Line

REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(slots=True)
class Reply:
    """``error``: nginx's own, so that an ``error_page`` may take its place."""

    status: int
    lines: list[Line] = field(default_factory=list)
    error: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An internal redirect, to a path or to a named location."""

    to: str


Step: TypeAlias = Reply | Elsewhere
