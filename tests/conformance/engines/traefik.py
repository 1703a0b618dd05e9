"""Traefik: the rendered files, in front of the hostile upstream."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process

PROGRAM = Path(sys.executable).with_name("traefik")


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        rendered.write()
        with running(rendered, ["--configFile=traefik.yaml"]) as live:
            yield live

    yield launch


@contextmanager
def running(rendered: Rendered, options: Sequence[str]) -> Iterator[Live]:
    """Traefik with some options, once it has read its providers."""
    with process([str(PROGRAM), *options], rendered.folder, rendered.port):
        _wait_for_routers(rendered.port)
        yield Live(rendered.port, rendered.seen)


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
        assert time.monotonic() < deadline, "Traefik does not read what it is given"
        time.sleep(0.02)
