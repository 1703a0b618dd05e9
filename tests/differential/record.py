"""Recordings: cases with what was observed, as compressed JSON Lines."""

from __future__ import annotations

import dataclasses
import json
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.differential.case import Case, Observed, Seen, from_json, to_json

Write = Callable[[Case, Observed], None]


@contextmanager
def recorder(path: Path) -> Iterator[Write]:
    """Writes a recording: ``with recorder(path) as write: write(case, observed)``."""
    with lzma.open(path, "wt", encoding="ascii") as file:

        def write(case: Case, observed: Observed) -> None:
            values = {**to_json(case), "observed": dataclasses.asdict(observed)}
            file.write(json.dumps(values) + "\n")

        yield write


def read(path: Path) -> Iterator[tuple[Case, Observed]]:
    """The cases of a recording."""
    with lzma.open(path, "rt", encoding="ascii") as file:
        for line in file:
            values = json.loads(line)
            observed = values["observed"]
            wire = [Seen(**{**w, "sent": tuple(map(tuple, w["sent"]))}) for w in observed["wire"]]
            yield from_json(values), Observed(**{**observed, "wire": wire})
