"""Many targets at once, within limits, until all are done or somebody presses Ctrl-C."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator

from corsage.live.audit.client import Client
from corsage.live.audit.examination import Settings, examine
from corsage.live.audit.journal import Journal
from corsage.live.audit.secrets import Secrets, shown_url
from corsage.live.audit.target import Outcome, Target

_MOST_SILENT = 3  # targets of one origin that got no answer at all, after which it is left alone


async def audit(
    targets: Iterator[Target],
    client: Client,
    *,
    settings: Settings,
    secrets: Secrets,
    done: Callable[[Outcome], None],
    journal: Journal | None = None,
    at_once: int = 32,
) -> None:
    """Examine ``targets``, ``at_once`` of them at a time, and call ``done`` with each outcome.

    Targets are taken one by one as there is room for them, so that their number costs no memory.
    What ``journal`` has as finished is not asked again. Cancelling leaves what is done as it is. No
    more targets are taken once the client has sent all that it may.
    """
    run = _Run(targets, client, settings, secrets, done, journal)
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(run.work())


class _Run:
    def __init__(
        self,
        targets: Iterator[Target],
        client: Client,
        settings: Settings,
        secrets: Secrets,
        done: Callable[[Outcome], None],
        journal: Journal | None,
    ) -> None:
        self._targets = targets
        self._client = client
        self._settings = settings
        self._secrets = secrets
        self._done = done
        self._journal = journal
        self._seen: set[str] = set()
        self._busy: Counter[str] = Counter()
        self._silent: Counter[str] = Counter()

    async def work(self) -> None:
        """One worker: takes targets until there are no more."""
        while (target := self._next()) is not None:
            if self._journal is not None and target.key in self._journal.finished:
                self._done(self._journal.finished[target.key])
                continue
            outcome = await self._examine(target)
            if self._journal is not None:
                self._journal.add(outcome)
            self._done(outcome)

    def _next(self) -> Target | None:
        if self._client.is_spent:
            return None
        for target in self._targets:
            if target.key not in self._seen:
                self._seen.add(target.key)
                return target
        return None

    async def _examine(self, target: Target) -> Outcome:
        try:
            origin = target.parsed.origin
        except ValueError:
            return await examine(target, self._client, self._settings, self._secrets)
        if self._silent[origin] >= _MOST_SILENT:
            name = self._secrets.mask(shown_url(target.url))
            problem = f"not asked: {_MOST_SILENT} other targets of {origin} got no answer"
            return Outcome(target.key, name, problem=problem)
        self._client.allow(origin)
        self._busy[origin] += 1
        try:
            outcome = await examine(target, self._client, self._settings, self._secrets)
        finally:
            self._busy[origin] -= 1
            if not self._busy[origin]:
                self._client.rest(origin)
        answered = outcome.problem is None or outcome.requests > 1
        self._silent[origin] = 0 if answered else self._silent[origin] + 1
        return outcome
