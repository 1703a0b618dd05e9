"""The policy around an ASGI app: FastAPI, Starlette, Litestar, Quart, Django, ...

https://asgi.readthedocs.io/en/latest/specs/www.html (version 2.5).
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, TypeAlias

from corsage.middleware.cors import CRASHED, Cors, Receive, Send
from corsage.middleware.plan import LONGEST_ORIGIN, Plan
from corsage.middleware.wire import ASGI

Scope: TypeAlias = Mapping[str, Any]


class AsgiCors(Cors):
    """What :class:`corsage.Cors` makes of an ASGI app.

    WebSocket and lifespan pass untouched, and so does all of an HTTP exchange but a preflight
    and the header lines of ``http.response.start``.
    """

    _wire = ASGI
    _awaits = True
    _plan: Plan[bytes]

    async def __call__(  # type: ignore[override]  # Cors speaks both interfaces, this class one
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        plan = self._plan
        origin: bytes | None = None
        for name, value in scope["headers"]:
            if name == b"origin":
                # Two of them are no origin, and neither is a kilobyte of something.
                is_one = origin is None and len(value) <= LONGEST_ORIGIN
                origin = value if is_one else plan.nobody
        is_preflight = scope["method"] == "OPTIONS" and bool(origin) and _names_method(scope)
        route = plan.only
        if route is None:
            route = plan.route(_host(scope) if plan.by_host else "", scope["path"])
            origin = origin and await plan.allowed_async(origin)
        answer = plan.answer(route, origin, is_preflight)
        if answer.status is not None:
            lines = list(answer.lines)
            await send({"type": "http.response.start", "status": answer.status, "headers": lines})
            await send({"type": "http.response.body"})
            return
        if not answer.own:
            await self.app(scope, receive, send)
            return
        edit = self._edit
        has_started = False

        # Not a coroutine function: awaiting what the server returned saves a frame a message.
        def send_edited(message: Any) -> Awaitable[None]:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                message = {**message, "headers": edit(message.get("headers", ()), answer, scope)}
            return send(message)

        try:
            await self.app(scope, receive, send_edited)
        except Exception:
            # The server would answer for the app, without the headers that let a page see a 500.
            if not has_started:
                start = {"type": "http.response.start", "status": 500}
                await send({**start, "headers": edit(_CRASHED_LINES, answer, scope)})
                await send({"type": "http.response.body", "body": CRASHED})
            raise

    @staticmethod
    def _path(request: Scope) -> str:
        return str(request["path"])


_CRASHED_LINES = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", str(len(CRASHED)).encode()),
)


def _names_method(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"access-control-request-method" and value:
            return True
    return False


def _host(scope: Scope) -> str:
    return next((ASGI.read(value) for name, value in scope["headers"] if name == b"host"), "")
