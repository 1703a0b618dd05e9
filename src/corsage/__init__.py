"""Corsage: one CORS policy for all your services.

Rooms, from the bottom up: :mod:`corsage.browser` (what a browser does), :mod:`corsage.policy`
(what you mean), :mod:`corsage.layers` (what each product does), :mod:`corsage.diagnosis` (why it
failed), :mod:`corsage.check` (findings), :mod:`corsage.live` (asks real servers),
:mod:`corsage.gateway` (run it), :mod:`corsage.middleware` (inside a Python app: :class:`Cors`),
:mod:`corsage.cli`.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # as type checkers know it; importing typing would double the time
if TYPE_CHECKING:
    from corsage.middleware import Cors as Cors


def __getattr__(name: str) -> object:
    # The tools that read __version__ do not pay for the middleware.
    if name == "Cors":
        from corsage.middleware import Cors

        return Cors
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
