"""The gateway in the foreground, as ``corsage serve`` runs it."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from corsage.gateway.events import Event, Notify, silent
from corsage.gateway.supervisor import AnyEngine, running

_GRACE = 5.0  # seconds for requests under way when the gateway is told to stop


def run(
    path: Path | str,
    *,
    engine: AnyEngine | str | None = None,
    listen: str | None = None,
    workers: int = 1,
    notify: Notify = silent,
) -> int:
    """Run the gateway in the foreground and follow its policy file.

    Returns 0 when SIGTERM or SIGINT stopped it, 1 when the engine ended by itself. Raises
    GatewayError if it cannot start. Call it from the main thread.
    """
    stop = threading.Event()
    with (
        _stopping_on(stop),
        running(path, engine=engine, listen=listen, workers=workers, notify=notify) as gateway,
    ):
        notify(Event("ready", f"listening on {gateway.url} with {gateway.engine}"))
        gateway.follow(stop)
        code = gateway.exit_code()
        if code is not None:
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended ({code})"
            notify(Event("died", f"{gateway.engine.name} {how}; the gateway is down"))
            return 1
        notify(Event("stopping", "stopping"))
        gateway.stop(_GRACE)
    return 0


@contextlib.contextmanager
def _stopping_on(stop: threading.Event) -> Iterator[None]:
    def handle(_: int, __: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
