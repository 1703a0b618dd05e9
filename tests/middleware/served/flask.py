"""A Flask app whose every route and every error is behind the policy."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, Response, request

from tests.middleware.served import STRAY, wsgi_by_policy

api = Flask(__name__)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "X-UNLISTED", "X-LISTED", "PURGE"]


@api.route("/search/crash")
def crash() -> str:
    raise RuntimeError("as it happens")


@api.route("/search/stream")
def stream() -> Response:
    def parts() -> Iterator[bytes]:
        yield from [b"part;"] * 3

    return Response(parts(), mimetype="text/event-stream")


@api.route("/", defaults={"path": ""}, methods=METHODS, provide_automatic_options=False)
@api.route("/<path:path>", methods=METHODS, provide_automatic_options=False)
def everything(path: str) -> Response:
    headers = {STRAY[0]: STRAY[1], "Vary": "Accept-Encoding", "X-Reached": request.method}
    return Response("ok", headers=headers)


app = wsgi_by_policy(api)
