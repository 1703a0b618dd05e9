"""Starting what is measured, and ending it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.gateway.measure import gateway_cpu


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def process(
    command: list[str], port: int, cpu: int, cwd: Path | None = None, **environment: str
) -> Iterator[int]:
    """A server on one core; its process id, once it listens."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            ["taskset", "-c", str(cpu), *command],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, **environment},
        )
        try:
            _await(port, server)
            yield server.pid
        except ConnectionError as error:
            log.seek(0)
            raise RuntimeError(log.read().decode(errors="replace")) from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


@contextlib.contextmanager
def nginx(binary: str, configuration: str, port: int, cpu: int | None = None) -> Iterator[int]:
    """An nginx with a configuration that listens on ``port``."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "nginx.conf").write_text(configuration)
        command = [binary, "-p", f"{folder}/", "-e", "stderr", "-c", "nginx.conf"]
        with process(command, port, gateway_cpu() if cpu is None else cpu) as pid:
            yield pid


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise ConnectionError(port)
