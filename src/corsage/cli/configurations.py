"""Loading what a verb was pointed at, whatever it is: a policy, configuration, a running server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from corsage.browser import Response, Server, WireRequest
from corsage.chain.surface import Surface, of_policy, of_server, of_system
from corsage.chain.system import System
from corsage.cli.errors import UsageError
from corsage.cli.policies import load
from corsage.cli.progress import progress
from corsage.cli.sources import Found, find, is_policy
from corsage.layers.reading import Parsed, link
from corsage.layers.source import Reading
from corsage.report.terminal import printable


def load_reading(names: Sequence[str]) -> Reading:
    """All the configuration below ``names``.

    Raises UsageError where there is none, and says on standard error what could not be read.
    """
    found = _found(names)
    reading = link(found.parsed)
    if not (reading.instances or reading.workloads or reading.slips):
        nothing = f"{', '.join(names)}: no configuration in it that Corsage reads"
        raise UsageError("\n".join(_unread(found)) or nothing)
    _say(found)
    return reading


def load_parsed(names: Sequence[str]) -> list[Parsed]:
    """The files below ``names``, each by itself.

    Raises UsageError where none could be read, and says on standard error which could not.
    """
    found = _found(names)
    if not found.parsed and found.unreadable:
        raise UsageError("\n".join(_unread(found)))
    _say(found)
    return found.parsed


def _found(names: Sequence[str]) -> Found:
    with progress("reading") as advance:
        return find(names, advance)


def _say(found: Found) -> None:
    for line in _unread(found):
        print(f"corsage: {line}", file=sys.stderr)


def _unread(found: Found) -> list[str]:
    return [printable(f"{file}: {message}") for file, message in found.unreadable]


def surface(name: str, client: Callable[[str], Server]) -> Surface:
    """A source as something to compare; ``client`` makes the server of a URL. Raises UsageError."""
    if name.startswith(("http://", "https://")):
        return of_server(_under(name, client(name)), name)
    if is_policy(name):
        return of_policy(load(name), name)
    return of_system(System(load_reading([name])), name)


def _under(url: str, server: Server) -> Server:
    """A server asked under its own address, whatever host a question was made for. Requests that
    may change something are asked with GET instead: what counts is who may read the answer."""
    own = urlsplit(url)

    def answer(request: WireRequest) -> Response | None:
        asked = urlsplit(request.url)._replace(scheme=own.scheme, netloc=own.netloc)
        onward = replace(request, url=asked.geturl())
        if request.kind == "actual" and request.method not in ("GET", "HEAD"):
            onward = replace(onward, method="GET", body=None)
        return server(onward)

    return answer
