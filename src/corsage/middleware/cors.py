"""``Cors``: what the middleware of both interfaces share."""

from __future__ import annotations

# Importing Cors costs next to nothing: what reads and compiles a policy is imported when one is
# made, and there are no types at run time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
    from typing import Any, ClassVar, Literal, Self, TypeAlias, Unpack, overload

    from corsage.middleware.options import Options
    from corsage.middleware.plan import Plan
    from corsage.middleware.wire import Edit, Wire

    Stray: TypeAlias = Literal["own", "respect", "conflict"]
    Receive: TypeAlias = Callable[[], Awaitable[Any]]
    Send: TypeAlias = Callable[[Any], Awaitable[None]]
    # Any, for every framework has its own types for what a server hands over.
    AsgiApp: TypeAlias = Callable[[Any, Any, Any], Awaitable[Any]]
    WsgiApp: TypeAlias = Callable[[Any, Any], Iterable[bytes]]

CRASHED = b"Internal Server Error"
"""The body for an app that raised before it answered."""


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
        from corsage.middleware.interface import interface

        chosen: Any = interface(app) if cls is Cors else cls
        made: Self = object.__new__(chosen)
        return made

    def __init__(
        self, app: AsgiApp | WsgiApp, *, stray: Stray = "own", **options: Unpack[Options]
    ) -> None:
        from corsage.middleware.stray import editor_for

        self.app: Any = app
        self._harmless: set[Any] = set()
        self._edit: Edit[Any] = editor_for(stray, self._wire, self._harmless, self._path)
        self.replace(**options)

    def replace(self, **options: Unpack[Options]) -> None:
        """Put another policy in force, said as completely as to the constructor.

        Requests under way keep the policy they began with; each later one gets the new. If it
        is refused, :class:`corsage.policy.PolicyError` is raised and the old one stays. Safe
        from any thread, with or without the GIL: one reference to an immutable plan changes.
        """
        from corsage.middleware.options import rules_from
        from corsage.middleware.plan import Plan

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
