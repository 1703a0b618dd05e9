"""A FastAPI app whose every route and every error is behind the policy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import BackgroundTasks, FastAPI, Request, Response, WebSocket
from fastapi.responses import StreamingResponse

from tests.middleware.served import STRAY, asgi_by_policy

state = {"started": False, "background": 0}


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    state["started"] = True
    yield


api = FastAPI(lifespan=lifespan)


@api.get("/search/crash")
async def crash() -> None:
    raise RuntimeError("as it happens")


@api.get("/search/stream")
async def stream() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"part;"
            await asyncio.sleep(0)

    return StreamingResponse(parts(), media_type="text/event-stream")


@api.post("/search/later")
async def later(tasks: BackgroundTasks) -> dict[str, int]:
    async def count() -> None:
        state["background"] += 1

    tasks.add_task(count)
    return {}


@api.get("/search/state")
async def read_state() -> dict[str, Any]:
    return state


@api.websocket("/search/socket")
async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


class Everything:
    """Any method on any path; a decorator would know only the usual methods."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        headers = {STRAY[0]: STRAY[1], "Vary": "Accept-Encoding", "X-Reached": request.method}
        await Response("ok", headers=headers)(scope, receive, send)


api.mount("/", Everything())

app = asgi_by_policy(api)
