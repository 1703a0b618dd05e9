"""Caddy: the rendered file, in front of the hostile upstream."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    program = Path(sys.executable).with_name("caddy")

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        rendered.write()
        folder = rendered.folder
        # Its administration has a fixed port, and it keeps things in the home folder.
        command = [
            "env",
            "CADDY_ADMIN=unix/admin.sock",
            f"XDG_CONFIG_HOME={folder}",
            f"XDG_DATA_HOME={folder}",
            *(str(program), "run", "--config", "Caddyfile"),
        ]
        with process(command, folder, rendered.port):
            yield Live(rendered.port, rendered.seen)

    yield launch
