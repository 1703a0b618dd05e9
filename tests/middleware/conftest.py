"""Each promise of both interfaces is asked through both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from corsage import Cors
from tests.middleware.exchange import App, Ask, ask_asgi, ask_wsgi


class Interface:
    """ASGI or WSGI: how to ask an app, and which face of :class:`App` to wrap."""

    def __init__(self, ask: Ask, face: Callable[[App], Any]) -> None:
        self.ask = ask
        self.face = face

    def around(self, app: App, **options: Any) -> Cors:
        return Cors(self.face(app), **options)


_INTERFACES = {
    "asgi": Interface(ask_asgi, lambda app: app.asgi),
    "wsgi": Interface(ask_wsgi, lambda app: app.wsgi),
}


@pytest.fixture(params=_INTERFACES)
def interface(request: pytest.FixtureRequest) -> Interface:
    return _INTERFACES[request.param]
