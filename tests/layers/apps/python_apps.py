"""Python apps in this process: their source is run, and asked by ASGI or WSGI."""

from __future__ import annotations

import asyncio
import io
import sys
import types
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from corsage.browser.exchange import Response, WireRequest


def asgi(app: Any, request: WireRequest) -> Response:
    """The answer of an ASGI app. An exception that reaches the server is a 500, unless an answer
    had begun."""
    url = urlsplit(request.url)
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": url.path,
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "headers": [(n.lower().encode(), v.encode()) for n, v in request.headers],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def run() -> None:
        try:
            await app(scope, receive, send)
        except RuntimeError as error:
            if "on purpose" not in str(error):
                raise

    asyncio.run(run())
    start = next(one for one in sent if one["type"] == "http.response.start")
    headers = tuple((n.decode(), v.decode()) for n, v in start["headers"])
    return Response(start["status"], headers)


def wsgi(app: Any, request: WireRequest) -> Response:
    """The answer of a WSGI app."""
    url = urlsplit(request.url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": url.path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": url.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    answered: list[Response] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        answered.append(Response(int(status[:3]), tuple(headers)))
        return lambda _data: None

    body = app(environ, start_response)
    list(body)
    if hasattr(body, "close"):
        body.close()
    return answered[-1]


def loaded(source: str, name: str = "the_app") -> types.ModuleType:
    """The module of a source text."""
    module = types.ModuleType(name)
    exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    return module


DjangoHandler = Callable[[Any, Any], Any]


def django_app(settings: str) -> tuple[Any, Callable[[], None]]:
    """A Django app with the ``CORS_`` settings of a module's text, and what takes them back."""
    from django.conf import settings as configured
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.test.utils import override_settings
    from django.urls import re_path

    if not configured.configured:
        configured.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="x", ROOT_URLCONF="the_urls")
        import django

        django.setup()
    urls = types.ModuleType("the_urls")
    urls.urlpatterns = [re_path("", lambda _request: HttpResponse("fine"))]  # type: ignore[attr-defined]
    sys.modules["the_urls"] = urls
    module = loaded(settings, "the_settings")
    given = {name: value for name, value in vars(module).items() if name.isupper()}
    given.setdefault("MIDDLEWARE", ["corsheaders.middleware.CorsMiddleware"])
    override = override_settings(ROOT_URLCONF="the_urls", ALLOWED_HOSTS=["*"], **given)
    override.enable()
    return WSGIHandler(), override.disable
