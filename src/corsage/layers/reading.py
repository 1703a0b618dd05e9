"""Reading files of every kind: each is parsed by itself, then all are linked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from corsage.layers.readers import detect, load_reader
from corsage.layers.source import Reading, Source, UnreadableError
from corsage.layers.where import Where


@dataclass(frozen=True, slots=True)
class Parsed:
    """One file: what each of its readers made of it, and why one could not."""

    path: str
    by_reader: Mapping[str, Any]
    refused: tuple[tuple[Where, str], ...] = ()


def parse(source: Source, known_as: str | None = None) -> Parsed:
    """One file by all the readers that know it; can run in another process. ``known_as`` is the
    name by which they are found, where it has none of its own."""
    by_reader: dict[str, Any] = {}
    refused: dict[tuple[Where, str], None] = {}
    for name in detect(known_as or source.path, source.text):
        try:
            by_reader[name] = load_reader(name).parse(source)
        except UnreadableError as error:
            refused[error.where, str(error)] = None
    return Parsed(source.path, by_reader, tuple(refused))


def link(files: Iterable[Parsed]) -> Reading:
    """All that was parsed, as one reading."""
    grouped: dict[str, dict[str, Any]] = defaultdict(dict)
    for file in files:
        for name, parsed in file.by_reader.items():
            grouped[name][file.path] = parsed
    readings = [load_reader(name).link(parsed) for name, parsed in grouped.items()]
    return Reading(
        instances=tuple(one for reading in readings for one in reading.instances),
        workloads=tuple(one for reading in readings for one in reading.workloads),
        slips=tuple(one for reading in readings for one in reading.slips),
        operations=tuple(one for reading in readings for one in reading.operations),
        cookies=tuple(one for reading in readings for one in reading.cookies),
        stated=tuple(one for reading in readings for one in reading.stated),
    )


def read(sources: Iterable[Source]) -> Reading:
    """Parse and link; what cannot be read is left out."""
    return link(parse(source) for source in sources)
