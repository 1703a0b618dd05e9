"""The policy around an ASGI app: FastAPI, Starlette, Litestar, Quart, Django, ...

https://asgi.readthedocs.io/en/latest/specs/www.html (version 2.5).
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, TypeAlias

from corsage.middleware.cors import CRASHED, Cors, Receive, Send
from corsage.middleware.wire import ASGI

Scope: TypeAlias = Mapping[str, Any]


class AsgiCors(Cors):
    """What :class:`corsage.Cors` makes of an ASGI app.

    WebSocket and lifespan pass untouched, and so does all of an HTTP exchange but a preflight
    and the header lines of ``http.response.start``.
    """

    _wire = ASGI
    _awaits = True

    async def __call__(  # type: ignore[override]  # Cors speaks both interfaces, this class one
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        plan = self._plan
        origin, is_preflight = _asking(scope)
        route = plan.only or plan.route(_host(scope) if plan.by_host else "", scope["path"])
        is_denied = (
            plan.asked is not None
            and origin is not None
            and not await plan.asked.allows_async(ASGI.read(origin))
        )
        answer = plan.answer(route, origin, is_preflight, is_denied)
        if answer.status is not None:
            start = {"type": "http.response.start", "status": answer.status}
            await send({**start, "headers": list(answer.lines)})
            await send({"type": "http.response.body"})
            return
        if not answer.own:
            await self.app(scope, receive, send)
            return
        edit, path = self._edit, scope["path"]
        has_started = False

        # Not a coroutine function: awaiting what the server returned saves a frame a message.
        def send_edited(message: Any) -> Awaitable[None]:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                message = {**message, "headers": edit(message.get("headers", ()), answer, path)}
            return send(message)

        try:
            await self.app(scope, receive, send_edited)
        except Exception:
            # The server would answer for the app, without the headers that let a page see a 500.
            if not has_started:
                start = {"type": "http.response.start", "status": 500}
                await send({**start, "headers": edit(_CRASHED_LINES, answer, path)})
                await send({"type": "http.response.body", "body": CRASHED})
            raise


_CRASHED_LINES = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", str(len(CRASHED)).encode()),
)


def _asking(scope: Scope) -> tuple[bytes | None, bool]:
    """The origin that asks, and whether this is its preflight."""
    origin: bytes | None = None
    names_method = False
    for name, value in scope["headers"]:
        if name == b"origin":
            # Two of them are no origin: joined they are a member of no set.
            origin = value if origin is None else origin + b", " + value
        elif name == b"access-control-request-method":
            names_method = names_method or bool(value)
    return origin, names_method and bool(origin) and scope["method"] == "OPTIONS"


def _host(scope: Scope) -> str:
    return next((ASGI.read(value) for name, value in scope["headers"] if name == b"host"), "")
