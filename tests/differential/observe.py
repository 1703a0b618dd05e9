"""Puts cases to a real browser and gathers what it did, in large batches."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from tests.differential.case import Case, Observed
from tests.differential.chromium import Chromium
from tests.differential.firefox import Firefox
from tests.differential.server import CaseServer

# One message to the page.
_BATCH = 300
# Console lines come late and are waited for once in so many cases.
_CHUNK = 1800


class Browser(Protocol):
    """What both drivers offer."""

    name: str
    version: str

    async def start(self) -> None:
        """Starts the browser and opens its pages."""

    async def stop(self) -> None:
        """Ends the browser, started or not."""

    async def play(self, page: str, cases: Sequence[Case]) -> None:
        """Runs cases in one of the server's pages."""

    async def collect(self) -> dict[str, Observed]:
        """Everything observed since the last call."""


BROWSERS: dict[str, Callable[[CaseServer], Browser]] = {"chromium": Chromium, "firefox": Firefox}


class Observer:
    """A running browser and the servers that it talks to."""

    def __init__(self, server: CaseServer, browser: Browser) -> None:
        self._server = server
        self._browser = browser
        self._renamed = itertools.count()
        self.name = browser.name
        self.version = browser.version

    async def observe(self, cases: Iterable[Case]) -> AsyncIterator[tuple[Case, Observed]]:
        """What the browser does with each case. Ids must be new to this browser, or its caches
        answer; :meth:`again` sees to that."""
        for chunk in _batched(cases, _CHUNK):
            self._server.play(chunk)
            for batch in _batched(chunk, _BATCH):
                for page in sorted({case.page for case in batch}):
                    await self._browser.play(page, [c for c in batch if c.page == page])
            seen = await self._browser.collect()
            for case in chunk:
                observed = seen[case.id]
                observed.wire = self._server.wire(case.id)
                self._server.forget(case.id)
                yield case, observed

    async def preflights(self, cases: Sequence[Case], cache_mode: str = "default") -> list[int]:
        """How many preflights each case costs now; the cases may have been asked before."""
        self._server.play(cases)
        self._server.cache_mode = cache_mode
        before = [self._count_preflights(case) for case in cases]
        await self._browser.play("page", cases)
        return [self._count_preflights(c) - n for c, n in zip(cases, before, strict=True)]

    def _count_preflights(self, case: Case) -> int:
        return sum(seen.kind == "preflight" for seen in self._server.wire(case.id))

    async def again(self, cases: Iterable[Case]) -> list[tuple[Case, Observed]]:
        """As :meth:`observe`, under new ids; the cases come back with them."""
        renamed = [case.renamed(f"again-{next(self._renamed)}") for case in cases]
        return [pair async for pair in self.observe(renamed)]


@asynccontextmanager
async def browser(name: str) -> AsyncIterator[Observer]:
    """Starts a browser and its servers, and ends both."""
    async with CaseServer() as server:
        driver = BROWSERS[name](server)
        try:
            await driver.start()
            yield Observer(server, driver)
        finally:
            await driver.stop()


def _batched(cases: Iterable[Case], size: int) -> Iterable[tuple[Case, ...]]:
    iterator = iter(cases)
    while batch := tuple(itertools.islice(iterator, size)):
        yield batch
