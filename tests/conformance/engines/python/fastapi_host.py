"""A FastAPI app on uvicorn with the rendered middleware around it."""

from __future__ import annotations

import contextlib
import threading
import time
from contextlib import AbstractContextManager
from types import ModuleType

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from host import METHODS, Order, host
from starlette.convertors import Convertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send


class Below(Convertor[str]):
    regex = "(?!(?:.*/)?slash$).+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("below", Below())


def serve(rendered: ModuleType, order: Order) -> AbstractContextManager[int]:
    app = FastAPI()

    async def endpoint(request: Request) -> Response:
        if not order.takes(request.url.netloc, request.url.path):
            raise HTTPException(404)
        status, headers = order.answer(str(request.url))
        response = Response("answered by the service", status)
        for name, value in headers:
            response.headers.append(name, value)
        return response

    for path in order.paths("{rest:below}"):
        app.add_api_route(path, endpoint, methods=METHODS)
    served.app = rendered.CorsPolicy(app)
    return contextlib.nullcontext(served.port)


class Served:
    """One uvicorn for all apps: stopping and starting it takes longer than asking it."""

    def __init__(self) -> None:
        self.app: ASGIApp = FastAPI()
        config = uvicorn.Config(self, port=0, http="h11", log_level="critical", lifespan="off")
        self._server = uvicorn.Server(config)
        threading.Thread(target=self._server.run, daemon=True).start()
        while not self._server.started:
            time.sleep(0.005)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    @property
    def port(self) -> int:
        return self._server.servers[0].sockets[0].getsockname()[1]


served = Served()
host(serve)
