"""What a real gateway answers, header for header, beside what was read of its configuration."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from corsage.browser import Response, WireRequest
from corsage.layers.site import Instance
from corsage.layers.source import Reader, Reading, Source
from tests.layers.manifests.served import upstream

APP = "https://app.example.com"
ORIGINS = (
    APP,
    "https://evil.test",
    "https://x.app.example.com",
    "https://app.example.com.evil.test",
    "null",
)
SIGNED_IN = ("Authorization", "Basic dXNlcjpwYXNz")

# What depends on the clock or the machine, or is not said by the layers of Corsage.
_NOISE = re.compile(
    r"date|server|content-(?:length|type)|connection|keep-alive|transfer-encoding|via|alt-svc|"
    r"x-envoy-.*|x-content-type-options|www-authenticate|cache-control"
)


@dataclass(frozen=True)
class Case:
    """One hand-written configuration, and the paths on which it is asked."""

    name: str
    text: str

    @property
    def paths(self) -> list[str]:
        """The paths that are asked for."""
        found = re.search(r"^# paths: (.*)$", self.text, re.MULTILINE)
        return found[1].split() if found else ["/"]

    def filled(self, **values: object) -> str:
        """The configuration with its placeholders replaced."""
        text = self.text
        for name, value in values.items():
            text = re.sub(rf"\b{name}\b", str(value), text)
        return text


def cases(folder: str) -> list[Case]:
    """The configurations of a product."""
    place = Path(__file__).parent / folder
    return [Case(file.stem, file.read_text("utf-8")) for file in sorted(place.iterdir())]


def read(reader: Reader, **files: str) -> Reading:
    """What a reader makes of files, by path (``__`` for a dot)."""
    sources = [Source(path.replace("__", "."), text) for path, text in files.items()]
    return reader.link({source.path: reader.parse(source) for source in sources})


def requests(case: Case, port: int) -> Iterator[WireRequest]:
    """What each configuration is asked, on each of its paths."""
    asked = (("Access-Control-Request-Method", "PUT"),)
    named = (("Access-Control-Request-Headers", "x-one,x-two"),)
    for path in case.paths:
        url = f"http://gateway.test:{port}{path}"
        for origin in ORIGINS:
            who = (("Origin", origin),)
            yield WireRequest("preflight", "OPTIONS", url, (*who, *asked, *named))
            yield WireRequest("actual", "GET", url, who)
        who = (("Origin", APP),)
        yield WireRequest("preflight", "OPTIONS", url, (*who, *asked))
        yield WireRequest("preflight", "OPTIONS", url, asked)
        yield WireRequest("actual", "OPTIONS", url, who)
        yield WireRequest("actual", "POST", url, ())
        for answer in ("generous", "quiet", "missing", "redirect", "uncacheable", "crash"):
            yield WireRequest("actual", "GET", f"{url}?answer={answer}", (*who, SIGNED_IN))
        strange = (("Origin", ORIGINS[1]),)
        yield WireRequest("actual", "DELETE", f"{url}?answer=generous", strange)


def answer(port: int, request: WireRequest) -> Response:
    """The answer of a real server."""
    url = urlsplit(request.url)
    path = f"{url.path}{'?' if url.query else ''}{url.query}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest(request.method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in (("Host", url.netloc), *request.headers):
            connection.putheader(name, value)
        connection.endheaders()
        got = connection.getresponse()
        got.read()
        return Response(got.status, tuple(got.getheaders()))
    finally:
        connection.close()


def seen(response: Response | None) -> tuple[Any, ...] | None:
    """An answer without its noise; lines of different names have no order."""
    if response is None:
        return None
    kept = [
        (name.lower(), value.strip())
        for name, value in response.headers
        if not _NOISE.fullmatch(name.lower())
    ]
    return response.status, sorted(kept, key=lambda line: line[0])


def differences(instance: Instance, case: Case, port: int) -> tuple[int, list[str]]:
    """How many answers were compared, and those that were predicted wrongly."""
    wrong, compared = [], 0
    for request in requests(case, port):
        real = seen(answer(port, request))
        ours = seen(instance.hop(request, upstream))
        compared += 1
        if real != ours:
            told = f"{request.method} {request.url} {request.headers}"
            wrong.append(f"{case.name}: {told}\n  real {real}\n  read {ours}")
    return compared, wrong
