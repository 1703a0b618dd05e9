"""One Envoy and its folder: test a policy, start it, change it, stop it."""

from __future__ import annotations

import collections
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from corsage.gateway.envoy_engine import EnvoyEngine
from corsage.gateway.errors import EngineRefusal
from corsage.gateway.folder import make_folder
from corsage.gateway.watchdog import Watchdog
from corsage.layers.envoy.features import Control, EnvoyFeatures
from corsage.layers.envoy.write import write, write_whole
from corsage.layers.yaml_text import plain
from corsage.policy.model import Policy

Log = Callable[[str], None]

_READY_WITHIN = 60.0  # seconds; 10,000 origins and 2,000 routes take a few
_OPTIONS = ("--disable-hot-restart", "--log-format", "%l: %v")

_STATS = {
    "cds": "cluster_manager.cds",
    "lds": "listener_manager.lds",
    "rds": "http.gateway.rds.gateway",
}
"""File -> the prefix of the statistics about it."""

_REFUSALS = (
    *(f"{prefix}.update_rejected" for prefix in _STATS.values()),
    "listener_manager.listener_create_failure",
)
_STATE = (
    *_REFUSALS,
    *(f"{prefix}.version_text" for prefix in _STATS.values()),
    "cluster_manager.warming_clusters",
    "http.gateway.downstream_rq_active",
)

Resources = Mapping[str, Any]
"""One of the files that Envoy follows, as JSON has it."""


class Envoy:
    """A private Envoy: everything it writes is in a folder of its own, gone when it is closed.

    Routes, clusters and listeners are files that Envoy follows. A control socket, which is served
    from the same routes, tells which of them are in force.
    """

    def __init__(self, engine: EnvoyEngine, workers: int, log: Log) -> None:
        self._engine = engine
        self._workers = workers
        self._log = log
        self.directory = make_folder()
        self._key = secrets.token_hex(16)
        self._watchdog = Watchdog(str(self.directory))
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._stopped = False
        self._said: collections.deque[str] = collections.deque(maxlen=50)
        self._error_log: str | None = None
        self._in_force: dict[str, Resources] = {}
        self._listeners_since = "0"

    @property
    def pid(self) -> int | None:
        """The process id while it was started, its process group too."""
        return None if self._process is None else self._process.pid

    def exit_code(self) -> int | None:
        """How it ended (negative: by which signal); None while it runs."""
        return None if self._process is None else self._process.poll()

    def configuration(self) -> str:
        """The routes in force."""
        return (self.directory / "rds.json").read_text(encoding="utf-8")

    def test(self, policy: Policy) -> None:
        """Let Envoy read the policy's configuration and change nothing. Raises EngineRefusal."""
        _resolve(policy)
        whole = plain(write_whole(policy, self._features(None)))
        self._write("new.json", json.dumps(whole))
        command = [*self._command("new.json"), "--mode", "validate"]
        try:
            answer = subprocess.run(  # noqa: S603 -- the engine is the operator's choice
                command,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_READY_WITHIN * 2,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EngineRefusal("Envoy did not finish reading its configuration") from error
        if answer.returncode != 0:
            raise EngineRefusal(_words(answer.stderr.splitlines()))

    def apply(self, policy: Policy, generation: str) -> None:
        """Start with this policy, or take it over without stopping.

        Raises EngineRefusal and leaves things as they were, if Envoy does not take it.
        """
        _resolve(policy)
        before = self._in_force, self._listeners_since
        new = self._written(policy, generation)
        if new["lds"] != self._in_force.get("lds"):
            self._listeners_since = generation
            new = self._written(policy, generation)
        self._error_log = policy.gateway.error_log
        self._said.clear()
        try:
            if self._process is None:
                self._start(policy, new, generation)
            else:
                self._take_over(new, generation)
        except EngineRefusal:
            self._in_force, self._listeners_since = before
            for name, resources in self._in_force.items():
                self._offer(name, resources, f"{generation} undone")
            raise
        self._in_force = new

    def stop(self, grace: float = 0.0) -> None:
        """End Envoy and remove its folder. ``grace``: seconds for requests under way."""
        if self._stopped:
            return
        self._stopped = True
        if self._process is not None:
            if grace > 0 and self._process.poll() is None:
                self._drain(grace)
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(3.0)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            if self._reader is not None:
                self._reader.join()
        shutil.rmtree(self.directory, ignore_errors=True)
        self._watchdog.dismiss()

    def _features(self, routes: str | None) -> EnvoyFeatures:
        control = None
        if routes is not None:
            control = Control("./control.sock", self._key, routes, self._listeners_since)
        return replace(self._engine.features, form="json", control=control)

    def _written(self, policy: Policy, generation: str) -> dict[str, Resources]:
        written = write(_with_fresh_certificate(policy, self.directory), self._features(generation))
        files = {"cds": written.clusters, "lds": written.listeners, "rds": written.routes}
        return {name: plain(document) for name, document in files.items()}

    def _take_over(self, new: Mapping[str, Resources], generation: str) -> None:
        """Clusters first, then what leads to them; those of before stay until the next time."""
        old, refused = self._in_force, self._state()

        def change(name: str, resources: Resources) -> None:
            self._offer(name, resources, generation)
            self._await(lambda: self._has_taken(name, generation, refused))

        if new["cds"] != old.get("cds"):
            change("cds", {"resources": _united(new["cds"], old.get("cds"))})
            self._await(lambda: self._state().get("cluster_manager.warming_clusters") == "0")
        if new["lds"] != old.get("lds"):
            change("lds", new["lds"])
        change("rds", new["rds"])
        self._await(lambda: self._answers(generation))

    def _has_taken(self, name: str, generation: str, before: Mapping[str, str]) -> bool:
        state = self._state()
        if any(state.get(stat, "0") != before.get(stat, "0") for stat in _REFUSALS):
            raise EngineRefusal(_words(self._said) or "Envoy refuses it without a word")
        return state.get(f"{_STATS[name]}.version_text") == generation

    def _answers(self, generation: str) -> bool:
        """Whether requests are answered by these routes, and by these listeners."""
        return self._control() == (generation, self._listeners_since)

    def _offer(self, name: str, resources: Resources, generation: str) -> None:
        self._write(f"{name}.json", json.dumps({"version_info": generation, **resources}))

    def _write(self, name: str, text: str) -> None:
        """Envoy sees a file only once it is whole."""
        new = self.directory / f"{name}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self.directory / name)

    def _command(self, configuration: str) -> list[str]:
        level = ("--log-level", "warning", "--concurrency", str(self._workers))
        return [self._engine.path, "-c", configuration, *_OPTIONS, *level]

    def _start(self, policy: Policy, new: Mapping[str, Resources], generation: str) -> None:
        for name, resources in new.items():
            self._offer(name, resources, generation)
        bootstrap = write(policy, self._features(None)).bootstrap
        self._write("envoy.json", json.dumps(plain(bootstrap)))
        self._process = subprocess.Popen(  # noqa: S603 -- the engine is the operator's choice
            [*self._command("envoy.json"), "--drain-strategy", "immediate"],
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # Ctrl-C is for the gateway, which then ends Envoy in order.
            start_new_session=True,
        )
        self._watchdog.guard(self._process.pid)
        (self.directory / "envoy.pid").write_text(f"{self._process.pid}\n", encoding="ascii")
        self._reader = threading.Thread(target=self._listen, daemon=True, name="envoy-log")
        self._reader.start()
        self._await(lambda: self._has_taken("rds", generation, {}) and self._answers(generation))

    def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                if self._stopped:
                    continue  # it says that it was told to stop
                self._said.append(line.rstrip())
                self._log(line.rstrip())
                if self._error_log is not None:
                    with contextlib.suppress(OSError), Path(self._error_log).open("a") as log:
                        log.write(line)

    def _await(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        pause = 0.002
        while not condition():
            if self.exit_code() is not None:
                if self._reader is not None:
                    self._reader.join(1)
                raise EngineRefusal(_words(self._said) or f"Envoy ended ({self.exit_code()})")
            if time.monotonic() > deadline:
                raise EngineRefusal(f"Envoy was not ready within {_READY_WITHIN:.0f} seconds")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    def _control(self) -> tuple[str, str] | None:
        answer = self._get("control.sock", "GET", "/", {"Origin": self._key})
        if answer is None:
            return None
        body, server = answer
        return body, server

    def _state(self) -> dict[str, str]:
        """What Envoy counts about its files."""
        answer = self._get("admin.sock", "GET", f"/stats?filter=^({'|'.join(_STATE)})$")
        lines = [] if answer is None else answer[0].splitlines()
        pairs = (line.partition(": ") for line in lines)
        return {name: value.strip('"') for name, _, value in pairs}

    def _drain(self, grace: float) -> None:
        self._get("admin.sock", "POST", "/drain_listeners")
        deadline = time.monotonic() + grace
        while self.exit_code() is None and time.monotonic() < deadline:
            if self._state().get("http.gateway.downstream_rq_active") == "0":
                return
            time.sleep(0.02)

    def _get(
        self, name: str, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> tuple[str, str] | None:
        """Body and Server header of an answer on one of the sockets; None if there is none."""
        client = _UnixConnection(str(self.directory / name))
        try:
            client.request(method, path, headers=headers or {})
            response = client.getresponse()
            return response.read().decode(), response.getheader("server", "")
        except (OSError, HTTPException):
            return None
        finally:
            client.close()


class _UnixConnection(HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("envoy", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _united(new: Resources, old: Resources | None) -> list[Any]:
    """The new resources, and those of the old ones that are not replaced."""
    names = {each["name"] for each in new["resources"]}
    kept = () if old is None else old["resources"]
    return [*new["resources"], *(each for each in kept if each["name"] not in names)]


def _resolve(policy: Policy) -> None:
    """Envoy would start without the service, and look for its host again and again."""
    for service in policy.services.values():
        url = urlsplit(service.url)
        try:
            socket.getaddrinfo(url.hostname, url.port)
        except OSError as error:
            raise EngineRefusal(
                f'host not found in upstream "{url.hostname}:{url.port}"'
            ) from error


def _with_fresh_certificate(policy: Policy, folder: Path) -> Policy:
    """The policy with names for its certificate that change whenever the files do, since Envoy
    reads them again only then."""
    tls = policy.gateway.tls
    if tls is None:
        return policy
    names = []
    contents = b"".join(Path(path).read_bytes() for path in (tls.certificate, tls.key))
    digest = hashlib.blake2b(contents, digest_size=8).hexdigest()
    for kind, path in (("certificate", tls.certificate), ("key", tls.key)):
        name = folder / f"{kind}-{digest}.pem"
        with contextlib.suppress(FileExistsError):
            name.symlink_to(Path(path).absolute())
        names.append(f"./{name.name}")
    gateway = replace(policy.gateway, tls=replace(tls, certificate=names[0], key=names[1]))
    return replace(policy, gateway=gateway)


def _words(lines: collections.abc.Iterable[str]) -> str:
    """What Envoy complains of, without what repeats it."""
    return "; ".join(dict.fromkeys(line.strip() for line in lines if line.strip()))[:2000]
