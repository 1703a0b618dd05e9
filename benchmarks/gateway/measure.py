"""One round of load on one gateway: CPU time a request, and requests a second."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Request:
    """A kind of request, as wrk sends it over and over."""

    name: str
    method: str
    path: str
    headers: tuple[str, ...]

    def script(self) -> str:
        lines = (header.split(": ", 1) for header in self.headers)
        sets = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in lines)
        return f'wrk.method = "{self.method}"\n{sets}'


@dataclass(frozen=True)
class Round:
    """``cpu`` is microseconds of the gateway's whole process tree for each request."""

    cpu: float
    rate: float


class LoadError(Exception):
    """The load met errors, so its numbers mean nothing."""


def load(port: int, pid: int, request: Request, seconds: float) -> Round:
    """Load the gateway on ``port``, whose process tree starts at ``pid``."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(request.script())
        script.flush()
        before = _cpu(pid)
        said = subprocess.run(
            ["taskset", "-c", str(load_cpu()), "wrk", "-t1", "-c32", f"-d{seconds:g}s",
             "-s", script.name, f"http://127.0.0.1:{port}{request.path}"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        spent = _cpu(pid) - before
    done = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if not done or not rate or "Non-2xx" in said or "Socket errors" in said:
        raise LoadError(said)
    return Round(spent * 1e6 / int(done[1]), float(rate[1]))


def gateway_cpu() -> int:
    """The core that gateways run on, alone if there are two."""
    return min(os.sched_getaffinity(0))


def load_cpu() -> int:
    """The core of the load and of the service."""
    return max(os.sched_getaffinity(0))


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process and its descendants have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = (int(fields[11]) + int(fields[12])) / _TICKS
    return own + sum(_cpu(int(child)) for child in children)
