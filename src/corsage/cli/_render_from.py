"""``corsage render TARGET`` from other configuration: a migration whose every change is named."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from corsage.browser import Response, WireRequest
from corsage.chain.compare import differences
from corsage.chain.surface import of_policy, of_system
from corsage.cli._carried import carried_over, fitted
from corsage.layers.target import FidelityError, Hop, Target
from corsage.policy import Policy
from corsage.report.terminal import printable


def migrate(names: Sequence[str], targets: Sequence[Target], *, widen_wildcards: bool) -> Policy:
    """The policy that configuration amounts to. What is not carried over, and every request that
    the targets answer otherwise, is said on standard error. Raises UsageError."""
    carried = carried_over(names, widen_wildcards=widen_wildcards)
    for note in carried.notes:
        _say(note)
    policy = carried.policy
    before = of_system(carried.before, "before")
    for target in targets:
        policy, notes = fitted(policy, target)
        for note in notes:
            _say(note)
        after = of_policy(policy, "after")
        try:
            hop = target.behave(policy)
        except FidelityError:
            continue  # which writing it will say

        def behind(request: WireRequest, hop: Hop = hop) -> Response | None:
            return hop(request, lambda _request: Response(200))

        for one in differences(before, replace(after, server=behind)):
            _say(f"changes: {one.change}")
    return policy


def _say(text: str) -> None:
    print(printable(f"corsage: {text}"), file=sys.stderr)
