"""Spring Cloud Gateway on Reactor Netty, with the rendered application.yml, in front of the hostile
upstream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.maven import FLAGS, compiled
from tests.conformance.engines.worker import worker

_PROJECT = Path(__file__).parent / "spring_cloud_gateway" / "pom.xml"


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    command = ["java", *FLAGS, "-cp", compiled(_PROJECT, workspace), "Host"]
    with worker(command, workspace, "application.yml") as run:

        @contextmanager
        def launch(rendered: Rendered) -> Iterator[Live]:
            with run(rendered) as live:
                yield replace(live, seen=rendered.seen)

        yield launch
