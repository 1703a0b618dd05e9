"""Traefik: the rendered files, in front of the hostile upstream."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process

_OPTIONS = ("--configFile=traefik.yaml",)


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    program = Path(sys.executable).with_name("traefik")

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        rendered.write()
        with process([str(program), *_OPTIONS], rendered.folder, rendered.port):
            _wait_for_routers(rendered.port)
            yield Live(rendered.port, rendered.seen)

    yield launch


def _wait_for_routers(port: int, seconds: float = 20) -> None:
    """It listens before it has read the file, and has no header of ours until then."""
    deadline = time.monotonic() + seconds
    while True:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/no/such/route",
            headers={"Origin": "null", "Access-Control-Request-Method": "PUT"},
            method="OPTIONS",
        )
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except urllib.error.HTTPError as error:
            if "Vary" in error.headers:
                return
        else:
            return
        assert time.monotonic() < deadline, "Traefik does not read its file"
        time.sleep(0.02)
