"""Real products with the mistakes that people make are found out, and the right forms pass."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from corsage.live.audit import Settings, Target
from tests.audit.conftest import ROOT, Zoo, run_audit
from tests.conformance.engines import node_modules
from tests.conformance.engines.process import free_port, process

SERVERS = Path(__file__).parent / "servers"

NGINX = {
    "nginx-reflects": {"CORS200"},
    "nginx-if-without-end": {"CORS202", "CORS208"},
    "nginx-if-of-the-forums": {"CORS208", "CORS210", "CORS212"},
    "nginx-map-without-beginning": {"CORS203"},
    "nginx-if-gated": set(),
    "nginx-map-gated": set(),
}
EXPRESS = {
    "express-true": {"CORS200"},
    "express-regex": {"CORS204"},
    # The package leaves Vary out where the function says no.
    "express-function": {"CORS203", "CORS220"},
    "express-defaults": set(),
    "express-list": set(),
}
STARLETTE = {
    # It answers * until a cookie comes, and then any origin.
    "starlette-any/": {"CORS200"},
    "starlette-regex/": {"CORS206"},
    "starlette-previews/": {"CORS207"},
    "starlette-list/": set(),
}
FLASK = {
    # flask-cors says Vary only to those whom it trusts.
    "flask-reflects": {"CORS200", "CORS220"},
    "flask-regex": {"CORS203", "CORS220"},
    "flask-list": {"CORS220"},
}


@contextmanager
def announcing(command: Sequence[object], folder: Path) -> Iterator[dict[str, int]]:
    """A process that prints its ports as JSON."""
    started = subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert started.stdout is not None
        yield json.loads(started.stdout.readline())
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.communicate()


def found(names: Sequence[str], port: int, settings: Settings | None = None) -> dict[str, set[str]]:
    """The rules by path; TLS would end in front of these servers."""
    targets = [Target(f"https://api.example.com/{name}") for name in names]
    resolve = {"https://api.example.com": f"http://127.0.0.1:{port}"}
    outcomes = run_audit(targets, resolve, settings=settings)
    assert [outcome.problem for outcome in outcomes] == [None] * len(targets)
    return {
        name: {finding.rule for finding in outcome.findings}
        for name, outcome in zip(names, outcomes, strict=True)
    }


@contextmanager
def nginx(tmp_path: Path, zoo: Zoo) -> Iterator[int]:
    """The port of nginx with its files, and a cache in front of the zoo."""
    port = free_port()
    files = tmp_path / "files"
    files.mkdir()
    for name in NGINX:
        (files / name).write_text("ok")
    text = (SERVERS / "nginx.conf").read_text()
    for name, value in (("PORT", port), ("ROOT", files), ("ZOO", zoo.http)):
        text = text.replace(f"@{name}@", str(value))
    (tmp_path / "nginx.conf").write_text(text)
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    with process([program, "-p", str(tmp_path), "-c", "nginx.conf"], tmp_path, port):
        yield port


@pytest.mark.nginx
def test_nginx(tmp_path: Path, zoo: Zoo):
    with nginx(tmp_path, zoo) as port:
        assert found(list(NGINX), port) == NGINX


@pytest.mark.nginx
def test_a_cache_in_front_hides_nothing_and_is_proved_to_be_poisonable(tmp_path: Path, zoo: Zoo):
    with nginx(tmp_path, zoo) as port:
        cages = {
            "vary-missing": {"CORS220", "CORS221"},
            "prefix-kept": {"CORS202", "CORS220", "CORS221"},
            "safe-expose": set(),
        }
        assert found(list(cages), port, Settings(prove_cache=True)) == cages


@pytest.mark.nginx
def test_an_audit_leaves_no_answer_for_others_in_a_cache(tmp_path: Path, zoo: Zoo):
    """What is kept of the address itself afterwards is what a plain request left there."""
    with nginx(tmp_path, zoo) as port:
        found(["vary-missing"], port)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/vary-missing") as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/vary-missing", headers={"Origin": "https://app.example.com"}
        )
        # The cache holds it: the server itself would let this origin in.
        with urllib.request.urlopen(request) as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.node
def test_express(tmp_path: Path):
    node_modules.prepare(tmp_path)
    shutil.copy(SERVERS / "express.js", tmp_path / "audited.js")
    with announcing(["node", "audited.js"], tmp_path) as ports:
        assert found(list(EXPRESS), ports["express"]) == EXPRESS


def test_starlette_and_flask():
    with announcing([sys.executable, "-m", "tests.audit.servers.python"], ROOT) as ports:
        assert found(list(STARLETTE), ports["starlette"]) == STARLETTE
        assert found(list(FLASK), ports["flask"]) == FLASK
