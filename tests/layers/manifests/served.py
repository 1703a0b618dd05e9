"""What a real server answers, beside what was predicted of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import yaml

from corsage.browser import Response, Server, WireRequest
from corsage.layers.manifests import READER
from corsage.layers.site import Instance
from corsage.layers.source import Reading, Source
from corsage.live.client import Client
from tests.conformance import service


def read(*texts: str) -> Reading:
    """The reading of files."""
    sources = [Source(f"{number}.yaml", text) for number, text in enumerate(texts)]
    return READER.link({source.path: READER.parse(source) for source in sources})


def read_objects(objects: Iterable[Any]) -> Reading:
    """The reading of objects, written as one file."""
    return read(yaml.safe_dump_all(list(objects), sort_keys=False, width=10_000))


def requests(
    host: str, path: str, origins: Iterable[str | None], scheme: str = "https"
) -> Iterator[WireRequest]:
    """What browsers and others ask of one path: preflights, other OPTIONS, actual requests."""
    url = f"{scheme}://{host}{path}"
    for origin in origins:
        who = () if origin is None else (("Origin", origin),)
        asked = (("Access-Control-Request-Method", "PUT"),)
        named = (("Access-Control-Request-Headers", "x-one,x-two"),)
        yield WireRequest("preflight", "OPTIONS", url, (*who, *asked, *named))
        yield WireRequest("preflight", "OPTIONS", url, (*who, *asked))
        yield WireRequest("actual", "OPTIONS", url, who)
        for answer in ("open", "generous", "quiet", "missing"):
            yield WireRequest("actual", "GET", f"{url}?answer={answer}", who)


def upstream(request: WireRequest) -> Response | None:
    """The service behind the real server, as a pure function."""
    name = service.answer_of(request.url)
    return None if name == service.CRASH else service.ANSWERS[name]


@contextmanager
def asking(port: int) -> Iterator[Callable[[WireRequest], Response | None]]:
    """Sends requests to a real server on this machine."""
    clients: dict[str, Client] = {}

    def ask(request: WireRequest) -> Response | None:
        url = urlsplit(request.url)
        origin = f"{url.scheme}://{url.netloc}"
        if origin not in clients:
            there = {origin: f"http://127.0.0.1:{port}"}
            clients[origin] = Client([origin], resolve=there, timeout=20, keep_alive=True)
        return clients[origin](request)

    try:
        yield ask
    finally:
        for client in clients.values():
            client.close()


def differences(
    port: int, instances: Iterable[Instance], asked: Iterable[WireRequest]
) -> list[tuple[Any, ...]]:
    """Where what a real server answers is not what was predicted of it."""
    instances = tuple(instances)
    wrong = []
    with asking(port) as ask:
        for request in asked:
            got = seen(ask(request))
            expected = seen(predicted(instances, request))
            if got != expected:
                wrong.append((request, "got", got, "predicted", expected))
    return wrong


def predicted(
    instances: Iterable[Instance], request: WireRequest, behind: Server = upstream
) -> Response | None:
    """What the instance of the request's host answers: one that names it before one for all."""
    host = urlsplit(request.url).hostname or ""
    by_host = {address: each for each in instances for address in each.reached_at}
    instance = by_host.get(host, by_host.get("_"))
    return Response(404) if instance is None else instance.hop(request, behind)


def seen(response: Response | None) -> tuple[Any, ...] | None:
    """What a prediction is about: the status, the CORS headers to the letter, and ``Vary``."""
    if response is None:
        return None
    cors = sorted(
        (name.lower(), value.strip())
        for name, value in response.headers
        if name.lower().startswith("access-control-") or name.lower() == "timing-allow-origin"
    )
    vary = sorted(
        token.strip().lower()
        for name, value in response.headers
        if name.lower() == "vary"
        for token in value.split(",")
    )
    return response.status, cors, vary
