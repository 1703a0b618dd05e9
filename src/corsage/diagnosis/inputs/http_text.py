"""HTTP messages as text: status lines, header lines, and the dialogue that ``curl -v`` prints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from corsage.browser.exchange import Headers
from corsage.diagnosis.observation import LONGEST_TEXT, LONGEST_VALUE, MOST_HEADERS

MOST_MESSAGES = 200
"""Messages of one transcript that are read; a redirect chain is at most 50 in curl."""

_STATUS = re.compile(r"HTTP/\d(?:\.\d)?\s+(\d{3})(?:\s|$)", re.IGNORECASE)
_REQUEST = re.compile(r"([!#$%&'*+.^_`|~\w-]{1,40})\s+(\S{1,8000})\s+HTTP/\d(?:\.\d)?\s*$")
_HEADER = re.compile(r":?([!#$%&'*+.^_`|~\w-]{1,200}):[ \t]*(.*)$", re.DOTALL)

# Interim answers, and the proxy's answer to CONNECT, belong to the transport.
_INTERIM = frozenset({100, 101, 102, 103})


@dataclass(slots=True)
class Message:
    """One request or answer of a transcript. ``status`` is None for a request."""

    status: int | None = None
    method: str = ""
    target: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    def get(self, name: str) -> str | None:
        """The value of the first line of this header (lower-case name)."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def lines(self) -> Headers:
        """The header lines, names lowered."""
        return tuple(self.headers)


def read_dialogue(text: str) -> list[Message]:
    """The messages of a transcript, in order; interim answers are left out.

    Understands ``curl -i`` (answers only), ``curl -v`` (``>`` and ``<`` before the lines) and
    headers pasted from DevTools; a first block without a status line becomes an answer without
    status.
    """
    messages: list[Message] = []
    current: Message | None = None
    in_body = False
    tunnel = False
    marked = re.search(r"^[<>] ", text, re.MULTILINE) is not None
    for raw in text.splitlines():
        line, mark = _unmarked(raw, marked=marked)
        if mark == "*":
            continue
        status, request = _STATUS.match(line), _REQUEST.match(line)
        if status or (request and mark != "<"):
            if len(messages) >= MOST_MESSAGES:
                break
            current, in_body = Message(), False
            if status:
                current.status = int(status.group(1))
            elif request:
                current.method, current.target = request.group(1), request.group(2)
            if request and current.method.upper() == "CONNECT":
                tunnel = True
                continue
            if tunnel and status:
                tunnel = False
                continue
            if current.status not in _INTERIM:
                messages.append(current)
            continue
        if current is None and _HEADER.match(line):
            current = Message()
            messages.append(current)
        if current is None:
            continue
        if marked and mark == "" and current.status is not None:
            in_body = True
        if not line.strip() and not in_body:
            in_body = current.status is not None or not current.method
            continue
        _take(current, line, in_body=in_body)
    return messages


def _unmarked(raw: str, *, marked: bool) -> tuple[str, str]:
    """The line without curl's ``<``, ``>``, ``*`` or ``}``, and that mark."""
    if not marked:
        return raw, ""
    if raw[:2] in {"< ", "> "} or raw in {"<", ">"}:
        return raw[2:], raw[0]
    if raw[:2] in {"* ", "} ", "{ "}:
        return raw[2:], "*"
    return raw, ""


def _take(message: Message, line: str, *, in_body: bool) -> None:
    if in_body:
        if len(message.body) < LONGEST_TEXT:
            message.body += line[:LONGEST_TEXT] + "\n"
        return
    header = _HEADER.match(line)
    if header and len(message.headers) < MOST_HEADERS:
        name, value = header.group(1).lower(), header.group(2).strip()
        message.headers.append((name, value[:LONGEST_VALUE]))
