"""The journal of an audit, JSON Lines: what has been finished need not be asked again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self, TextIO

from corsage.check.finding import Finding, Where
from corsage.live.audit.target import Outcome

_KIND = "corsage-audit"
_VERSION = 1
_LONGEST_LINE = 4 * 1024 * 1024


class JournalError(Exception):
    """The file is no journal of an audit."""


class Journal:
    """``with Journal(path) as journal``: reads what is there and appends to it.

    A line that was cut off by a crash is left out. Raises :class:`JournalError` for a file that is
    something else, and OSError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.finished: dict[str, Outcome] = {}
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        ends = True
        if self._path.exists():
            for line in self._lines():
                ends = line.endswith("\n")
                outcome = _read(line)
                if outcome is not None and outcome.problem is None:
                    self.finished[outcome.key] = outcome
        self._file = self._path.open("a", encoding="utf-8")
        if self._file.tell() == 0:
            self._write({_KIND: _VERSION})
        elif not ends:
            self._file.write("\n")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, outcome: Outcome) -> None:
        """Write one outcome down, at once."""
        self._write(asdict(outcome))

    def _write(self, data: dict[str, Any]) -> None:
        assert self._file is not None
        self._file.write(json.dumps(data, ensure_ascii=False) + "\n")
        self._file.flush()

    def _lines(self) -> Iterator[str]:
        with self._path.open(encoding="utf-8", errors="replace") as file:
            first = file.readline(_LONGEST_LINE)
            if first.strip() and not _is_first(first):
                raise JournalError(f"{self._path} is not the state of an audit; name another file")
            yield first or "\n"
            while line := file.readline(_LONGEST_LINE):
                yield line


def _is_first(line: str) -> bool:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and data.get(_KIND) == _VERSION


def _read(line: str) -> Outcome | None:
    try:
        data = json.loads(line)
        findings = tuple(
            Finding(
                **{
                    **finding,
                    "where": Where(**finding["where"]),
                    "edits": (),
                }
            )
            for finding in data["findings"]
        )
        return Outcome(
            str(data["key"]),
            str(data["name"]),
            findings,
            int(data["requests"]),
            data["problem"],
            tuple(data["notes"]),
        )
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
