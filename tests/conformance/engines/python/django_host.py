"""A Django site on Werkzeug's server (with --asgi: on uvicorn) with the rendered middleware."""

from __future__ import annotations

import re
import sys
from contextlib import AbstractContextManager
from types import ModuleType

import django
from asgi import Served
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import clear_url_caches, re_path
from host import Order, host
from wsgi import running

settings.configure(
    ALLOWED_HOSTS=["*"],
    LOGGING_CONFIG=None,
    ROOT_URLCONF="urls",
    SECRET_KEY="secret",
    SECURE_SSL_REDIRECT=False,
)
django.setup()
served = Served() if "--asgi" in sys.argv else None


def serve(rendered: ModuleType, order: Order) -> AbstractContextManager[int]:
    def view(request: HttpRequest) -> HttpResponse:
        if not order.takes(request.get_host(), request.path):
            raise Http404
        status, headers = order.answer(request.get_full_path())
        response = HttpResponse("answered by the service", status=status)
        for name, value in headers:
            response.headers[name] = value
        return response

    patterns = [
        re_path(f"^{re.escape(path[1:]).replace('REST', '(?!(?:.*/)?slash$).+')}$", view)
        for path in order.paths("REST")
    ]
    settings.ROOT_URLCONF = tuple(patterns)
    settings.MIDDLEWARE = [
        f"{rendered.__name__}.CorsPolicyMiddleware",
        "django.middleware.common.CommonMiddleware",
    ]
    clear_url_caches()
    return running(WSGIHandler()) if served is None else served.running(ASGIHandler())


host(serve)
