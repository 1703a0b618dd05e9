"""A Django project in one file, for both of its interfaces.

``app`` and ``wsgi`` are wrapped, once for each policy; ``by_settings`` (WSGI) and
``by_settings_async`` (ASGI) have the middleware class and the one policy file that
``CORSAGE_POLICY`` names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import django
from django.conf import settings

from tests.middleware.served import STRAY, asgi_by_policy, wsgi_by_policy

if not settings.configured:
    own = os.environ.get("CORSAGE_POLICY")
    settings.configure(
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="only for tests",
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[
            *(["corsage.middleware.django.CorsMiddleware"] if own else []),
            "django.middleware.common.CommonMiddleware",
        ],
        CORSAGE={"policy": own},
        LOGGING_CONFIG=None,
        USE_TZ=True,
    )
    django.setup()

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path, re_path


def crash(request: Any) -> HttpResponse:
    raise RuntimeError("as it happens")


def stream(request: Any) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        yield from [b"part;"] * 3

    async def parts_async() -> Any:
        for part in parts():
            yield part

    body = parts_async() if hasattr(request, "scope") else parts()
    return StreamingHttpResponse(body, content_type="text/event-stream")


def everything(request: Any) -> HttpResponse:
    headers = {STRAY[0]: STRAY[1], "Vary": "Accept-Encoding", "X-Reached": request.method}
    return HttpResponse("ok", headers=headers)


urlpatterns = [path("search/crash", crash), path("search/stream", stream), re_path("", everything)]

by_settings_async = get_asgi_application()
by_settings = get_wsgi_application()
app = asgi_by_policy(by_settings_async)
wsgi = wsgi_by_policy(by_settings)
