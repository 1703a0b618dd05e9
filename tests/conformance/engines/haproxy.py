"""HAProxy: the rendered files, in front of the hostile upstream."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert program is not None, "there is no haproxy on this machine"

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        rendered.write()
        command = [program, "-db", "-f", "haproxy.cfg"]
        with process(command, rendered.folder, rendered.port):
            yield Live(rendered.port, rendered.seen)

    yield launch
