"""One nginx and its folder: test a configuration, start it, change it, stop it."""

from __future__ import annotations

import collections
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from corsage.gateway.engine import Engine
from corsage.gateway.watchdog import Watchdog

Log = Callable[[str], None]

_READY_WITHIN = 30.0  # seconds; 10,000 origins and 2,000 routes take about one
_SOCKET = "control.sock"
_LONGEST_SOCKET_PATH = 100  # bytes; a Unix socket's address holds 104 (macOS) or 108


class NginxRefusal(Exception):  # noqa: N818 -- turned into a GatewayError by who knows the policy
    """nginx does not take a configuration; the text is its own words."""


class Nginx:
    """A private nginx: everything it writes is in a folder of its own, gone when it is closed.

    ``configuration(generation)`` texts must carry the ``control`` socket, by which this class
    knows what is in force.
    """

    def __init__(self, engine: Engine, workers: int, log: Log) -> None:
        self._engine = engine
        self._workers = workers
        self._retired = 0
        self._log = log
        self.directory = Path(_make_directory())
        self.socket = str(self.directory / _SOCKET)
        self._watchdog = Watchdog(str(self.directory))
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._stopped = False
        self._said: collections.deque[str] = collections.deque(maxlen=50)

    @property
    def pid(self) -> int | None:
        """The master's process id while it was started, its process group too."""
        return None if self._process is None else self._process.pid

    def exit_code(self) -> int | None:
        """How the master ended (negative: by which signal); None while it runs."""
        return None if self._process is None else self._process.poll()

    def test(self, text: str) -> None:
        """Let nginx read a configuration and change nothing. Raises NginxRefusal."""
        new = self.directory / "new.conf"
        new.write_text(text, encoding="utf-8")
        self._test(new.name)

    def apply(self, text: str, generation: str) -> None:
        """Start with this configuration, or take it over without stopping.

        Raises NginxRefusal and leaves things as they were, if nginx does not take it.
        """
        new, current = self.directory / "new.conf", self.directory / "nginx.conf"
        self.test(text)
        before = current.read_bytes() if current.exists() else None
        new.replace(current)
        try:
            if self._process is None:
                self._start()
            else:
                self._said.clear()
                self._retired = 0
                self._process.send_signal(signal.SIGHUP)
            self._await(generation, retired=0 if before is None else self._workers)
        except NginxRefusal:
            if before is not None:
                current.write_bytes(before)
            raise

    def stop(self, grace: float = 0.0) -> None:
        """End nginx and remove its folder. ``grace``: seconds for requests under way."""
        if self._stopped:
            return
        self._stopped = True
        if self._process is not None:
            if grace > 0:
                self._end(signal.SIGQUIT, grace)
            self._end(signal.SIGTERM, 3.0)
            # The group: workers outlive a master that was killed.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            if self._reader is not None:
                self._reader.join()
        shutil.rmtree(self.directory, ignore_errors=True)
        self._watchdog.dismiss()

    def _end(self, number: signal.Signals, within: float) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(within)

    def _command(self, configuration: str) -> list[str]:
        return [
            self._engine.path, "-p", f"{self.directory}/", "-e", "stderr", "-c", configuration,
        ]  # fmt: skip

    def _test(self, configuration: str) -> None:
        try:
            answer = subprocess.run(  # noqa: S603 -- the engine is the operator's choice
                [*self._command(configuration), "-t", "-q"],
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_READY_WITHIN * 2,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NginxRefusal("nginx did not finish reading its configuration") from error
        if answer.returncode != 0:
            raise NginxRefusal(_words(answer.stderr.splitlines()))

    def _start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 -- the engine is the operator's choice
            self._command("nginx.conf"),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # Ctrl-C is for the gateway, which then ends nginx in order.
            start_new_session=True,
        )
        self._watchdog.guard(self._process.pid)
        self._reader = threading.Thread(target=self._listen, daemon=True, name="nginx-log")
        self._reader.start()

    def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                if "[notice]" in line:
                    self._retired += "gracefully shutting down" in line
                else:
                    self._said.append(line.rstrip())
                    self._log(line.rstrip())

    def _await(self, generation: str, retired: int) -> None:
        """Wait until the configuration is in force, and the workers of the last one accept no
        more connections (for a tenth of a second, both do)."""
        deadline = time.monotonic() + _READY_WITHIN
        pause = 0.002
        while time.monotonic() < deadline:
            if self._retired >= retired and self._answers(generation):
                return
            if self.exit_code() is not None:
                if self._reader is not None:
                    self._reader.join(1)
                raise NginxRefusal(_words(self._said) or f"nginx ended ({self.exit_code()})")
            if any("[emerg]" in line for line in tuple(self._said)):
                raise NginxRefusal(_words(self._said))
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
        raise NginxRefusal(f"nginx was not ready within {_READY_WITHIN:.0f} seconds")

    def _answers(self, generation: str) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(self.socket)
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                answer = b""
                while chunk := client.recv(4096):
                    answer += chunk
        except OSError:
            return False
        return answer.partition(b"\r\n\r\n")[2] == generation.encode()


def _make_directory() -> str:
    directory = tempfile.mkdtemp(prefix="corsage-")  # mode 0700
    if len(os.fsencode(directory)) + len(_SOCKET) < _LONGEST_SOCKET_PATH:
        return directory
    Path(directory).rmdir()
    return tempfile.mkdtemp(prefix="corsage-", dir="/tmp")


def _words(lines: collections.abc.Iterable[str]) -> str:
    """What nginx complains of, without its prefix and without what repeats it."""
    told = [m[1] for line in lines if (m := re.search(r"\[(?:emerg|alert|crit)\] (.*)", line))]
    told = [re.sub(r"^\d+#\d+: ", "", line) for line in told]
    return "; ".join(dict.fromkeys(told))
