"""Starlette and Flask with their CORS libraries, well and badly configured, one port each.

``python -m tests.audit.servers.python`` prints the ports as JSON and serves until it is killed.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading

import flask_cors
import uvicorn
from flask import Flask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from werkzeug.serving import make_server


async def _answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


def _starlette(**options: object) -> Starlette:
    cors = Middleware(CORSMiddleware, allow_credentials=True, **options)
    return Starlette(routes=[Route("/{path:path}", _answer)], middleware=[cors])


STARLETTE = Starlette(
    routes=[
        Mount("/starlette-any", _starlette(allow_origins=["*"])),
        Mount(
            "/starlette-regex",
            # fullmatch anchors it; the dot is the hole.
            _starlette(allow_origin_regex=r"https://app.example\.com"),
        ),
        Mount(
            "/starlette-previews",
            _starlette(allow_origin_regex=r"https://[a-z0-9-]+\.vercel\.app"),
        ),
        Mount("/starlette-list", _starlette(allow_origins=["https://app.example.com"])),
    ]
)


def _flask() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/<path:_>", view_func=lambda _: "ok")
    flask_cors.CORS(
        app,
        supports_credentials=True,
        allow_headers=["Content-Type"],
        max_age=600,
        resources={
            "/flask-reflects": {"origins": "*"},
            "/flask-regex": {"origins": re.compile(r"https://.*example\.com$")},
            "/flask-list": {"origins": ["https://app.example.com"]},
        },
    )
    return app


async def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    flask = make_server("127.0.0.1", 0, _flask(), threaded=True)
    threading.Thread(target=flask.serve_forever, daemon=True).start()
    ports = {"starlette": listener.getsockname()[1], "flask": flask.port}
    print(json.dumps(ports), flush=True)
    server = uvicorn.Server(uvicorn.Config(STARLETTE, log_level="critical"))
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(main())
