"""Fastify on Node.js: an app with the rendered plugin and hostile handlers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch
from tests.conformance.engines.node_modules import parses, prepare
from tests.conformance.engines.worker import worker


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    prepare(workspace)
    with worker(["node", "fastify.js"], workspace, "cors.js", parses=parses) as launch:
        yield launch
