"""What is read of HAProxy's configuration predicts, header for header, what HAProxy answers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corsage.layers.haproxy.read import READER
from tests.conformance.engines.process import free_port, process
from tests.conformance.upstream import upstream
from tests.layers.gateways_read import live
from tests.layers.gateways_read.live import Case

_NAMES = re.compile(r"^(frontend|backend|listen|userlist) (\w+)", re.MULTILINE)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Case, str, int]]]:
    """HAProxy with all configurations at once, each in names of its own."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert program is not None, "there is no haproxy on this machine"
    folder: Path = tmp_path_factory.mktemp("haproxy")
    with upstream() as behind:
        app = urlsplit(behind.url).port
        given = []
        for case in live.cases("haproxy"):
            port = free_port()
            given.append((case, case.filled(PORT=port, APP=app), port))
        together = [_renamed(text, number) for number, (_, text, _) in enumerate(given)]
        (folder / "haproxy.cfg").write_text("\n".join(together))
        with process([program, "-db", "-f", "haproxy.cfg"], folder, given[-1][2]):
            yield given


def _renamed(text: str, number: int) -> str:
    """The configuration with names that no other one has."""
    for _, name in _NAMES.findall(text):
        text = re.sub(
            rf"(frontend|backend|listen|userlist|http_auth\() ?{name}\b",
            rf"\1 {name}{number}",
            text,
        )
    return text.replace("http_auth( ", "http_auth(")


def test_every_answer_is_predicted(running):
    """On hand-written configurations: status, and all headers that are HAProxy's or the
    service's."""
    compared, wrong = 0, []
    for case, text, port in running:
        (instance,) = live.read(READER, haproxy__cfg=text).instances
        number, different = live.differences(instance, case, port)
        compared += number
        wrong += different
    assert not wrong, f"{len(wrong)} of {compared}\n" + "\n".join(wrong[:8])
    assert compared > 400
