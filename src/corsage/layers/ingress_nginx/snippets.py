"""``configuration-snippet`` and ``server-snippet``: nginx's own language inside an annotation.

The controller copies the text into the location, behind what it writes for the CORS annotations.
It is read by nginx's reader, from a text that has it in the very lines in which it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.ingress_nginx.annotations import PREFIX
from corsage.layers.manifests.objects import Object
from corsage.layers.nginx.read import READER
from corsage.layers.site import Grant, Slip
from corsage.layers.source import Source, UnreadableError
from corsage.layers.target import Hop
from corsage.layers.yaml_document import Value

SNIPPETS = ("configuration-snippet", "server-snippet")

_MATTERS = re.compile(r"access-control-|\bOPTIONS\b|\bvary\b", re.IGNORECASE)
_LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class Snippet:
    """What a snippet does: a hop around the location, whom it lets read, and its own slips."""

    hop: Hop
    grant: Grant | None
    slips: tuple[Slip, ...]


def read(ingress: Object) -> Iterator[Snippet]:
    """The snippets of an Ingress that have to do with CORS, as far as nginx's reader takes them."""
    for name in SNIPPETS:
        value = ingress.annotations.get(PREFIX + name)
        if value is None or not _MATTERS.search(value.text) or len(value.text) > _LARGEST:
            continue
        text = _as_file(ingress, value, of_server=name == "server-snippet")
        try:
            reading = READER.link({ingress.file: READER.parse(Source(ingress.file, text))})
        except UnreadableError:
            continue
        for instance in reading.instances[:1]:
            grant = next((site.grant for site in instance.sites if site.grant is not None), None)
            yield Snippet(instance.hop, grant, reading.slips)


def around(snippets: tuple[Snippet, ...], location: Hop) -> Hop:
    """A location with its snippets."""

    def hop(request: WireRequest, service: Server) -> Response | None:
        inner: Server = partial(_through, location, service)
        for snippet in snippets:
            inner = partial(_through, snippet.hop, inner)
        return inner(request)

    return hop if snippets else location


def _through(hop: Hop, service: Server, request: WireRequest) -> Response | None:
    return hop(request, service)


def _as_file(ingress: Object, value: Value, of_server: bool) -> str:
    """A configuration of nginx that has the snippet in its own lines and columns."""
    opening, ending = "location / { proxy_pass http://service.internal; ", "}"
    if of_server:
        opening, ending = "", f"{opening}{ending}"
    first, lines = _lines(ingress, value)
    # What is written around it stands in lines of the file that are not the snippet's.
    head = f"server {{ listen 80; {opening}"
    return f"{head}{chr(10) * (ingress.before + first - 1)}" + "\n".join(
        [*lines, f"{ending}}}", ""]
    )


def _lines(ingress: Object, value: Value) -> tuple[int, list[str]]:
    """The first line of a snippet in its document, and its lines as they stand there."""
    lines = ingress.text.splitlines()
    rest = lines[value.line - 1][value.column - 1 :] if value.line <= len(lines) else ""
    if not rest.startswith(("|", ">")):
        written = value.text.split("\n")
        return value.line, [" " * value.column + written[0], *written[1:]]
    block: list[str] = []
    margin = -1
    for line in lines[value.line :]:
        indent = len(line) - len(line.lstrip(" "))
        if line.strip():
            if margin < 0:
                margin = indent
            if indent < margin or margin == 0:
                break
        block.append(line)
    return value.line + 1, block
