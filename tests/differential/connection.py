"""A remote protocol over a WebSocket: numbered commands one way, answers and events the other.

CDP and WebDriver BiDi differ in their vocabulary and share this shape.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any, Self

import websockets
from websockets.asyncio.client import ClientConnection, connect

Event = Callable[[str, dict[str, Any]], None]


class Connection:
    """``call`` sends a command and returns its result; events go to ``on_event(method, params)``.

    An exception in ``on_event`` ends the connection and comes out of every pending call.
    """

    def __init__(self, socket: ClientConnection, on_event: Event) -> None:
        self._socket = socket
        self._on_event = on_event
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())
        self.events = 0

    @classmethod
    async def open(cls, address: str, on_event: Event) -> Self:
        """Connects; results may be of any size."""
        socket = await connect(address, max_size=None, ping_interval=None, compression=None)
        return cls(socket, on_event)

    async def call(self, method: str, params: dict[str, Any], **more: str) -> dict[str, Any]:
        """One command; RuntimeError with the browser's own words if it refuses."""
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._pending[number] = answer
        await self._socket.send(
            json.dumps({"id": number, "method": method, "params": params, **more})
        )
        async with asyncio.timeout(120):
            return await answer

    async def close(self) -> None:
        """Closes the socket; the browser stays."""
        self._reader.cancel()
        await self._socket.close()

    async def quiet(self, seconds: float = 1.0) -> None:
        """Returns when no event has come for ``seconds``: console lines follow late."""
        before = -1
        while before != self.events:
            before = self.events
            await asyncio.sleep(seconds)

    async def _read(self) -> None:
        fault: Exception = RuntimeError("the browser closed the connection")
        try:
            async for text in self._socket:
                self._take(json.loads(text))
        except (websockets.ConnectionClosed, LookupError, TypeError, ValueError) as error:
            fault = error
        for answer in self._pending.values():
            if not answer.done():
                answer.set_exception(fault)

    def _take(self, message: dict[str, Any]) -> None:
        if "id" not in message or message["id"] is None:
            self.events += 1
            self._on_event(message["method"], message["params"])
            return
        answer = self._pending.pop(message["id"])
        if answer.done():
            return
        if "error" in message:
            answer.set_exception(RuntimeError(f"{message['error']} {message.get('message', '')}"))
        else:
            answer.set_result(message["result"])
