"""One kept-alive HTTP/1.1 connection on asyncio: it gives heads, and reads bodies only to be
rid of them.

Not aiohttp: its parser refuses heads that browsers read (a line without a colon, a blank before the
colon), and an audit must see what a browser sees.
"""

from __future__ import annotations

import asyncio

from corsage.browser.exchange import Response
from corsage.live.message import MAX_HEAD, BadMessageError, decode_chunked, find_end, parse_head

MAX_BODY = 64 * 1024
"""Bytes of a body that are read so that the connection can be used again; of a longer one nothing
more, and the connection is closed."""

_MAX_INTERIM = 16  # 1xx answers before the real one
_NO_BODY = frozenset({204, 205, 304})


class ClosedError(Exception):
    """The connection ended before an answer began; on a used one this is no fault of the server."""


class Connection(asyncio.Protocol):
    """``ask`` one request at a time; afterwards ``drained`` tells whether another may follow."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._searched = 0
        self._interim = 0
        self._method = ""
        self._answer: asyncio.Future[Response] | None = None
        self._drained: asyncio.Future[None] | None = None
        # Whether another request may follow; None while the body has not ended.
        self._reusable: bool | None = False
        # How the body ends: bytes that are left, -1 for chunked, None for the connection's end.
        self._left: int | None = 0
        self._keeps = True

    @property
    def peer(self) -> str | None:
        """The address at the other end."""
        peer = self._transport.get_extra_info("peername") if self._transport else None
        return str(peer[0]) if peer else None

    @property
    def open(self) -> bool:
        """Whether another request can be written."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Close at once; what has been written and not sent is dropped."""
        if self._transport is not None:
            self._transport.abort()

    async def ask(self, method: str, head: bytes, seconds: float) -> Response:
        """Write a request and wait for the response's head, ``seconds`` at most.

        Raises :class:`ClosedError`, :class:`~corsage.live.message.BadMessageError`, TimeoutError
        and OSError.
        """
        if self._transport is None or self._buffer:
            # What comes unasked belongs to no request of ours.
            self.close()
            raise ClosedError
        loop = asyncio.get_running_loop()
        self._method, self._interim, self._searched = method, 0, 0
        self._answer, self._drained, self._reusable = loop.create_future(), None, None
        # A timer is cheaper than asyncio.timeout(), and there are thousands of questions.
        timer = loop.call_later(seconds, self._fail, TimeoutError())
        self._transport.write(head)
        try:
            return await self._answer
        finally:
            timer.cancel()

    async def drained(self, seconds: float) -> bool:
        """Wait for the end of a small body; False if the connection must be closed instead."""
        if self._reusable is None:
            self._drained = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._drained,), timeout=seconds)
        return self._reusable is True and self.open

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of :class:`asyncio.Protocol`."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Part of :class:`asyncio.Protocol`."""
        self._buffer += data
        if self._answer is not None and not self._answer.done():
            try:
                self._read_head()
            except BadMessageError as error:
                self._fail(error)
        elif self._reusable is None:
            self._read_body()
        else:
            self.close()  # nobody asked

    def connection_lost(self, exc: Exception | None) -> None:
        """Part of :class:`asyncio.Protocol`."""
        if self._buffer and exc is None:
            self._fail(BadMessageError("the connection was closed within the response's head"))
        else:
            self._fail(exc or ClosedError())

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self._end_body(reusable=False)
        self.close()

    def _end_body(self, *, reusable: bool) -> None:
        if self._reusable is None:
            self._reusable = reusable
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def _read_head(self) -> None:
        while (end := find_end(self._buffer, self._searched - 3)) is not None:
            head = bytes(self._buffer[:end])
            del self._buffer[:end]
            self._searched = 0
            response = parse_head(head)
            if response.status >= 200 or response.status == 101:
                self._take(response, head)
                return
            self._interim += 1
            if self._interim >= _MAX_INTERIM:
                raise BadMessageError(f"more than {_MAX_INTERIM} interim (1xx) responses")
        self._searched = len(self._buffer)
        if len(self._buffer) > MAX_HEAD:
            raise BadMessageError(f"the response's head is longer than {MAX_HEAD // 1024} KiB")

    def _take(self, response: Response, head: bytes) -> None:
        fields = {name.lower(): value.lower() for name, value in response.headers}
        self._keeps = (
            head.startswith(b"HTTP/1.1")
            and response.status != 101
            and "close" not in fields.get("connection", "")
        )
        length = fields.get("content-length", "")
        if self._method == "HEAD" or response.status in _NO_BODY:
            self._left = 0
        elif fields.get("transfer-encoding", "").endswith("chunked"):
            self._left = -1
        else:
            self._left = int(length) if length.isdecimal() and len(length) < 10 else None
        assert self._answer is not None
        # A caller whose time is up has cancelled it.
        if not self._answer.done():
            self._answer.set_result(response)
        self._read_body()

    def _read_body(self) -> None:
        size = len(self._buffer)
        if not self._keeps or self._left is None or max(size, self._left) > MAX_BODY:
            self._buffer.clear()
            self._end_body(reusable=False)
            self.close()
            return
        if self._left >= 0:
            ended, exact = size >= self._left, size == self._left
        else:
            _, ended = decode_chunked(bytes(self._buffer))
            exact = self._buffer.endswith(b"0\r\n\r\n")  # no trailer
        if ended:
            self._buffer.clear()
            self._end_body(reusable=exact)
            if not exact:
                self.close()
