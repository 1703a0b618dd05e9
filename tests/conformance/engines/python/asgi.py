"""uvicorn in a thread. One for all apps: stopping and starting it takes longer than asking it."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import uvicorn


class Served:
    """Serves whatever app it was given last."""

    def __init__(self) -> None:
        self._app: Any = None
        config = uvicorn.Config(self, port=0, http="h11", log_level="critical", lifespan="off")
        self._server = uvicorn.Server(config)
        threading.Thread(target=self._server.run, daemon=True).start()
        while not self._server.started:
            time.sleep(0.005)

    def running(self, app: Any) -> AbstractContextManager[int]:
        """Serve ``app`` from now on; the port."""
        self._app = app
        return nullcontext(self._server.servers[0].sockets[0].getsockname()[1])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)
