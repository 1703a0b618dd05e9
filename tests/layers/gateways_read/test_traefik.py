"""What is read of Traefik's configuration predicts, header for header, what Traefik answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from corsage.browser import WireRequest
from corsage.layers.traefik.read import READER
from tests.conformance.engines.process import free_port, process
from tests.conformance.engines.traefik import PROGRAM
from tests.conformance.upstream import upstream
from tests.layers.gateways_read import live
from tests.layers.gateways_read.live import Case


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Case, str, int]]]:
    """Traefik with all configurations at once, each at an entry point of its own."""
    folder: Path = tmp_path_factory.mktemp("traefik")
    with upstream() as behind:
        app = urlsplit(behind.url).port
        given = [(case, case.filled(APP=app), free_port()) for case in live.cases("traefik")]
        together: dict[str, dict[str, Any]] = {"routers": {}, "middlewares": {}, "services": {}}
        for number, (_, text, _) in enumerate(given):
            _put(together, yaml.safe_load(text)["http"], f"c{number}")
        (folder / "dynamic.yaml").write_text(yaml.safe_dump({"http": together}))
        static = {
            "entryPoints": {
                f"c{number}": {"address": f"127.0.0.1:{port}"}
                for number, (_, _, port) in enumerate(given)
            },
            "providers": {"file": {"filename": "dynamic.yaml"}},
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        }
        (folder / "traefik.yaml").write_text(yaml.safe_dump(static))
        port = given[0][2]
        with process([str(PROGRAM), "--configFile=traefik.yaml"], folder, port):
            _wait(port)
            yield given


def _put(together: dict[str, dict[str, Any]], http: dict[str, Any], prefix: str) -> None:
    """A configuration among the others, under names of its own."""
    for name, router in http["routers"].items():
        chain = [f"{prefix}-{each}" for each in router.get("middlewares", [])]
        own = {"entryPoints": [prefix], "service": f"{prefix}-app", "middlewares": chain}
        # What says no order is in the order of the rules' lengths.
        together["routers"][f"{prefix}-{name}"] = {**router, **own}
    for name, middleware in http.get("middlewares", {}).items():
        chain = middleware.get("chain", {}).get("middlewares")
        if chain:
            middleware = {"chain": {"middlewares": [f"{prefix}-{each}" for each in chain]}}
        together["middlewares"][f"{prefix}-{name}"] = middleware
    together["services"][f"{prefix}-app"] = http["services"]["app"]


def _wait(port: int, seconds: float = 20) -> None:
    """It listens before it has read the file."""
    request = WireRequest("actual", "GET", f"http://gateway.test:{port}/", ())
    deadline = time.monotonic() + seconds
    while live.answer(port, request).status == 404:
        assert time.monotonic() < deadline, "Traefik does not read what it is given"
        time.sleep(0.02)


def test_every_answer_is_predicted(running):
    """On hand-written configurations: status, and all headers that are Traefik's or the
    service's."""
    compared, wrong = 0, []
    for case, text, port in running:
        (instance,) = live.read(READER, dynamic__yaml=text).instances
        number, different = live.differences(instance, case, port)
        compared += number
        wrong += different
    assert not wrong, f"{len(wrong)} of {compared}\n" + "\n".join(wrong[:8])
    assert compared > 500
