"""What is read of Caddyfiles predicts, header for header, what Caddy answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corsage.layers.caddy.read import READER
from tests.conformance.engines.process import free_port, process
from tests.conformance.upstream import upstream
from tests.layers.gateways_read import live
from tests.layers.gateways_read.live import Case


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Case, str, int]]]:
    """Caddy with all configurations at once, each at a port of its own."""
    folder: Path = tmp_path_factory.mktemp("caddy")
    with upstream() as behind:
        app = urlsplit(behind.url).port
        given = []
        for case in live.cases("caddy"):
            port = free_port()
            given.append((case, case.filled(PORT=port, APP=app), port))
        (folder / "Caddyfile").write_text("\n".join(text for _, text, _ in given))
        command = [
            "env",
            "CADDY_ADMIN=unix/admin.sock",
            f"XDG_CONFIG_HOME={folder}",
            f"XDG_DATA_HOME={folder}",
            str(Path(sys.executable).with_name("caddy")),
            *("run", "--config", "Caddyfile"),
        ]
        with process(command, folder, given[-1][2]):
            yield given


def test_every_answer_is_predicted(running):
    """On hand-written configurations: status, and all headers that are Caddy's or the
    service's."""
    compared, wrong = 0, []
    for case, text, port in running:
        (instance,) = live.read(READER, caddyfile=text).instances
        number, different = live.differences(instance, case, port)
        compared += number
        wrong += different
    assert not wrong, f"{len(wrong)} of {compared}\n" + "\n".join(wrong[:8])
    assert compared > 400
