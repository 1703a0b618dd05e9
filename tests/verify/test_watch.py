"""``--watch``: only changes are told, Prometheus reads the rest, and it ends when it is told to."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.verify.deployment import Deployment, deployed
from tests.verify.test_drift import within

pytestmark = pytest.mark.nginx
WAIT = 30  # seconds, for what comes within one


class Watching:
    """A ``corsage verify --watch`` process: its lines as they come."""

    def __init__(self, deployment: Deployment, *arguments: str) -> None:
        command = [sys.executable, "-u", "-m", "corsage", "verify", str(deployment.policy)]
        more = ["--watch", "0.2", "--metrics", "127.0.0.1:0", *arguments]
        self.process = subprocess.Popen(
            [*command, deployment.url, *more], stdout=subprocess.PIPE, text=True
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.metrics_url = self.wait_for(r"metrics: (http://\S+)")[1]

    def _read(self) -> None:
        for line in self.process.stdout:
            self._lines.put(line)

    def wait_for(self, pattern: str) -> re.Match[str]:
        while True:
            line = self._lines.get(timeout=WAIT)
            if match := re.search(pattern, line):
                return match

    def rest(self) -> list[str]:
        self._reader.join(WAIT)
        return list(self._lines.queue)

    def metrics(self) -> dict[str, str]:
        with urllib.request.urlopen(self.metrics_url, timeout=WAIT) as response:
            assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            text = response.read().decode()
        samples = [line for line in text.splitlines() if not line.startswith("#")]
        return dict(line.rsplit(" ", 1) for line in samples)

    def rounds(self, more: int = 2) -> dict[str, str]:
        """The metrics after so many more rounds."""
        started = int(self.metrics().get("corsage_verify_rounds_total", 0))
        while int(self.metrics().get("corsage_verify_rounds_total", 0)) < started + more:
            assert self.process.poll() is None
        return self.metrics()

    def memory(self) -> int:
        """Resident pages."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])


@contextmanager
def watching(deployment: Deployment, *arguments: str) -> Iterator[Watching]:
    watched = Watching(deployment, *arguments)
    try:
        yield watched
    finally:
        watched.process.kill()
        watched.process.wait()
        watched.rest()
        watched.process.stdout.close()


def reload(folder: Path, text: str) -> None:
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    os.kill(int((folder / "nginx.pid").read_text()), signal.SIGHUP)


def test_drift_is_told_when_it_comes_and_when_it_goes_and_counted_meanwhile(folder: Path) -> None:
    with deployed(folder) as deployment, watching(deployment) as watched:
        watched.wait_for(r"start: no drift; all \d+ cases asked")
        quiet = watched.rounds()
        assert quiet["corsage_verify_up"] == "1"
        assert quiet['corsage_verify_drift{route="",kind=""}'] == "0"
        assert int(quiet["corsage_verify_cases"]) > 100
        assert float(quiet["corsage_verify_duration_seconds"]) > 0
        assert float(quiet["corsage_verify_last_success_timestamp_seconds"]) > 1e9

        good = (folder / "nginx.conf").read_text()
        reload(folder, within("/orders", "GET, PUT, PATCH", "GET, PUT")(good))
        watched.wait_for(r"drift: .*Access-Control-Allow-Methods lacks PATCH.* \[CORS250\]")
        assert int(watched.metrics()['corsage_verify_drift{route="/orders",kind="blocks"}']) > 0
        reload(folder, good)
        watched.wait_for(r"gone: .*Access-Control-Allow-Methods lacks PATCH")

        watched.process.send_signal(signal.SIGTERM)
        assert watched.process.wait(WAIT) == 0
        assert watched.rest() == []


def test_a_policy_that_changes_is_taken_over_and_one_that_is_broken_is_not(folder: Path) -> None:
    with deployed(folder) as deployment, watching(deployment) as watched:
        watched.wait_for("start: no drift")
        deployment.policy.write_text(deployment.text.replace("version: 1", "version: 7"))
        watched.wait_for("kept: the policy before stays: .*is not a valid policy")
        text = deployment.text.replace("version: 7", "version: 1").replace("PATCH]", "DELETE]")
        deployment.policy.write_text(text.replace("- PATCH /orders/1", "- PUT /orders/1"))
        watched.wait_for("drift: the policy allows, the deployment blocks: DELETE /orders")


def test_a_deployment_that_goes_down_and_comes_back_is_told_once_each(folder: Path) -> None:
    with deployed(folder) as deployment:
        watched = Watching(deployment, "--timeout", "2")
        watched.wait_for("start: no drift")
    watched.wait_for("down: the deployment does not answer: .*Connection refused")
    before = watched.rounds(4)
    assert before["corsage_verify_up"] == "0"
    assert float(before["corsage_verify_last_success_timestamp_seconds"]) > 1e9
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(WAIT) == 0
    assert watched.rest() == []
    watched.process.stdout.close()


def test_memory_does_not_grow_with_the_rounds(folder: Path) -> None:
    with (
        deployed(folder, within("/orders", "GET, PUT, PATCH", "GET, PUT")) as deployment,
        watching(deployment, "--watch", "0.001") as watched,
    ):
        watched.rounds(3)
        before = watched.memory()
        watched.rounds(10)
        assert watched.memory() < before * 1.2 + 1000


def test_nothing_but_metrics_is_served(folder: Path) -> None:
    with (
        deployed(folder) as deployment,
        watching(deployment) as watched,
        pytest.raises(urllib.error.HTTPError, match="404"),
    ):
        urllib.request.urlopen(watched.metrics_url.replace("/metrics", "/"), timeout=WAIT)
