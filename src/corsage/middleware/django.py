"""Django by its settings: first in ``MIDDLEWARE``, told by ``CORSAGE``.

    MIDDLEWARE = ["corsage.middleware.django.CorsMiddleware", ...]
    CORSAGE = {"allow_origins": ["https://app.example.com"], "allow_credentials": True}

``CORSAGE`` holds the keywords of :class:`corsage.Cors`. First, because what comes before it
answers without headers: a redirect to https, a login, an error page.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from corsage.middleware.cors import Cors
from corsage.middleware.plan import Plan
from corsage.middleware.wire import WSGI, Answer
from corsage.middleware.wsgi import asking


class CorsMiddleware(Cors):
    """The policy of ``settings.CORSAGE``, for sync and async views."""

    sync_capable = True
    async_capable = True
    _wire = WSGI  # request.META and response.headers are text under ASGI, too
    _plan: Plan[str]

    def __init__(self, get_response: Any) -> None:
        options = getattr(settings, "CORSAGE", None)
        if not isinstance(options, dict):
            msg = 'settings.CORSAGE is missing: CORSAGE = {"allow_origins": [...]}'
            raise ImproperlyConfigured(msg)
        self._awaits = iscoroutinefunction(get_response)
        super().__init__(get_response, **options)
        if self._awaits:
            markcoroutinefunction(self)

    def __call__(  # type: ignore[override]  # Cors speaks other interfaces, this class Django's
        self, request: HttpRequest
    ) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a preflight, or put the policy's headers on what the views answer."""
        if self._awaits:
            return self._acall(request)
        plan = self._plan
        origin, is_preflight = asking(request.META)
        origin = origin and plan.allowed(origin)
        answer = _answer(request, plan, origin, is_preflight)
        if answer.status is not None:
            return _preflight(answer)
        return self._finished(request, self.app(request), answer)

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        plan = self._plan
        origin, is_preflight = asking(request.META)
        origin = origin and await plan.allowed_async(origin)
        answer = _answer(request, plan, origin, is_preflight)
        if answer.status is not None:
            return _preflight(answer)
        return self._finished(request, await self.app(request), answer)

    def _finished(
        self, request: HttpRequest, response: HttpResponseBase, answer: Answer[str]
    ) -> HttpResponseBase:
        if answer.own:
            lines = dict(self._edit(response.headers.items(), answer, request))
            for name in [name for name in response.headers if name not in lines]:
                del response.headers[name]
            for name, value in lines.items():
                response.headers[name] = value
        return response

    @staticmethod
    def _path(request: HttpRequest) -> str:
        return str(request.path)


def _answer(
    request: HttpRequest, plan: Plan[str], origin: str | None, is_preflight: bool
) -> Answer[str]:
    answers = plan.only or plan.route(request.META.get("HTTP_HOST", ""), request.path)
    return (answers.preflight if is_preflight else answers.actual)[origin]


def _preflight(answer: Answer[str]) -> HttpResponse:
    response = HttpResponse(status=answer.status)
    del response.headers["Content-Type"]  # Django's own, for a body that is not there
    for name, value in answer.lines:
        response.headers[name] = value
    return response
