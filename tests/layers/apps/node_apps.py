"""Node.js apps, all of them in one process, each on a port."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from corsage.browser.exchange import Response, WireRequest
from tests.conformance.engines.node_modules import installed
from tests.conformance.engines.process import end

_PROJECT = Path(__file__).with_name("node")


class Apps:
    """Running apps by name."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._connections = {
            name: http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            for name, port in ports.items()
        }

    def ask(self, name: str, request: WireRequest) -> Response:
        """What an app answers."""
        connection = self._connections[name]
        connection.putrequest(
            request.method,
            urlsplit(request.url).path,
            skip_accept_encoding=True,
        )
        for key, value in request.headers:
            connection.putheader(key, value)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        return Response(answer.status, tuple(answer.getheaders()))

    def close(self) -> None:
        """Ends all connections."""
        for connection in self._connections.values():
            connection.close()


@contextmanager
def running(workspace: Path, sources: Mapping[str, str]) -> Iterator[Apps]:
    """Runs the apps of ``sources`` (CommonJS) until the end."""
    apps = workspace / "apps"
    apps.mkdir()
    for name, source in sources.items():
        (apps / f"{name}.js").write_text(source, encoding="utf-8")
    shutil.copy(_PROJECT / "host.js", workspace)
    (workspace / "node_modules").symlink_to(installed(_PROJECT) / "node_modules")
    log = workspace / "stderr"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            ["node", "host.js", str(apps)],
            cwd=workspace,
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
        served = Apps(json.loads(line))
        yield served
        served.close()
    finally:
        end(process)
