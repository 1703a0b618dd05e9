"""A product that runs as a process of its own: started, waited for, ended with all it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def process(command: Sequence[str], folder: Path, port: int, seconds: float = 20) -> Iterator[None]:
    """Run ``command`` in ``folder`` until ``port`` accepts connections, and end it afterwards.

    Fails with what it printed if it ends early, or does not listen within ``seconds``.
    """
    log = folder / "output.log"
    with log.open("wb") as output:
        started = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + seconds
        while not _accepts(port):
            ended = started.poll() is not None
            assert not ended, f"{command} ended:\n{log.read_text()[-4000:]}"
            waited = time.monotonic() > deadline
            assert not waited, f"{command} does not listen on {port}:\n{log.read_text()[-4000:]}"
            time.sleep(0.02)
        yield
    finally:
        end(started)


def end(started: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Kill a process that leads its group, and the group, which may have ended by itself."""
    with suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.communicate()


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
