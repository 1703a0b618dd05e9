"""Three origins on loopback that play cases byte for byte and write down what arrives."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.differential.case import (
    NOT_FOUND,
    ORIGINS,
    PAGES,
    STATUSES_WITHOUT_BODY,
    Answer,
    Case,
    Page,
    Ports,
    Seen,
    from_json,
    to_json,
)

_RUNNER = (Path(__file__).parent / "page" / "runner.js").read_bytes()
_PATH = re.compile(r"/c/([^/]+)/(\d+)(?:[/?#]|$)")
_LONGEST_HEAD = 256 * 1024


class CaseServer:
    """The servers of a run: ``async with CaseServer() as server``.

    ``play`` adds cases, ``wire`` gives what has been seen of one (in fixed ports);
    ``cache_mode`` is the ``cache`` of every ``fetch()``.
    """

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}
        self._wire: defaultdict[str, list[Seen]] = defaultdict(list)
        self._servers: list[asyncio.Server] = []
        self._closed = socket.socket()
        self.cache_mode = "default"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        ports = {}
        for letter in "PAB":
            server = await loop.create_server(
                lambda letter=letter: _Connection(self, letter),  # type: ignore[misc]
                "127.0.0.1",
                0,
            )
            self._servers.append(server)
            ports[letter] = server.sockets[0].getsockname()[1]
        # Bound but not listening: the port is ours, and every connection is refused.
        self._closed.bind(("127.0.0.1", 0))
        ports["closed"] = self._closed.getsockname()[1]
        self.ports = Ports(ports)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for server in self._servers:
            server.close()
        self._closed.close()

    def page_url(self, page: Page) -> str:
        """Where the page stands that runs the cases."""
        return self.ports.to_run(ORIGINS["P"] + PAGES[page])

    def play(self, cases: Iterable[Case]) -> None:
        """Answers to these cases from now on."""
        for case in cases:
            text = self.ports.to_run(json.dumps(to_json(case)))
            self._cases[case.id] = from_json(json.loads(text))

    def script(self, case: Case) -> dict[str, object]:
        """What the page needs to know of a case."""
        request = to_json(self._cases[case.id])["request"]
        return {"id": case.id, "cache": self.cache_mode, **request}

    def wire(self, case_id: str) -> list[Seen]:
        """The requests of a case, in the order of arrival."""
        return self._wire[case_id]

    def forget(self, case_id: str) -> None:
        """Frees what is kept of a case."""
        self._cases.pop(case_id, None)
        self._wire.pop(case_id, None)

    def answer(self, at: str, method: str, path: str, headers: list[tuple[str, str]]) -> Answer:
        """The answer to one request; requests of cases are written down."""
        if path in PAGES.values():
            policy = (("Content-Security-Policy", "sandbox allow-scripts"),)
            cookie = (("Set-Cookie", "corsage=1; Path=/"),)
            lines = policy if path == PAGES["sandboxed"] else cookie
            return Answer(200, (("Content-Type", "text/html"), *lines), _page())
        found = _PATH.match(path)
        case = self._cases.get(found[1]) if found else None
        if found is None or case is None:
            return NOT_FOUND
        values: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in headers:
            values[name.lower()].append(self.ports.to_case(value))

        def get(name: str) -> str | None:
            return ", ".join(values[name]) if name in values else None

        acrm = get("access-control-request-method")
        kind = "preflight" if method == "OPTIONS" and acrm is not None else "actual"
        asked = dict.fromkeys(name.lower() for name, _ in case.request.headers)
        own = [] if kind == "preflight" else [*asked, *({"content-type"} - asked.keys())]
        self._wire[case.id].append(
            Seen(
                hop=int(found[2]),
                at=at,
                kind=kind,
                method=method,
                origin=get("origin"),
                acrm=acrm,
                acrh=get("access-control-request-headers"),
                cookie=get("cookie"),
                sent=tuple((name, get(name)) for name in own),
            )
        )
        return case.answer(f"//x{path}", kind) or NOT_FOUND


def _page() -> str:
    return f"<!doctype html><title>cases</title><script>{_RUNNER.decode()}</script>"


class _Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive; requests are read whole before they are answered."""

    def __init__(self, server: CaseServer, at: str) -> None:
        self._server = server
        self._at = at
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].decode("latin-1").split("\r\n")
            headers = [
                (n, v.strip(" \t")) for n, _, v in (line.partition(":") for line in head[1:])
            ]
            length = next((int(v) for n, v in headers if n.lower() == "content-length"), 0)
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            method, path, _ = head[0].split(" ", 2)
            answer = self._server.answer(self._at, method, path, headers)
            self._transport.write(_raw(answer, method))  # type: ignore[attr-defined]
        if len(self._buffer) > _LONGEST_HEAD:
            self._transport.abort()  # type: ignore[attr-defined]


def _raw(answer: Answer, method: str) -> bytes:
    response = answer.received()
    lines = [f"HTTP/1.1 {response.status} X", *(f"{n}: {v}" for n, v in response.headers)]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    empty = method == "HEAD" or answer.status in {*STATUSES_WITHOUT_BODY, 205}
    return head if empty else head + answer.body.encode("latin-1")
