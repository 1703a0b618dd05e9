"""Reading the head of an HTTP/1.1 response as browsers read it. Bytes in, values out.

Standard clients fold repeated header lines, stop at the first odd one or hand on an interim
response; a judge needs every line as it was sent (RFC 9112, sections 4 and 5).
"""

from __future__ import annotations

import re

from corsage.browser.exchange import Response

MAX_HEAD = 256 * 1024
"""Bytes of a response head that are read: Chromium's own limit."""

_STATUS_LINE = re.compile(rb"HTTP/1\.[01][ \t]+([1-9][0-9]{2})(?:[ \t].*)?")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_BLANKS = " \t"
_END = re.compile(rb"\r?\n\r?\n")


class BadMessageError(Exception):
    """What came back is not an HTTP/1.1 response; the message says what it is."""


def find_end(data: bytes | bytearray, start: int = 0) -> int | None:
    """Where the body begins, or None if the head is not complete yet.

    ``start`` is where the search begins: heads that trickle in are not searched again and again.
    """
    found = _END.search(data, max(start, 0))
    return found.end() if found else None


def parse_head(head: bytes) -> Response:
    """The status and every header line, in order, repeats kept.

    A line without a colon is skipped and a folded line (RFC 9112, 5.2) joined to the one
    before, as browsers do. Raises :class:`BadMessageError` if there is no status line.
    """
    first, *lines = (line.removesuffix(b"\r") for line in head.split(b"\n"))
    status = _STATUS_LINE.fullmatch(first)
    if status is None:
        raise BadMessageError(f"not an HTTP/1.1 response: it begins with {first[:40]!r}")
    headers: list[tuple[str, str]] = []
    for line in lines:
        text = line.decode("latin-1")
        if text[:1] in _BLANKS and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {text.strip(_BLANKS)}".strip(" "))
            continue
        name, colon, value = text.partition(":")
        if colon and name.strip(_BLANKS):
            headers.append((name.strip(_BLANKS), value.strip(_BLANKS)))
    return Response(int(status[1]), tuple(headers))


def decode_chunked(data: bytes) -> tuple[bytes, bool]:
    """What has arrived of a chunked body (RFC 9112, section 7.1), and whether that is all."""
    body = bytearray()
    position = 0
    while match := _CHUNK_SIZE.match(data, position):
        size = int(match[1], 16)
        if size == 0:
            return bytes(body), True
        body += data[match.end() : match.end() + size]
        position = match.end() + size
        if data.startswith(b"\r\n", position):
            position += 2
    return bytes(body), False
