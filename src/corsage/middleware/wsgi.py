"""The policy around a WSGI app: Flask, Django, Pyramid, Bottle, ...

https://peps.python.org/pep-3333/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from corsage.middleware.cors import CRASHED, Cors
from corsage.middleware.wire import WSGI

if TYPE_CHECKING:
    from corsage.middleware.plan import Plan

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]

# Set by werkzeug's debugger and Flask's test client, which want to show the error themselves.
_WANTS_ERRORS = "werkzeug.debug.preserve_context"

_STATUS = {204: "204 No Content", 403: "403 Forbidden"}


class WsgiCors(Cors):
    """What :class:`corsage.Cors` makes of a WSGI app.

    Everything but a preflight and the header lines passes untouched: ``write``, streamed
    bodies, ``wsgi.file_wrapper`` and ``close`` are the app's and the server's own.
    """

    _wire = WSGI
    _awaits = False
    _plan: Plan[str]

    def __call__(  # type: ignore[override]  # Cors speaks both interfaces, this class one
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Serve one request."""
        plan = self._plan
        origin, is_preflight = asking(environ)
        answers = plan.only
        if answers is None:
            answers = plan.route(
                environ.get("HTTP_HOST", "") if plan.by_host else "", _path(environ)
            )
            origin = origin and plan.allowed(origin)
        answer = (answers.preflight if is_preflight else answers.actual)[origin]
        if answer.status is not None:
            start_response(_STATUS[answer.status], list(answer.lines))
            return [b""]  # Hypercorn 0.18 sends nothing at all where there is no part
        if not answer.own:
            return self.app(environ, start_response)  # type: ignore[no-any-return]  # the app's
        edit = self._edit
        has_started = False

        def start_edited(status: str, headers: Any, *exc_info: Any) -> Any:
            nonlocal has_started
            has_started = True
            return start_response(status, edit(headers, answer, environ), *exc_info)

        def crashed(error: Exception) -> Iterator[bytes]:
            # A server would answer for the app, without the headers that let a page see a 500.
            # The error follows the answer, so that whoever logs errors still gets it.
            if _WANTS_ERRORS not in environ:
                failed = (type(error), error, error.__traceback__)
                start_edited("500 Internal Server Error", _CRASHED_LINES, failed)
                yield CRASHED
            raise error

        try:
            body = self.app(environ, start_edited)
        except Exception as error:  # noqa: BLE001 -- raised again, after the answer
            return crashed(error)
        # An app that has started keeps its own iterable: servers look for their file wrapper.
        return body if has_started else _Unstarted(body, crashed)

    @staticmethod
    def _path(request: Environ) -> str:
        return _path(request)


def asking(environ: Environ) -> tuple[str | None, bool]:
    """The origin that asks, and whether this is its preflight."""
    # A server joins two Origin lines with a comma, and what that makes is no origin.
    origin: str | None = environ.get("HTTP_ORIGIN")
    if origin is None:
        return None, False
    is_preflight = (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and bool(origin)
        and bool(environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD"))
    )
    return origin, is_preflight


class _Unstarted:
    """The body of an app that calls ``start_response`` only when it is iterated."""

    def __init__(
        self, body: Iterable[bytes], crashed: Callable[[Exception], Iterator[bytes]]
    ) -> None:
        self._body = body
        self._crashed = crashed

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._body
        except Exception as error:  # noqa: BLE001 -- raised again, after the answer
            yield from self._crashed(error)

    def close(self) -> None:
        if close := getattr(self._body, "close", None):
            close()


_CRASHED_LINES = (
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Length", str(len(CRASHED))),
)


def _path(environ: Environ) -> str:
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    # PEP 3333 carries bytes as latin-1; a policy's path is text.
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")
