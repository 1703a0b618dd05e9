"""What is predicted of Spring's configuration is what the running application answers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from corsage.browser.exchange import Response, WireRequest
from corsage.layers.spring.read import READER
from tests.conformance.engines.maven import FLAGS, compiled
from tests.conformance.engines.process import end
from tests.layers.apps.asked import only, read, requests, told
from tests.layers.apps.node_apps import Apps

pytestmark = pytest.mark.java

_SOURCES = Path(__file__).with_name("spring")
_PATHS = {
    "Mapped": ["/api/x", "/open/x", "/patterns/x", "/none", "/v1/one", "/v1/two"],
    "Secured": ["/api/x", "/none"],
    "Forgotten": ["/api/x"],
    "Filtered": ["/api/x"],
}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    workspace = tmp_path_factory.mktemp("spring")
    classpath = compiled(_SOURCES / "pom.xml", workspace)
    log = workspace / "stderr"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            ["java", *FLAGS, "-cp", classpath, "Host", *_PATHS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
            text=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log.read_text()[-4000:]
        served = Apps(dict(zip(_PATHS, map(int, line.split()), strict=True)))
        yield served
        served.close()
    finally:
        end(process)


def _service(name: str, request: WireRequest) -> Response:
    """What the handlers answer: nobody is signed in, and some take few methods."""
    if name in ("Secured", "Forgotten"):
        return Response(401)
    path = request.url.removeprefix("http://127.0.0.1")
    taken = {"/v1/one": ("GET", "HEAD"), "/v1/two": ("PUT",)}.get(path)
    if request.method == "OPTIONS" or taken is None or request.method in taken:
        return Response(200)
    return Response(405)


@pytest.mark.parametrize("name", _PATHS)
def test_spring(name: str, apps: Apps) -> None:
    text = (_SOURCES / f"{name}.java").read_text(encoding="utf-8")
    instance = only(read(READER, (f"{name}.java", text)))
    different = []
    for request in requests(_PATHS[name]):
        predicted = told(instance.hop(request, lambda asked: _service(name, asked)))
        answered = told(apps.ask(name, request))
        if predicted != answered:
            different.append((request, predicted, answered))
    assert not different, "\n".join(map(str, different[:6])) + f"\n{len(different)}"
