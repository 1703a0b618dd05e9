"""Django: a middleware that stands first in ``MIDDLEWARE``.

django-cors-headers cannot keep a policy with more than one set of lists: its settings hold for the
whole site, and its one regex for paths is on or off. It also lets pass what views send to
strangers themselves, and names no method or header in the Vary of preflights (4.9).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from corsage.layers import application, python
from corsage.layers.clauses import table
from corsage.layers.target import Clause, Fate, File, Hop, Target, Version, Versions
from corsage.policy.model import Policy

_DOCSTRING = """\
CORS for the routes that this site answers itself.

Written by `corsage render django`: change the policy and render again, not this file.

    MIDDLEWARE = [
        "cors_policy.CorsPolicyMiddleware",  # first: before redirects, sessions and errors
        ...
    ]
"""

_IMPORTS = """\
import re
from collections.abc import Mapping
from typing import NamedTuple

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
"""

_MIDDLEWARE = """\
def policies_for(request: HttpRequest) -> tuple[Route | None, tuple[Policy, ...]]:
    route = find_route(@FIND@)
    return route, UNROUTED if route is None else route.policies


def answer_preflight(request: HttpRequest) -> HttpResponse | None:
    route, policies = policies_for(request)
    if not is_preflight(request.method, request.headers) or (route and route.gateway):
        return None
    origin = request.headers.get("Origin")
    for policy in policies:
        if policy.admits(origin):
            headers = policy.headers(origin, policy.preflight)
            return HttpResponse(status=204, headers={"Vary": PREFLIGHT_VARY, **headers})
    return HttpResponse(status=403, headers={"Vary": PREFLIGHT_VARY})


def own(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    # What views and other middleware set goes; the policy alone says who may read.
    for name in [*filter(is_cors, response.headers)]:
        del response.headers[name]
    origin = request.headers.get("Origin")
    _, policies = policies_for(request)
    if not all(policy.any_origin for policy in policies):
        patch_vary_headers(response, ["Origin"])
    granted = next((policy for policy in policies if policy.admits(origin)), None)
    if granted is not None:
        for name, value in granted.headers(origin, granted.actual).items():
            response.headers[name] = value
    return response


class CorsPolicyMiddleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request):
        if iscoroutinefunction(self):
            return self.__acall__(request)
        return answer_preflight(request) or own(request, self.get_response(request))

    async def __acall__(self, request):
        return answer_preflight(request) or own(
            request, await self.get_response(request)
        )
"""

_ROWS: Mapping[str, tuple[Fate, str]] = python.rows(
    {
        "preflights": ("idiom", "answered by the first middleware"),
        "Vary": ("idiom", "patch_vary_headers, which merges"),
        "the service's own CORS headers": ("idiom", "removed from the response"),
        "errors": (
            "weaker",
            "404, 500 and redirects carry the headers; a 400 of the WSGI server itself does not",
        ),
    }
)


def files(policy: Policy) -> tuple[File, ...]:
    """``cors_policy.py``, a module with one middleware."""
    find = "request.path"
    if application.uses_hosts(policy):
        find = f'request.headers.get("Host", ""), {find}'
    middleware = _MIDDLEWARE.replace("@FIND@", find)
    return (File("cors_policy.py", python.module(policy, _DOCSTRING, _IMPORTS, middleware)),)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """The fidelity table of Django for ``policy``."""
    return table(policy, _ROWS)


def behave(policy: Policy) -> Hop:
    """The middleware as a hop: exactly the reference."""
    return application.behave(policy, path_of=unquote)


TARGET = Target(
    name="django",
    title="Django",
    family="application",
    proven="Django 5.2",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Django",
        proven="5.2",
        rows=(Version("4.2", "the oldest release that the output has been run on"),),
    ),
)
