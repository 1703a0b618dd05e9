"""Servers that misbehave cost bounded time and memory, get a clear line, and disturb nobody."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.audit.conftest import ROOT, Zoo
from tests.audit.zoo import HOST
from tests.live.faults import FAULTS, badly_certified, faulty, refused

SAID = {
    "hangs": "no answer from .* within 2 s",
    "closes": "the connection was closed without an answer",
    "resets": "Connection reset by peer",
    "drips its head": "no answer from .* within 2 s",
    "drips its body": None,
    "sends 100 MB": None,
    "sends an endless head": "the response's head is longer than 256 KiB",
    "sends endless interim answers": r"more than 16 interim \(1xx\) responses",
    "speaks another protocol": "not an HTTP/1.1 response",
    "sends a broken status line": "not an HTTP/1.1 response",
    "sends broken headers": None,
    "breaks off in its head": "the connection was closed within the response's head",
    "redirects to itself": None,
}
"""What is said of each fault; None: it can be audited all the same."""


class Ran(NamedTuple):
    code: int
    seconds: float
    kilobytes: int
    report: dict
    err: str


def command(*arguments: str, zoo: Zoo) -> list[str]:
    resolve = (f"https://{HOST}=127.0.0.1:{zoo.https}", f"http://{HOST}=127.0.0.1:{zoo.http}")
    options = [word for pair in resolve for word in ("--resolve", pair)]
    return [sys.executable, "-m", "corsage", "audit", *arguments, *options, "--insecure"]


def peak(pid: int) -> int:
    """The most memory that a process has had, in KiB; 0 where it has ended."""
    status = Path(f"/proc/{pid}/status")
    with suppress(OSError):
        if found := re.search(r"VmHWM:\s+(\d+)", status.read_text()):
            return int(found[1])
    return 0


def measured(words: list[str], folder: Path) -> Ran:
    started = time.monotonic()
    with (folder / "out").open("w+") as out, (folder / "err").open("w+") as err:
        process = subprocess.Popen(words, cwd=ROOT, stdout=out, stderr=err)
        # Not ru_maxrss: Linux counts in it what this process had when it started that one.
        most = 0
        while process.poll() is None:
            most = max(most, peak(process.pid))
            time.sleep(0.02)
        seconds = time.monotonic() - started
        texts = [file.seek(0) or file.read() for file in (out, err)]
    return Ran(process.returncode, seconds, most, json.loads(texts[0]), texts[1])


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(faulty(name)) for name in FAULTS} | {
            "refuses": stack.enter_context(refused()),
            "has no address": "http://nowhere.invalid",
        }


@pytest.fixture(scope="module")
def ran(origins: dict[str, str], zoo: Zoo, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All of them at once, and a healthy server among them."""
    healthy = zoo.url("reflect")
    options = ("--timeout", "2", "--retries", "0", "--rate", "0", "--format", "json")
    words = command(*origins.values(), healthy, *options, zoo=zoo)
    return measured(words, tmp_path_factory.mktemp("faults"))


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_that_misbehaves_gets_a_line_that_says_how(
    ran: Ran, origins: dict[str, str], name: str
):
    said = [
        one["message"] for one in ran.report["unreadable"] if one["file"] == f"{origins[name]}/"
    ]
    if SAID[name] is None:
        assert said == []
    else:
        (message,) = said
        assert re.search(SAID[name], message)


def test_a_server_that_is_not_there_gets_a_line_that_says_so(ran: Ran, origins: dict[str, str]):
    said = {one["file"]: one["message"] for one in ran.report["unreadable"]}
    assert "Connection refused" in said[f"{origins['refuses']}/"]
    assert "nowhere.invalid does not resolve" in said["http://nowhere.invalid/"]


def test_the_healthy_server_among_them_is_audited_as_ever(ran: Ran, zoo: Zoo):
    found = {f["rule"] for f in ran.report["findings"] if f["file"] == zoo.url("reflect")}
    assert found == {"CORS200"}
    assert ran.code == 2
    assert ran.err == ""


def test_time_and_memory_are_bounded(ran: Ran):
    """Each target gives up after its own timeouts; a 100 MB body is not read."""
    assert ran.seconds < 60
    assert 0 < ran.kilobytes < 150 * 1024


def test_a_certificate_that_nobody_signed_is_named(tmp_path: Path, zoo: Zoo):
    with badly_certified(tmp_path) as origin:
        words = [word for word in command(origin, zoo=zoo) if word != "--insecure"]
        ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "TLS with https://localhost" in ran.stdout
    assert "self-signed certificate" in ran.stdout


def test_ctrl_c_leaves_a_report_of_what_was_done(zoo: Zoo, tmp_path: Path):
    state = tmp_path / "state.jsonl"
    with faulty("hangs") as hanging:
        words = command(
            zoo.url("reflect"), hanging, "--timeout", "60", "--format", "json",
            "--rate", "0", "--state", str(state), zoo=zoo,
        )  # fmt: skip
        process = subprocess.Popen(
            words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + 30
        while not (state.exists() and "CORS200" in state.read_text()):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    report = json.loads(out)
    assert [finding["rule"] for finding in report["findings"]] == ["CORS200"]
    assert err == "corsage: stopped; the report holds what was done until then\n"
