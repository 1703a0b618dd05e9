"""Origins that a callable of the app decides: asked once, remembered for a while, denied on error.

The callable gets only what a browser could have sent: one serialised origin, never ``null``,
never a kilobyte of something else.
"""

from __future__ import annotations

import inspect
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from corsage.browser.origin import OPAQUE, is_origin

AskOrigin: TypeAlias = Callable[[str], bool | Awaitable[bool]]
"""Says whether an origin (``https://app.example.com``) is allowed. A plain function runs on the
request's own thread or event loop: look into memory there, and await everything slower."""

_MOST_REMEMBERED = 4096
_LONGEST = 512

_log = logging.getLogger("corsage")


class AskedOrigins:
    """A callable's answers. ``ttl`` is in seconds; an error is a denial and is not remembered.

    ``refusal`` says why an origin may not be allowed whatever the callable says, or None.
    Grants and denials are kept apart, so that a flood of made-up origins cannot push out the
    real ones. Each side holds 4096 at most and forgets the oldest.
    """

    def __init__(
        self,
        ask: AskOrigin,
        ttl: float,
        refusal: Callable[[str], str | None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._ttl = ttl
        self._refusal = refusal
        self._clock = clock
        self._until: dict[bool, dict[str, float]] = {True: {}, False: {}}
        self._lock = threading.Lock()

    def known(self, origin: str) -> bool | None:
        """The answer that needs no asking, or None."""
        now = self._clock()
        for granted, until in self._until.items():
            if until.get(origin, now) > now:
                return granted
        is_plausible = len(origin) <= _LONGEST and origin != OPAQUE and is_origin(origin)
        return None if is_plausible else False

    def allows(self, origin: str) -> bool:
        """Whether the origin is allowed, by a callable that answers at once."""
        granted = self.known(origin)
        if granted is not None:
            return granted
        try:
            return self._remember(origin, self._ask(origin))
        except Exception:  # noqa: BLE001 -- whatever failed, the answer is no
            return self._deny(origin)

    async def allows_async(self, origin: str) -> bool:
        """Whether the origin is allowed, by either kind of callable."""
        granted = self.known(origin)
        if granted is not None:
            return granted
        try:
            answer = self._ask(origin)
            return self._remember(origin, await answer if inspect.isawaitable(answer) else answer)
        except Exception:  # noqa: BLE001 -- whatever failed, the answer is no
            return self._deny(origin)

    def _remember(self, origin: str, answer: object) -> bool:
        if not isinstance(answer, bool):
            # Also a coroutine that nobody awaits, which is true as a value.
            msg = f"the callable for allow_origins answered {type(answer).__name__}, not bool"
            raise TypeError(msg)
        if answer and (refusal := self._refusal(origin)) is not None:
            _log.warning("the callable for allow_origins allowed %r: denied. %s", origin, refusal)
            answer = False
        until = self._until[answer]
        with self._lock:
            self._until[not answer].pop(origin, None)
            until.pop(origin, None)
            while len(until) >= _MOST_REMEMBERED:
                del until[next(iter(until))]
            until[origin] = self._clock() + self._ttl
        return answer

    def _deny(self, origin: str) -> bool:
        _log.exception("the callable for allow_origins failed on %r: denied", origin)
        return False


def is_async(ask: Callable[..., object]) -> bool:
    """Whether calling it gives a coroutine, as far as can be seen without calling it."""
    return inspect.iscoroutinefunction(ask) or inspect.iscoroutinefunction(
        getattr(ask, "__call__", None)  # noqa: B004 -- not whether it is callable, but how
    )
