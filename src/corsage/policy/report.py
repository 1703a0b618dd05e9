"""Collects what is found in one policy file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from corsage.policy import rules
from corsage.policy.nodes import Node, Scalar
from corsage.policy.problems import Fault, Problem, quoted
from corsage.policy.rules import Rule
from corsage.policy.shapes import NAME, nearest, text

T = TypeVar("T")

# Comparing with every known name costs milliseconds; nobody reads more suggestions than this.
_MOST_SUGGESTIONS = 50
_MOST_CANDIDATES = 1000
_LONGEST_FIX = 500

MOST_ERRORS = 1000
"""Errors after which a file is not read on: explaining is slow, and nobody reads more."""


class TooManyErrors(Exception):  # noqa: N818 -- leaves the reading; what is wrong was collected
    """The file has so many errors that the rest is not worth reading."""


class Reporter:
    """Everything found so far in the file called ``name``."""

    def __init__(self, name: str) -> None:
        self.name_of_file = name
        self._problems: list[Problem] = []
        self._suggestions = 0
        self._errors = 0

    def report(
        self, rule: Rule, line: int, column: int, message: str, why: str, fix: str | None
    ) -> None:
        """Add a problem at a place in the policy file."""
        self.elsewhere(self.name_of_file, line, column, Fault(rule, message, why, fix))

    def elsewhere(self, file: str, line: int, column: int, fault: Fault) -> None:
        """Add a problem at a place in any file. Raises :class:`TooManyErrors`."""
        rule, fix = fault.rule, fault.fix
        if fix is not None and len(fix) > _LONGEST_FIX:
            fix = None
        self._problems.append(
            Problem(rule.id, rule.severity, fault.message, fault.why, fix, file, line, column)
        )
        self._errors += rule.severity == "error"
        if self._errors >= MOST_ERRORS:
            raise TooManyErrors

    def at(self, node: Node, rule: Rule, message: str, why: str, fix: str | None) -> None:
        """Add a problem at a node."""
        self.report(rule, node.line, node.column, message, why, fix)

    def fault(self, node: Node, fault: Fault) -> None:
        """Add what a reader has against the text of a node."""
        self.elsewhere(self.name_of_file, node.line, node.column, fault)

    def name(self, key: Scalar, what: str) -> None:
        """Check a name that the author gives."""
        if key.kind == "text" and not re.fullmatch(NAME, key.text):
            message = f"{quoted(key.text)} cannot be the name of a {what}"
            why = "Names begin with a letter and hold letters, digits, - and _, at most 64."
            slug = re.sub(r"[^A-Za-z0-9_-]+", "-", key.text[:64]).strip("-")
            fix = slug if re.fullmatch(NAME, slug) else None
            self.at(key, rules.BAD_NAME, message, why, fix)

    def value(self, node: Node | None, read: Callable[[str], T]) -> T | None:
        """What ``read`` makes of a node's text; None, and its fault is added, if it cannot."""
        word = text(node)
        if word is None or node is None:
            return None
        try:
            return read(word)
        except Fault as fault:
            self.fault(node, fault)
            return None

    def nearest(self, word: str, known: Iterable[str]) -> str | None:
        """The known name that was probably meant; gives up in a file full of mistakes."""
        candidates = list(known)
        self._suggestions += 1
        if self._suggestions > _MOST_SUGGESTIONS or len(candidates) > _MOST_CANDIDATES:
            return None
        return nearest(word, candidates)

    def sorted(self) -> tuple[Problem, ...]:
        """All problems in the order of the files."""
        own = self.name_of_file
        return tuple(
            sorted(self._problems, key=lambda p: (p.file != own, p.file, p.line, p.column, p.rule))
        )
