"""Which interface an app speaks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from corsage.middleware.asgi import AsgiCors
from corsage.middleware.asked import is_async
from corsage.middleware.cors import Cors
from corsage.middleware.wsgi import WsgiCors


def interface(app: Callable[..., Any]) -> type[Cors]:
    """The class for an app, by what it is called with. Raises TypeError if that cannot be seen."""
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
