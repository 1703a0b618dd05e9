"""The services in Python, by name: Flask and Starlette apps, each with its own policy."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import uvicorn
from flask import Flask, Response, abort, make_response, request
from flask_cors import CORS
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from werkzeug.serving import make_server

from tests.incidents.ports import Ports

APP = "https://app.example"


def _flask(answer: Callable[[], Any] = lambda: "fine") -> Flask:
    """A service that answers every path with ``answer``; OPTIONS as Flask does, with Allow."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: answer(), endpoint="root", methods=_METHODS)
    app.add_url_rule("/<path:_>", view_func=lambda _: answer(), endpoint="path", methods=_METHODS)
    return app


_METHODS = ["GET", "POST", "PUT", "DELETE"]


def _with(*headers: tuple[str, str], status: int = 200) -> Callable[[], Response]:
    def answer() -> Response:
        response = make_response("fine", status)
        for line in headers:
            response.headers.add(*line)
        return response

    return answer


def _plain() -> Flask:
    """Knows nothing of CORS; /missing is a 404."""
    return _flask(lambda: abort(404) if request.path == "/missing" else "fine")


def _open() -> Flask:
    """Owns CORS for the page."""
    app = _flask()
    CORS(app, origins=[APP], allow_headers=["authorization", "x-file"], supports_credentials=True)
    return app


def _refusing() -> Flask:
    app = _flask()
    app.before_request(lambda: abort(401))
    return app


def _slow() -> Flask:
    app = _flask(lambda: (time.sleep(1.4), "at last")[1])
    CORS(app, origins=[APP])
    return app


def _no_options() -> Flask:
    app = Flask(__name__)
    options = {"methods": ["GET"], "provide_automatic_options": False}
    app.add_url_rule("/", view_func=lambda: "fine", **options)
    return app


def _no_cors() -> Flask:
    """Refuses whatever asks with OPTIONS, as frameworks do that know no such origin."""
    app = _flask()

    @app.before_request
    def refuse() -> tuple[str, int] | None:
        return ("not for you", 403) if request.method == "OPTIONS" else None

    return app


def _reflecting() -> Flask:
    """Echoes whoever asks, and says nothing of it to caches."""
    app = _flask()

    @app.after_request
    def reflect(response: Response) -> Response:
        if origin := request.headers.get("Origin"):
            response.headers["Access-Control-Allow-Origin"] = origin
        return response

    return app


def _judging(allows: Callable[[str], bool]) -> Flask:
    """Echoes the origins that it allows."""
    app = _reflecting()

    @app.after_request
    def judge(response: Response) -> Response:
        if not allows(request.headers.get("Origin", "")):
            response.headers.pop("Access-Control-Allow-Origin", None)
        response.headers["Vary"] = "Origin"
        return response

    # Flask runs these in reverse order: judging must come after reflecting.
    app.after_request_funcs[None].reverse()
    return app


def _flask_170() -> Flask:
    app = _flask()
    CORS(app, origins=[APP])

    @app.before_request
    def login() -> None:
        if "Authorization" not in request.headers:
            abort(401)

    return app


def _metabase() -> Flask:
    """Refuses what is not in its list; the entry has a slash at the end."""
    app = _judging(lambda origin: origin == "http://localhost:6274/")

    @app.before_request
    def refuse() -> tuple[str, int] | None:
        listed = request.headers.get("Origin", "http://localhost:6274/")
        return None if listed == "http://localhost:6274/" else ("Origin not allowed", 403)

    return app


def _renamed() -> Flask:
    """An old name is redirected, for every method."""
    app = _flask()

    @app.before_request
    def moved() -> Response | None:
        if request.path != "/old":
            return None
        response = make_response("", 308)
        response.headers["Location"] = "/new"
        return response

    CORS(app, origins="*", allow_headers=["authorization"])
    return app


def _listing(headers: list[str]) -> Flask:
    app = _flask()
    CORS(app, origins=[APP], allow_headers=headers, methods=["GET", "POST"], max_age=86400)
    return app


def _session() -> Flask:
    """Wants a cookie, which is SameSite=Lax."""
    app = _flask()
    CORS(app, origins=[APP], supports_credentials=True, allow_headers=["x-csrf"])

    @app.before_request
    def login() -> tuple[str, int] | None:
        wanted = request.method != "OPTIONS" and "session" not in request.cookies
        return ("who are you?", 401) if wanted else None

    return app


def _function_host() -> Flask:
    """Takes POST only; every other method, OPTIONS too, is not found."""
    app = _flask()
    CORS(app, origins="*")

    @app.before_request
    def find() -> tuple[str, int] | None:
        return None if request.method == "POST" else ("", 404)

    app.after_request_funcs.clear()
    return app


def _grpc() -> Flask:
    """As a gRPC server answers what it does not know: 200, and the rest in trailers' stead."""
    app = Flask(__name__)

    @app.before_request
    def answer() -> Response:
        return _with(("grpc-status", "12"), ("grpc-message", "unimplemented"))()

    return app


FLASK: Mapping[str, Callable[[], Flask]] = {
    "plain-service": _plain,
    "open-service": _open,
    "refusing-service": _refusing,
    "slow-service": _slow,
    "no-options": _no_options,
    "no-cors-service": _no_cors,
    "reflecting-service": _reflecting,
    "wildcard-service": lambda: _flask(_with(("Access-Control-Allow-Origin", "*"))),
    "twice-service": lambda: _flask(_with(*[("Access-Control-Allow-Origin", "*")] * 2)),
    "pa-flask-170": _flask_170,
    "om-metabase-75839": _metabase,
    "om-keycloak-25522": lambda: _judging(lambda origin: origin == f"{APP}/"),
    "om-webdev-89": lambda: _judging(
        lambda origin: bool(re.fullmatch(r"http://localhost(:\d+)?", origin))
    ),
    "om-govariants-156": lambda: _judging(lambda origin: origin == "http://localhost:3000"),
    "om-backstage-11662": lambda: _judging(lambda origin: origin == "https://backstage.example"),
    "om-instatoken-23": lambda: _flask(
        _with(("Access-Control-Allow-Origin", "https://domain.example"))
    ),
    "op-gotify-1052": lambda: _judging(
        lambda origin: bool(re.search("https://gotify.example", origin))
    ),
    "op-solana-925": lambda: _judging(
        lambda origin: bool(re.fullmatch("https://.*.vercel.app", origin))
    ),
    "hn-worldmonitor-2321": lambda: _listing(["content-type", "authorization"]),
    "em-axios-895": lambda: _flask(
        _with(
            ("Access-Control-Allow-Origin", APP), ("Content-Disposition", "attachment; name=a.pdf")
        )
    ),
    "ck-mdn-7025": _session,
    "rd-datagouv-1359": _renamed,
    "pu-azf-854": _function_host,
    "grpc-service": _grpc,
}


class _Failing:
    """The database is down."""

    def __call__(self, _: StarletteRequest) -> PlainTextResponse:
        raise ValueError("no database")


class _Throttle:
    """Counts outside of whatever stands further in; GETs are over the limit."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            await PlainTextResponse("slow down", 429)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _starlette() -> Starlette:
    cors = Middleware(
        CORSMiddleware, allow_origins=[APP], allow_methods=["*"], allow_headers=["authorization"]
    )

    def fine(_: StarletteRequest) -> PlainTextResponse:
        return PlainTextResponse("fine")

    return Starlette(
        routes=[
            Mount(
                "/en-starlette-1116",
                Starlette(routes=[Route("/", _Failing().__call__)], middleware=[cors]),
            ),
            Mount(
                "/en-jikan-148",
                Starlette(routes=[Route("/", fine)], middleware=[Middleware(_Throttle), cors]),
            ),
            Mount(
                "/rd-starlette-2748",
                Starlette(routes=[Route("/endpoint/", fine)], middleware=[cors]),
            ),
            Mount("/listed", Starlette(routes=[Route("/", fine)], middleware=[cors])),
        ]
    )


@contextmanager
def serving(ports: Ports) -> Iterator[None]:
    """All of them, each on its port."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        for name, make in FLASK.items():
            stack.enter_context(_wsgi(make(), ports[name]))
        stack.enter_context(_asgi(_starlette(), ports["starlette"]))
        yield


@contextmanager
def _wsgi(app: Flask, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _asgi(app: Starlette, port: int) -> Iterator[None]:
    quiet = {"log_level": "critical", "lifespan": "off"}
    # As behind a proxy that it was not told of.
    config = uvicorn.Config(app, "127.0.0.1", port, proxy_headers=False, **quiet)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "uvicorn ended"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
