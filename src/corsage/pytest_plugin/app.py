"""An app in the tests' own process, held to a policy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from corsage.live.verify import Target, Verifier
from corsage.live.verify.ask import Asker, Pace
from corsage.live.verify.in_process import exchange_with
from corsage.pytest_plugin.items import DriftError, read_policy


class CheckApp(Protocol):
    """The value of the fixture ``corsage_app``."""

    def __call__(
        self, app: Callable[..., Any], policy: str | Path = "cors.yaml", *, send: bool = False
    ) -> None:
        """Fails unless ``app`` does what ``policy`` says. ``send``: send every method."""


def check_app(
    app: Callable[..., Any], policy: str | Path = "cors.yaml", *, send: bool = False
) -> None:
    """Ask the app every case; raises :class:`DriftError` with all that it does otherwise."""
    path = Path(policy)
    read, text = read_policy(path)
    target = Target(read.gateway.public_origin, send=send, connections=1)
    verifier = Verifier(read, target, name=str(path), text=text)
    found = verifier.round(asker=Asker(exchange_with(app), Pace(None), send=send))
    errors = [finding for finding in found.findings if finding.severity == "error"]
    if errors:
        raise DriftError(errors)
