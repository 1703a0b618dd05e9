"""Real apps of three frameworks, as servers import them: ``tests.middleware.served.fastapi:app``.

Each answers everything with the same stray CORS header, which its owner has to remove, and a
``Vary`` of its own. ``/search/crash`` raises, ``/search/stream`` sends in parts.

``POLICIES`` in the environment is a directory of policy files: the header ``X-Policy`` of a
request names the one that is in force for it, so that one server can be asked about all.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from corsage import Cors

STRAY = ("Access-Control-Allow-Origin", "https://stray.example")
FILES = sorted(Path(os.environ["POLICIES"]).glob("*.yaml")) if "POLICIES" in os.environ else []


def asgi_by_policy(app: Any) -> Any:
    """The app behind each policy."""
    wrapped = {path.stem.encode(): Cors(app, policy=path) for path in FILES}

    async def choose(scope: Any, receive: Any, send: Any) -> None:
        name = dict(scope.get("headers", ())).get(b"x-policy")
        await wrapped.get(name, app)(scope, receive, send)

    return choose


def wsgi_by_policy(app: Any) -> Any:
    """The app behind each policy."""
    wrapped = {path.stem: Cors(app, policy=path) for path in FILES}

    def choose(environ: Any, start_response: Any) -> Any:
        return wrapped.get(environ.get("HTTP_X_POLICY"), app)(environ, start_response)

    return choose
