"""Processes of a test: how to start the demo, and how to see that nothing of it is left."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Demo:
    """``python -m examples.shop`` in a session of its own, as a terminal starts it."""

    def __init__(self, *arguments: str, **options: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "examples.shop", *arguments],
            cwd=ROOT,
            start_new_session=True,
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
        )

    def wait_until_up(self) -> str:
        """What it printed until it was up."""
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                return "".join(lines)
        raise AssertionError(self.process.stderr.read())

    def family(self) -> set[int]:
        """Every process that it started, and itself."""
        parents = {pid: parent for pid in _pids() if (parent := _parent(pid)) is not None}
        family = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return family


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _parent(pid: int) -> int | None:
    """None for a process that is gone, or only waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[1])


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that still run, after up to ten seconds of grace."""
    until = time.monotonic() + 10
    while running := {pid for pid in pids if _parent(pid) is not None}:
        if time.monotonic() > until:
            break
        time.sleep(0.02)
    return running
