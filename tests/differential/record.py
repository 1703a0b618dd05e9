"""Recordings: cases with what was observed, as compressed JSON Lines."""

from __future__ import annotations

import dataclasses
import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.differential.case import Case, Observed, Seen, from_json, to_json


class Recorder:
    """Writes a recording: ``with Recorder(path) as recorder: recorder.write(case, observed)``."""

    def __init__(self, path: Path) -> None:
        self._file = lzma.open(path, "wt", encoding="ascii", preset=6)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, case: Case, observed: Observed) -> None:
        """One line."""
        values = {**to_json(case), "observed": dataclasses.asdict(observed)}
        self._file.write(json.dumps(values) + "\n")


def read(path: Path) -> Iterator[tuple[Case, Observed]]:
    """The cases of a recording."""
    with lzma.open(path, "rt", encoding="ascii") as file:
        for line in file:
            values = json.loads(line)
            observed = values["observed"]
            wire = [Seen(**{**w, "sent": tuple(map(tuple, w["sent"]))}) for w in observed["wire"]]
            yield from_json(values), Observed(**{**observed, "wire": wire})
