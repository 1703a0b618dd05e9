"""Real application servers on a free port, each in a process group of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

_PYTHON = [sys.executable, "-m"]
COMMANDS = {
    "uvicorn": [*_PYTHON, "uvicorn", "--host=127.0.0.1", "--port={port}", "{app}"],
    "hypercorn": [*_PYTHON, "hypercorn", "--bind=127.0.0.1:{port}", "{app}"],
    "granian": [
        *_PYTHON,
        "granian",
        "--interface=asgi",
        "--host=127.0.0.1",
        "--port={port}",
        "{app}",
    ],
    "granian wsgi": [
        *_PYTHON,
        "granian",
        "--interface=wsgi",
        "--host=127.0.0.1",
        "--port={port}",
        "{app}",
    ],
    "gunicorn": [
        *_PYTHON,
        "gunicorn",
        "--bind=127.0.0.1:{port}",
        "--threads=4",
        "--no-control-socket",
        "--permit-unconventional-http-method",
        "{app}",
    ],
}


@contextmanager
def running(server: str, app: str, log: Path, **environment: str) -> Iterator[int]:
    """The port of ``server`` with the ``app`` (``module:name``), which stops at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [part.format(port=port, app=app) for part in COMMANDS[server]]
    env = {**os.environ, **environment, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait(process, port, log)
            yield port
        finally:
            _stop(process)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(log.read_text("utf-8", "replace"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            continue
    process.wait(15)
