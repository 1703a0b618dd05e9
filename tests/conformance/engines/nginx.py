"""nginx: the rendered file, in front of the hostile upstream."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert program is not None, "there is no nginx on this machine"

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        rendered.write()
        command = [program, "-p", str(rendered.folder), "-c", "nginx.conf"]
        with process(command, rendered.folder, rendered.port):
            yield Live(rendered.port, rendered.seen, parses=re.compile("[A-Z_-]+").fullmatch)

    yield launch
