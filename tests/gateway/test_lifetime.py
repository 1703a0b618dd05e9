"""However the gateway ends, nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corsage.gateway import Engine
from corsage.gateway.supervisor import AnyEngine
from tests.gateway.client import Asker
from tests.gateway.files import policy_text
from tests.gateway.policies import APP
from tests.gateway.upstream import Upstream
from tests.gateway.waiting import eventually

pytestmark = pytest.mark.nginx

_PROGRAM = """
import sys
from corsage.gateway import run
def say(event):
    print(event.kind, event.text, flush=True)
sys.exit(run(sys.argv[1], engine=sys.argv[2], listen="127.0.0.1:0", notify=say))
"""


class Running:
    """A gateway in a process of its own; ``master`` is its engine, and leads a process group."""

    def __init__(self, process: subprocess.Popen[str], port: int, own: Path) -> None:
        self.process = process
        self._ask = Asker(("127.0.0.1", port))
        self._own = own
        (folder,) = own.iterdir()
        (pid,) = folder.glob("*.pid")
        self.master = int(pid.read_text())

    def answers(self) -> bool:
        answer = self._ask("GET", "/api", origin=APP)
        return answer.values("access-control-allow-origin") == [APP]

    def gone(self) -> bool:
        return list(self._own.iterdir()) == [] and not _group_is_alive(self.master)


def _group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def gateway(
    tmp_path: Path, own_folder: Path, engine: AnyEngine, upstream: Upstream
) -> Iterator[Running]:
    """A gateway as `corsage serve` runs it."""
    path = tmp_path / "cors.yaml"
    path.write_text(policy_text(upstream.url), encoding="utf-8")
    choice = engine.path if isinstance(engine, Engine) else "envoy"
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, path, choice], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        try:
            ready = process.stdout.readline()
            port = int(ready.split("http://127.0.0.1:")[1].split()[0])
            yield Running(process, port, own_folder)
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_order(gateway: Running, number: signal.Signals) -> None:
    assert gateway.answers()
    gateway.process.send_signal(number)
    assert gateway.process.wait(30) == 0
    assert gateway.gone()


def test_a_kill_of_the_gateway_ends_the_engine_too(gateway: Running) -> None:
    gateway.process.kill()
    gateway.process.wait()
    eventually(gateway.gone)


def test_a_kill_of_the_engine_is_noticed_and_said(gateway: Running, engine: AnyEngine) -> None:
    os.kill(gateway.master, signal.SIGKILL)
    assert gateway.process.wait(30) == 1
    assert gateway.process.stdout is not None
    said = gateway.process.stdout.read()
    assert said == f"died {engine.name} was ended by SIGKILL; the gateway is down\n"
    eventually(gateway.gone)  # orphans are buried by the system, in its own time


def test_a_kill_of_both_leaves_no_worker(gateway: Running) -> None:
    gateway.process.send_signal(signal.SIGSTOP)
    os.kill(gateway.master, signal.SIGKILL)
    gateway.process.kill()
    gateway.process.wait()
    eventually(gateway.gone)
