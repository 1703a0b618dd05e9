"""The policy around an ASGI app: FastAPI, Starlette, Litestar, Quart, Django, ...

https://asgi.readthedocs.io/en/latest/specs/www.html (version 2.5).
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from corsage.middleware.cors import CRASHED, Cors
from corsage.middleware.wire import ASGI, Answer

if TYPE_CHECKING:
    from corsage.middleware.cors import Receive, Send
    from corsage.middleware.plan import Plan

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
        # What follows costs every request: benchmarks/middleware measures it, and a call or an
        # attribute less is seen there.
        plan = self._plan
        origin: bytes | None = None
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value if origin is None else plan.nobody  # two of them are no origin
        answers = plan.only
        if answers is None:
            answers = plan.route(_host(scope) if plan.by_host else "", scope["path"])
            origin = origin and await plan.allowed_async(origin)
        if origin and scope["method"] == "OPTIONS" and _names_method(scope["headers"]):
            answer = answers.preflight[origin]
            if answer.status is not None:
                # New ones each time: what stands around this app may write into them.
                lines = [*answer.lines]
                await send(
                    {"type": "http.response.start", "status": answer.status, "headers": lines}
                )
                await send({"type": "http.response.body"})
                return
        else:
            answer = answers.actual[origin]
        if not answer.own:
            await self.app(scope, receive, send)
            return
        pending: Answer[bytes] | None = answer  # until the response starts

        # Not a coroutine function: awaiting what the server returned saves a frame a message.
        def send_edited(message: Any) -> Awaitable[None]:
            nonlocal pending
            if pending is None or message["type"] != "http.response.start":
                return send(message)
            lines = [*message.get("headers", ())]
            for name, _ in lines:
                if name not in self._harmless:
                    lines = self._edit(lines, pending, scope)
                    break
            else:
                lines += pending.plain
            pending = None
            message = message.copy()  # the app may send its own again
            message["headers"] = lines
            return send(message)

        try:
            await self.app(scope, receive, send_edited)
        except Exception:
            # The server would answer for the app, without the headers that let a page see a 500.
            if pending is not None:
                crashed = {"type": "http.response.start", "status": 500, "headers": _CRASHED_LINES}
                await send_edited(crashed)
                await send({"type": "http.response.body", "body": CRASHED})
            raise

    @staticmethod
    def _path(request: Scope) -> str:
        return str(request["path"])


_CRASHED_LINES = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", str(len(CRASHED)).encode()),
)


def _names_method(lines: Iterable[tuple[bytes, bytes]]) -> bool:
    for name, value in lines:  # noqa: SIM110 -- any() would cost twice as much
        if name == b"access-control-request-method" and value:
            return True
    return False


def _host(scope: Scope) -> str:
    return next((ASGI.read(value) for name, value in scope["headers"] if name == b"host"), "")
