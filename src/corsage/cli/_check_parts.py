"""Checking with all cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator

from corsage.chain.system import System
from corsage.check import Finding
from corsage.check.configuration import check_part
from corsage.cli.progress import Advance
from corsage.layers.source import Reading

# Places; for fewer the cost of further processes is larger than what they save.
_WORTH_A_POOL = 100
_PLACES_EACH = 40

# What the processes share. Hops are functions and cannot be sent; a fork has them already.
_shared: list[tuple[Reading, System, int]] = []


def check_parts(reading: Reading, system: System, advance: Advance) -> Iterator[Finding]:
    """The findings of :func:`check_part`, from as many processes as there are cores."""
    places = sum(len(instance.sites) for instance in reading.instances)
    cores = os.cpu_count() or 1
    if places < _WORTH_A_POOL or cores < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from check_part(reading, system)
        return
    parts = places // _PLACES_EACH + 1
    _shared[:] = [(reading, system, parts)]
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        for number, findings in enumerate(pool.imap(_part, range(parts)), 1):
            advance(number, parts)
            yield from findings


def _part(part: int) -> list[Finding]:
    [(reading, system, parts)] = _shared
    return check_part(reading, system, part, parts)
