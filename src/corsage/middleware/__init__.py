"""The same decision inside a Python app: ASGI, WSGI, and Django by its settings.

Nothing here needs more than the standard library, but a policy file (PyYAML) and a wildcard
origin (the Public Suffix List), which come with ``pip install corsage[tools]``.
"""

# ruff: noqa: TC004 -- what is exported is imported when it is first asked for
from corsage.lazy import export

TYPE_CHECKING = False  # as type checkers know it; importing typing would double the time
if TYPE_CHECKING:
    from corsage.middleware.asgi import AsgiCors
    from corsage.middleware.cors import Cors
    from corsage.middleware.options import Options
    from corsage.middleware.wsgi import WsgiCors

__all__ = ["AsgiCors", "Cors", "Options", "WsgiCors"]

export(
    __name__,
    {"asgi": ("AsgiCors",), "cors": ("Cors",), "options": ("Options",), "wsgi": ("WsgiCors",)},
)
