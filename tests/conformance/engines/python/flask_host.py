"""A Flask app on Werkzeug's server with the rendered hooks."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from types import ModuleType

from flask import Flask, Response, abort, request
from host import METHODS, Order, host
from wsgi import running


def serve(rendered: ModuleType, order: Order) -> AbstractContextManager[int]:
    app = Flask("service", static_folder=None)
    app.logger.setLevel(logging.CRITICAL + 1)
    rendered.init_cors(app)

    def view(rest: str = "") -> Response:
        # A Flask app has hosts for all of its routes, or for none.
        if not order.takes(request.host, request.path):
            abort(404)
        status, headers = order.answer(request.url)
        response = Response("answered by the service", status)
        for name, value in headers:
            response.headers.add(name, value)
        return response

    for path in order.paths("<path:rest>"):
        app.add_url_rule(path, path, view, methods=METHODS, provide_automatic_options=False)
    return running(app)


host(serve)
