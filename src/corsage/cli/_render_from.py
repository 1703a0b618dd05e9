"""``corsage render TARGET`` from other configuration: a migration whose every change is named."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from corsage.browser import Response, WireRequest
from corsage.chain.carry import carry
from corsage.chain.compare import differences
from corsage.chain.surface import of_policy, of_system
from corsage.chain.system import System
from corsage.cli.configurations import load_reading
from corsage.cli.errors import UsageError
from corsage.layers.target import Target
from corsage.policy import Policy
from corsage.report.terminal import printable


class Migration:
    """Configuration as it is, and the policy that was made of it."""

    def __init__(self, names: Sequence[str], *, widen_wildcards: bool) -> None:
        self._system = System(load_reading(names))
        carried = carry(self._system, widen_wildcards=widen_wildcards)
        if carried is None:
            raise UsageError(f"{', '.join(names)}: nothing in it allows any origin to read")
        self.policy: Policy = carried.policy
        self._notes = carried.notes

    def tell(self, target: Target) -> None:
        """Say on standard error what is not carried over, and what will be different."""
        for note in self._notes:
            place = f"{note.where.file}:{note.where.line}" if note.where.line else note.where.file
            _say(f"{place}: {note.message}")
        hop = target.behave(self.policy)

        def behind(request: WireRequest) -> Response | None:
            return hop(request, lambda _request: Response(200))

        before = of_system(self._system, "before")
        after = replace(of_policy(self.policy, "after"), server=behind)
        for one in differences(before, after):
            change = "is no longer allowed" if one.first.allowed else "is now allowed"
            _say(f"changes: {one.asked} {change}: {one.refusal.sentence}")


def _say(text: str) -> None:
    print(printable(f"corsage: {text}"), file=sys.stderr)
