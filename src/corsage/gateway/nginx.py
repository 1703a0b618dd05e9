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
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from corsage.gateway.engine import Engine
from corsage.gateway.errors import EngineRefusal
from corsage.gateway.folder import make_folder
from corsage.gateway.watchdog import Watchdog
from corsage.layers.nginx.features import Control
from corsage.layers.nginx.write import write
from corsage.policy.model import Policy

Log = Callable[[str], None]

_READY_WITHIN = 30.0  # seconds; 10,000 origins and 2,000 routes take about one
_SOCKET = "control.sock"


class Nginx:
    """A private nginx: everything it writes is in a folder of its own, gone when it is closed.

    Its configurations carry a ``control`` socket, by which this class knows what is in force.
    """

    def __init__(self, engine: Engine, workers: int, log: Log) -> None:
        self._engine = engine
        self._workers = workers
        self._retired = 0
        self._log = log
        self.directory = make_folder()
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

    def configuration(self) -> str:
        """The nginx.conf in force."""
        return (self.directory / "nginx.conf").read_text(encoding="utf-8")

    def test(self, policy: Policy) -> None:
        """Let nginx read the policy's configuration and change nothing. Raises EngineRefusal."""
        self._try(write(policy, self._engine.features))

    def apply(self, policy: Policy, generation: str) -> None:
        """Start with this policy, or take it over without stopping.

        Raises EngineRefusal and leaves things as they were, if nginx does not take it.
        """
        control = Control(self.socket, generation)
        features = replace(self._engine.features, workers=self._workers, control=control)
        text = write(policy, features)
        new, current = self.directory / "new.conf", self.directory / "nginx.conf"
        self._try(text)
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
        except EngineRefusal:
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

    def _try(self, text: str) -> None:
        new = self.directory / "new.conf"
        new.write_text(text, encoding="utf-8")
        self._test(new.name)

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
            raise EngineRefusal("nginx did not finish reading its configuration") from error
        if answer.returncode != 0:
            raise EngineRefusal(_words(answer.stderr.splitlines()))

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
                raise EngineRefusal(_words(self._said) or f"nginx ended ({self.exit_code()})")
            if any("[emerg]" in line for line in tuple(self._said)):
                raise EngineRefusal(_words(self._said))
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
        raise EngineRefusal(f"nginx was not ready within {_READY_WITHIN:.0f} seconds")

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


def _words(lines: collections.abc.Iterable[str]) -> str:
    """What nginx complains of, without its prefix and without what repeats it."""
    told = [m[1] for line in lines if (m := re.search(r"\[(?:emerg|alert|crit)\] (.*)", line))]
    told = [re.sub(r"^\d+#\d+: ", "", line) for line in told]
    return "; ".join(dict.fromkeys(told))
