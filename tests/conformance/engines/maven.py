"""Packages from Maven Central: resolved once for each project file, and remembered beside it."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

_CACHE = Path(__file__).parents[3] / ".cache" / "spring"

FLAGS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx512m"]
"""For a JVM in which little runs long enough to be worth optimising."""


def compiled(project: Path, workspace: Path) -> str:
    """Compile the sources beside ``project`` (a pom.xml) into ``workspace``; the class path."""
    classpath = f"{workspace / 'host'}:{_resolved(project)}"
    sources = [str(source) for source in project.parent.glob("*.java")]
    compile_host = ["javac", "-parameters", "-cp", classpath, "-d", "host", *sources]
    subprocess.run(compile_host, cwd=workspace, check=True, timeout=120)
    return classpath


def _resolved(project: Path) -> str:
    # Named after the project file, so never out of date.
    place = _CACHE / hashlib.sha256(project.read_bytes()).hexdigest()[:16]
    if not place.exists() or not all(Path(jar).exists() for jar in place.read_text().split(":")):
        _CACHE.mkdir(parents=True, exist_ok=True)
        goal = ["dependency:build-classpath", f"-Dmdep.outputFile={place}"]
        command = ["mvn", "--quiet", "--batch-mode", "--file", str(project), *goal]
        subprocess.run(command, check=True, timeout=240)
    return place.read_text()
