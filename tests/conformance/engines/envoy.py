"""Envoy: the rendered files, in front of the hostile upstream."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process

_OPTIONS = ("--disable-hot-restart", "--concurrency", "1", "--log-level", "warning")


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    program = Path(sys.executable).with_name("envoy")

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        rendered.write()
        command = [str(program), "-c", "envoy.yaml", *_OPTIONS]
        with process(command, rendered.folder, rendered.port):
            yield Live(rendered.port, rendered.seen)

    yield launch
