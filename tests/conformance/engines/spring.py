"""Spring Boot on Tomcat: an app with the rendered filter in front of Spring Security and hostile
handlers.

Maven resolves the pinned versions once; what is rendered is compiled by the host, without Maven.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch
from tests.conformance.engines.worker import worker

_PROJECT = Path(__file__).with_name("spring")
_CACHE = Path(__file__).parents[3] / ".cache" / "spring"

# Little is run long enough to be worth optimising.
_FLAGS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx512m"]

OWN = {"a refusal of Spring Security": ("GET", "/login-first")}


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    classpath = f"{workspace / 'host'}:{_classpath()}"
    sources = [str(source) for source in _PROJECT.glob("*.java")]
    compile_host = ["javac", "-parameters", "-cp", classpath, "-d", "host", *sources]
    subprocess.run(compile_host, cwd=workspace, check=True, timeout=120)
    command = ["java", *_FLAGS, "-cp", classpath, "Host"]
    with worker(command, workspace, "cors/CorsPolicy.java", OWN) as launch:
        yield launch


def _classpath() -> str:
    # Named after the project file, so never out of date.
    project = _PROJECT / "pom.xml"
    place = _CACHE / hashlib.sha256(project.read_bytes()).hexdigest()[:16]
    if not place.exists() or not all(Path(jar).exists() for jar in place.read_text().split(":")):
        _CACHE.mkdir(parents=True, exist_ok=True)
        goal = ["dependency:build-classpath", f"-Dmdep.outputFile={place}"]
        command = ["mvn", "--quiet", "--batch-mode", "--file", str(project), *goal]
        subprocess.run(command, check=True, timeout=240)
    return place.read_text()
