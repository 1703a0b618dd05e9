"""A FastAPI app on uvicorn with the rendered middleware around it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import ModuleType

from asgi import Served
from fastapi import FastAPI, HTTPException, Request, Response
from host import METHODS, Order, host
from starlette.convertors import Convertor, register_url_convertor


class Below(Convertor[str]):
    """Any path that does not end in `slash`: that one exists with a slash at its end only."""

    regex = "(?!(?:.*/)?slash$).+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("below", Below())
served = Served()


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
    return served.running(rendered.CorsPolicy(app))


host(serve)
