"""FastAPI and Starlette: a pure ASGI middleware around the whole app.

Starlette's own CORSMiddleware cannot keep a policy: it has one policy for all paths, adds
Content-Type and three more names to the allowed headers, refuses safelisted methods that are not
listed, hands credentials and exposed headers to strangers, lets what the handlers send pass, and
sits inside the part of Starlette that makes a 500 of an unhandled exception (Starlette 1.10).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from corsage.layers import application, python
from corsage.layers.clauses import table
from corsage.layers.target import Clause, Fate, File, Hop, Target, Version, Versions
from corsage.policy.model import Policy

_DOCSTRING = """\
CORS for the routes that this service answers itself.

Written by `corsage render fastapi`: change the policy and render again, not this file.

    app = CorsPolicy(app)  # the last line: around everything, errors included
"""

_IMPORTS = """\
import re
from collections.abc import Mapping
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
"""

_MIDDLEWARE = """\
class CorsPolicy:
    # Not `app.add_middleware`: Starlette makes its 500s outside of what is added there.
    # Not CORSMiddleware: it has one policy for all paths, adds to the allowed headers, and
    # leaves the headers that handlers set themselves.

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        origin = asked.get("Origin")
        route = find_route(@FIND@)
        policies = UNROUTED if route is None else route.policies
        granted = next((p for p in policies if p.admits(origin)), None)

        if is_preflight(scope["method"], asked) and not (route and route.gateway):
            answer = Response(status_code=403 if granted is None else 204)
            answer.headers["Vary"] = PREFLIGHT_VARY
            if granted is not None:
                answer.headers.update(granted.headers(origin, granted.preflight))
            await answer(scope, receive, send)
            return

        async def send_as_owner(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in {*filter(is_cors, headers.keys())}:
                    del headers[name]
                vary = ",".join(headers.getlist("Vary")).lower().split(",")
                if not {"origin", "*"} & {name.strip() for name in vary} and any(
                    not policy.any_origin for policy in policies
                ):
                    headers.append("Vary", "Origin")
                if granted is not None:
                    headers.update(granted.headers(origin, granted.actual))
            await send(message)

        await self.app(scope, receive, send_as_owner)
"""

_ROWS: Mapping[str, tuple[Fate, str]] = python.rows(
    {
        "allowed headers": ("idiom", "the list as written, without the names Starlette adds"),
        "preflights": ("idiom", "answered outside of the app"),
        "the service's own CORS headers": ("idiom", "removed when the response starts"),
        "errors": (
            "weaker",
            "404, 405, 500 and redirects carry the headers; a 400 of the ASGI server does not",
        ),
    }
)


def files(policy: Policy) -> tuple[File, ...]:
    """``cors_policy.py``, a module with one ASGI middleware."""
    find = 'scope["path"]'
    if application.uses_hosts(policy):
        find = f'asked.get("Host", ""), {find}'
    middleware = _MIDDLEWARE.replace("@FIND@", find)
    return (File("cors_policy.py", python.module(policy, _DOCSTRING, _IMPORTS, middleware)),)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """The fidelity table of FastAPI for ``policy``."""
    return table(policy, _ROWS)


def behave(policy: Policy) -> Hop:
    """The middleware as a hop: exactly the reference."""
    return application.behave(policy, path_of=unquote)


TARGET = Target(
    name="fastapi",
    title="FastAPI and Starlette",
    family="application",
    proven="FastAPI 0.165 on Starlette 1.10, uvicorn 0.54",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="FastAPI",
        proven="0.165",
        rows=(
            Version("0.111", "the oldest release that the output has been run on (Starlette 0.37)"),
        ),
    ),
)
