"""A FastAPI app on uvicorn with the rendered middleware around it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from host import METHODS, Order, host
from starlette.convertors import Convertor, register_url_convertor


class Below(Convertor[str]):
    regex = "(?!(?:.*/)?slash$).+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("below", Below())


@contextmanager
def serve(rendered: ModuleType, order: Order) -> Iterator[int]:
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
    config = uvicorn.Config(
        rendered.CorsPolicy(app), port=0, http="h11", log_level="critical", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


host(serve)
