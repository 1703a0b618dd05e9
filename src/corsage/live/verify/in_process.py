"""A WSGI or ASGI app asked in this process, without a server: the same questions, no network."""

from __future__ import annotations

import asyncio
import inspect
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

from corsage.browser import Response, WireRequest

Exchange = Callable[[WireRequest], Response]


def exchange_with(app: Callable[..., Any]) -> Exchange:
    """What asks ``app``. One whose call is a coroutine function is ASGI, any other WSGI."""
    call = app if inspect.isroutine(app) else getattr(app, "__call__", app)  # noqa: B004 -- its kind
    ask = _asgi if inspect.iscoroutinefunction(call) else _wsgi
    return lambda request: ask(app, request)


def _asgi(app: Callable[..., Awaitable[None]], request: WireRequest) -> Response:
    url = urlsplit(request.url)
    headers = [("host", url.netloc), *request.headers]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(url.path),
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 50000),
        "server": (url.hostname, url.port or 80),
    }
    started: list[MutableMapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": (request.body or "").encode(), "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.append(message)

    async def run() -> None:
        try:
            await app(scope, receive, send)
        except Exception:
            # Frameworks answer 500 and raise again, for the server's log.
            if not started:
                raise

    asyncio.run(run())
    lines = started[0].get("headers", ())
    return Response(
        started[0]["status"],
        tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in lines),
    )


def _wsgi(app: Callable[..., Iterable[bytes]], request: WireRequest) -> Response:
    url = urlsplit(request.url)
    body = (request.body or "").encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path),
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname or "",
        "SERVER_PORT": str(url.port or (443 if url.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": url.netloc,
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    answered: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], *_: object
    ) -> Callable[[bytes], object]:
        answered[:] = [(status, headers)]
        return lambda _: None

    chunks = app(environ, start_response)
    try:
        for _ in chunks:
            break  # an app may start its response only with the first part of the body
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = answered[0]
    return Response(int(status[:3]), tuple(headers))
