"""Real products with the mistakes that people make are found out, and the right forms pass."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from corsage.live.audit import Target
from tests.audit.conftest import ROOT, run_audit
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


def found(names: Sequence[str], port: int) -> dict[str, set[str]]:
    """The rules by path; TLS would end in front of these servers."""
    targets = [Target(f"https://api.example.com/{name}") for name in names]
    resolve = {"https://api.example.com": f"http://127.0.0.1:{port}"}
    outcomes = run_audit(targets, resolve)
    assert [outcome.problem for outcome in outcomes] == [None] * len(targets)
    return {
        name: {finding.rule for finding in outcome.findings}
        for name, outcome in zip(names, outcomes, strict=True)
    }


@pytest.mark.nginx
def test_nginx(tmp_path: Path):
    port = free_port()
    files = tmp_path / "files"
    files.mkdir()
    for name in NGINX:
        (files / name).write_text("ok")
    text = (SERVERS / "nginx.conf").read_text()
    text = text.replace("@PORT@", str(port)).replace("@ROOT@", str(files))
    (tmp_path / "nginx.conf").write_text(text)
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    with process([nginx, "-p", str(tmp_path), "-c", "nginx.conf"], tmp_path, port):
        assert found(list(NGINX), port) == NGINX


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
