"""Spring Boot on Tomcat: an app with the rendered filter in front of Spring Security and hostile
handlers.

Maven resolves the pinned versions once; what is rendered is compiled by the host, without Maven.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch
from tests.conformance.engines.maven import FLAGS, compiled
from tests.conformance.engines.worker import worker

_PROJECT = Path(__file__).parent / "spring" / "pom.xml"

OWN = {"a refusal of Spring Security": ("GET", "/login-first")}


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    command = ["java", *FLAGS, "-cp", compiled(_PROJECT, workspace), "Host"]
    with worker(command, workspace, "cors/CorsPolicy.java", OWN) as launch:
        yield launch
