"""``Cors``: what the middleware of both interfaces share."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeAlias, Unpack, cast, overload

from corsage.middleware.asked import is_async
from corsage.middleware.options import Options, rules_from
from corsage.middleware.plan import Plan
from corsage.middleware.wire import Answer, Edit, Wire, editor, stray_names, with_vary

Stray: TypeAlias = Literal["own", "respect", "conflict"]
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
# Any, for every framework has its own types for what a server hands over.
AsgiApp: TypeAlias = Callable[[Any, Any, Any], Awaitable[Any]]
WsgiApp: TypeAlias = Callable[[Any, Any], Iterable[bytes]]

CRASHED = b"Internal Server Error"
"""The body for an app that raised before it answered."""

_MOST_CONFLICTS = 1000

_log = logging.getLogger("corsage")


class Cors:
    """A CORS policy around an ASGI or WSGI app; ``Cors(app, ...)`` sees which it is.

    >>> app = Cors(app, allow_origins=["https://app.example.com"], allow_credentials=True)

    Args:
        allow_origins: Who may read: origins (``https://app.example.com``), wildcards
            (``https://*.example.com``: any depth of subdomain; ``http://localhost:*``: any
            port), ``"*"`` for everybody, or a callable that says whether an origin is allowed
            (for ASGI it may be a coroutine function). Its answers are remembered; an error
            is a denial.
        origin_ttl: For how many seconds a callable's answer is remembered. Default 60.
        allow_methods: Methods besides GET, HEAD and POST, which browsers always allow.
        allow_headers: Request headers that scripts may set, besides the safelisted ones.
        expose_headers: Response headers that scripts may read, besides the safelisted ones.
        allow_credentials: Whether answers to requests with cookies may be read.
        max_age: Seconds for which a browser may remember a preflight.
        allow_timing: Whether the allowed origins see detailed timings.
        dangerously_allow_null_origin: Lets ``null`` stand in ``allow_origins``.
        dangerously_allow_insecure_origins: Lets plain http origins have credentials.
        dangerously_allow_public_suffix_origins: Lets wildcards admit whoever registers a name.
        policy: Instead of the above: the path of a policy file, or a policy that was loaded.
            Paths that none of its routes names are never for browsers.
        service: The service of the policy file that this app is: it answers for the routes of
            that service with ``owner: service``, and leaves the others alone. Without it the
            app stands where the gateway would.
        stray: What becomes of CORS headers that the app sets itself. ``"own"`` removes them,
            ``"respect"`` leaves a response alone that has an ``Access-Control-Allow-Origin``,
            ``"conflict"`` removes and reports them (once each, to the logger ``corsage``).

    Raises:
        corsage.policy.PolicyError: The policy is refused; the error names all that is wrong.
        OSError: The policy file cannot be read.
        TypeError: The app is neither ASGI nor WSGI, as far as can be seen.
    """

    _wire: ClassVar[Wire[Any]]
    _awaits: bool  # whether there is an event loop to await a callable on

    def __new__(cls, app: AsgiApp | WsgiApp, **_: Any) -> Self:
        """Choose the interface, as :class:`pathlib.Path` chooses the system."""
        return cast("Self", object.__new__(_interface(app) if cls is Cors else cls))

    def __init__(
        self, app: AsgiApp | WsgiApp, *, stray: Stray = "own", **options: Unpack[Options]
    ) -> None:
        self.app: Any = app
        self._harmless: set[Any] = set()
        self._edit: Edit[Any] = _editor(self._wire, self._harmless, stray, self._path)
        self.replace(**options)

    def replace(self, **options: Unpack[Options]) -> None:
        """Put another policy in force, said as completely as to the constructor.

        Requests under way keep the policy they began with; each later one gets the new. If it
        is refused, :class:`corsage.policy.PolicyError` is raised and the old one stays. Safe
        from any thread, with or without the GIL: one reference to an immutable plan changes.
        """
        self._plan: Plan[Any] = Plan(rules_from(options, can_await=self._awaits), self._wire)

    @staticmethod
    def _path(request: Any) -> str:
        """The path of a request as the interface has it."""
        raise NotImplementedError

    if TYPE_CHECKING:
        # A user's Cors is called through either interface; at run time it is one of the two.
        @overload
        def __call__(
            self, scope: Mapping[str, Any], receive: Receive, send: Send, /
        ) -> Coroutine[Any, Any, None]: ...
        @overload
        def __call__(
            self, environ: dict[str, Any], start_response: Callable[..., Any], /
        ) -> Iterable[bytes]: ...
        def __call__(self, *_: Any) -> Any: ...  # noqa: D102 -- the subclasses say it


def _interface(app: AsgiApp | WsgiApp) -> type[Cors]:
    """The class for an app, by what it is called with."""
    from corsage.middleware.asgi import AsgiCors
    from corsage.middleware.wsgi import WsgiCors

    if is_async(app):
        return AsgiCors
    # A plain function may hand an ASGI call on: what counts is how many arguments it takes.
    takes = [count for count in (2, 3) if _takes(app, count)]
    if takes == [3]:
        return AsgiCors
    if takes == [2]:
        return WsgiCors
    msg = (
        f"Cors cannot see whether {type(app).__name__!r} is an ASGI app (scope, receive, send) or "
        "a WSGI app (environ, start_response): use corsage.middleware.AsgiCors or WsgiCors"
    )
    raise TypeError(msg)


def _takes(app: Callable[..., Any], count: int) -> bool:
    try:
        inspect.signature(app).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def _editor(
    wire: Wire[Any], harmless: set[Any], stray: str, path_of: Callable[[Any], str]
) -> Edit[Any]:
    """The edit of a response's lines under one setting of ``stray``."""
    own = editor(wire, harmless)
    reported: set[tuple[str, str]] = set()

    def respect(lines: Iterable[Any], answer: Answer[Any], request: Any) -> list[Any]:
        lines = list(lines)
        # A route for no browser stays one: there the app has nothing to add.
        if wire.allow_origin in stray_names(lines, wire) and (answer.vary or answer.lines):
            return with_vary(lines, wire) if answer.vary else lines
        return own(lines, answer, request)

    def conflict(lines: Iterable[Any], answer: Answer[Any], request: Any) -> list[Any]:
        lines = list(lines)
        for name in sorted(wire.read(name) for name in stray_names(lines, wire)):
            found = name, path_of(request)
            if found not in reported and len(reported) < _MOST_CONFLICTS:
                reported.add(found)
                _log.error("the app's own %s on %r was removed: Cors owns it", *found)
        return own(lines, answer, request)

    editors: dict[str, Edit[Any]] = {"own": own, "respect": respect, "conflict": conflict}
    if stray not in editors:
        msg = f'stray={stray!r} is not one of "own", "respect" and "conflict"'
        raise ValueError(msg)
    return editors[stray]
