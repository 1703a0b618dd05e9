"""Every command and snippet of docs/verify.md does what the page says."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from corsage.cli import main
from corsage.live.verify import metrics
from corsage.live.verify.metrics import KINDS, Metrics
from tests.docs.conftest import ROOT, blocks
from tests.verify.deployment import Deployment, deployed
from tests.verify.test_action import ACTION
from tests.verify.test_drift import within

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.nginx

PAGE = ROOT / "docs" / "verify.md"
PUBLIC = "https://api.example.com"


@pytest.fixture
def here(faithful: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A folder with the policy in it."""
    (tmp_path / "cors.yaml").write_text(faithful.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return faithful


def commands() -> Iterator[list[str]]:
    for block in blocks(PAGE, "sh"):
        for line in block.splitlines():
            yield shlex.split(line.partition(" > ")[0])


def aimed(words: list[str], deployment: Deployment) -> list[str]:
    """The command with the addresses of this machine."""
    address = deployment.url.removeprefix("http://")
    instead = {
        "10.0.0.9:443": deployment.url,
        "http://10.0.0.9:8080": deployment.url,
        "127.0.0.1:9464": "127.0.0.1:0",
        "orders=http://10.0.0.7:3001": f"orders={deployment.services['orders']}",
        "search=http://10.0.0.7:3002": f"search={deployment.services['search']}",
    }
    words = [instead.get(word, word) for word in words]
    if "--resolve" not in words:
        words = [word.replace(PUBLIC, deployment.url) for word in words]
    assert any(address in word for word in words)
    return words


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_runs(here: Deployment, words: list[str]) -> None:
    program, *arguments = aimed(words, here)
    if program == "corsage" and "--watch" not in arguments:
        assert main(arguments) == 0
        return
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", program, *arguments], stdout=subprocess.PIPE, text=True
    )
    if "--watch" in arguments:
        assert re.search(r" metrics: http://127.0.0.1:\d+/metrics", process.stdout.readline())
        assert " start: no drift; all " in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out


def test_the_session_is_as_printed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (session,) = blocks(PAGE, "console")
    command, *expected = session.splitlines()
    with deployed(folder, within("/orders", '"GET, PUT, PATCH"', '"GET, PUT"')) as deployment:
        monkeypatch.chdir(folder)
        words = shlex.split(command.removeprefix("$ corsage "))
        services = {"orders=http://10.0.0.7:3001": f"orders={deployment.services['orders']}"}
        words = [services.get(word, word) for word in words]
        assert main([*words, "--resolve", deployment.url]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(expected)
    for line, told in zip(printed, expected, strict=True):
        assert line.startswith(told.removesuffix("...")) if "..." in told else line == told, line


def test_the_workflow_uses_what_the_action_has() -> None:
    workflow, rules = map(yaml.safe_load, blocks(PAGE, "yaml"))
    (step,) = [step for step in workflow["jobs"]["cors"]["steps"] if "with" in step]
    assert set(step["with"]) <= set(ACTION["inputs"])
    names = set(re.findall(r"corsage_\w+", PAGE.read_text()))
    alerts = rules["groups"][0]["rules"]
    used = {name for rule in alerts for name in re.findall(r"corsage_\w+", rule["expr"])}
    assert used <= names


def test_the_metrics_are_those_that_are_exported() -> None:
    text = PAGE.read_text()
    assert {kind for kind in KINDS.values() if f"`{kind}`" in text} == set(KINDS.values())
    exported = Metrics().text()
    assert "corsage_verify_up 0" in exported
    assert set(metrics._HELP) == set(re.findall(r"corsage_verify_\w+", text))


def test_the_python_on_the_page_is_a_test(
    here: Deployment, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = blocks(PAGE, "python")
    own = "version: 1\nservices: {s: http://s}\npolicies: {p: {allow_origins: https://a.example}}\n"
    pytester.path.joinpath("cors.yaml").write_text(
        own + "routes: [{path: /, service: s, cors: p}]\ngateway: {public: 'https://b.example'}\n"
    )
    pytester.path.joinpath("app.py").write_text(
        "from corsage import Cors\n"
        "def plain(environ, start):\n    start('200 OK', [])\n    return [b'']\n"
        "app = Cors(plain, allow_origins='https://a.example')\n"
    )
    pytester.makepyfile(code)
    pytester.syspathinsert()
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
