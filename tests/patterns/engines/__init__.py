"""The engines of regular expressions that the products run."""

from __future__ import annotations

import re
import subprocess
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import re2

from tests.patterns.engines.pcre import pcre

_HERE = Path(__file__).parent

__all__ = ["Engine", "Process", "google_re2", "java", "javascript", "pcre", "python"]

Engine = Callable[[str, str, bool, Sequence[str]], list[bool] | None]
"""Pattern, how to match, whether case is ignored, texts -> which of them match, or None if the
engine refuses the pattern."""

_METHODS = {"full": "fullmatch", "search": "search", "prefix": "match"}


def python(pattern, match, ignore_case, texts):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of sets in sets, some day
        try:
            compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
        except (re.error, OverflowError):
            return None
    return [getattr(compiled, _METHODS[match])(text) is not None for text in texts]


def google_re2(pattern, match, ignore_case, texts):
    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error:
        return None
    return [getattr(compiled, _METHODS[match])(text) is not None for text in texts]


class Process:
    """An engine in a process of its own."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command, cwd=_HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def __call__(self, pattern, match, ignore_case, texts):
        fields = [match, "i" if ignore_case else ""]
        fields += [text.encode().hex() for text in (pattern, *texts)]
        self._process.stdin.write("\t".join(fields) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        return None if answer == "E" else [digit == "1" for digit in answer]


def javascript():
    return Process("node", "match.js")


def java():
    return Process("java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "Match.java")
