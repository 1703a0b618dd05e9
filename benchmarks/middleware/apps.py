"""Bare apps, the same apps behind each middleware, and requests as browsers send them."""

from __future__ import annotations

import asyncio
import time
from io import BytesIO
from typing import Any

import django
from corsheaders.middleware import CorsMiddleware as DjangoCorsHeaders
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.urls import path
from flask import Flask
from flask_cors import CORS
from starlette.middleware.cors import CORSMiddleware

from corsage import Cors

APP = "https://app.example.com"
STRANGER = "https://stranger.example"
HEADERS = ["Authorization", "Content-Type", "X-Request-Id"]
METHODS = ["GET", "POST", "PUT", "DELETE"]

# In Chromium 156's order.
_BEFORE = [("host", "api.example.com"), ("connection", "keep-alive")]
_AFTER = [
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-site", "same-site"),
    ("sec-fetch-dest", "empty"),
    ("referer", "https://app.example.com/"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-US,en;q=0.9"),
]

Request = tuple[str, list[tuple[str, str]]]


def actual(origin: str | None) -> Request:
    own = [("origin", origin)] if origin else []
    return "GET", [*_BEFORE, ("accept", "application/json"), *own, *_AFTER]


def preflight(origin: str, headers: str = "authorization,content-type") -> Request:
    own = [
        ("accept", "*/*"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", headers),
        ("origin", origin),
    ]
    return "OPTIONS", [*_BEFORE, *own, *_AFTER]


def origins(count: int) -> list[str]:
    """``count`` origins; the one that asks is the last."""
    return [f"https://tenant{n}.example.com" for n in range(count - 1)] + [APP]


def corsage(app: Any, count: int) -> Any:
    return Cors(
        app,
        allow_origins=origins(count),
        allow_credentials=True,
        allow_methods=METHODS,
        allow_headers=HEADERS,
        max_age=600,
    )


async def asgi_app(_: Any, __: Any, send: Any) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


def starlette(app: Any, count: int) -> Any:
    return CORSMiddleware(
        app,
        allow_origins=origins(count),
        allow_credentials=True,
        allow_methods=METHODS,
        allow_headers=HEADERS,
        max_age=600,
    )


def flask_app() -> Flask:
    app = Flask(__name__)

    @app.route("/", methods=METHODS)
    def page() -> Any:
        return "{}", 200, {"Content-Type": "application/json"}

    return app


def flask_cors(count: int) -> Any:
    app = flask_app()
    CORS(
        app,
        origins=origins(count),
        supports_credentials=True,
        methods=METHODS,
        allow_headers=HEADERS,
        max_age=600,
    )
    return app


def _page(_: Any) -> HttpResponse:
    return HttpResponse("{}", content_type="application/json")


urlpatterns = [path("", _page)]

settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="only for benchmarks",
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    LOGGING_CONFIG=None,
    USE_TZ=True,
    CORS_ALLOW_CREDENTIALS=True,
    CORS_ALLOW_METHODS=METHODS,
    CORS_ALLOW_HEADERS=[name.lower() for name in HEADERS],
    CORS_PREFLIGHT_MAX_AGE=600,
)
django.setup()


def django_app() -> Any:
    settings.MIDDLEWARE = []
    return WSGIHandler()


def django_cors_headers(count: int) -> Any:
    settings.CORS_ALLOWED_ORIGINS = origins(count)
    settings.MIDDLEWARE = [f"{DjangoCorsHeaders.__module__}.{DjangoCorsHeaders.__qualname__}"]
    return WSGIHandler()


def asgi_seconds(app: Any, request: Request, repeat: int) -> float:
    """CPU seconds for ``repeat`` requests in one event loop, its own start not counted."""
    method, lines = request
    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "headers": [(name.encode(), value.encode()) for name, value in lines],
    }

    async def send(message: Any) -> None: ...

    async def serve() -> float:
        begin = time.process_time()
        for _ in range(repeat):
            await app(scope, None, send)
        return time.process_time() - begin

    return asyncio.run(serve())


def wsgi_seconds(app: Any, request: Request, repeat: int) -> float:
    """CPU seconds for ``repeat`` requests one after the other."""
    method, lines = request
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "api.example.com",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in lines},
    }

    def start_response(*_: Any) -> None: ...

    begin = time.process_time()
    for _ in range(repeat):
        body = app(dict(environ), start_response)
        for _part in body:
            pass
        if hasattr(body, "close"):
            body.close()
    return time.process_time() - begin
