"""What a policy means against what configuration does."""

from __future__ import annotations

from collections.abc import Iterator

from corsage.browser import WireRequest
from corsage.chain.compare import differences
from corsage.chain.surface import of_policy, of_system
from corsage.chain.system import System
from corsage.check.finding import Finding, Where
from corsage.check.report import finding
from corsage.layers import rules
from corsage.policy import Policy


def check_drift(policy: Policy, name: str, system: System) -> Iterator[Finding]:
    """One finding for each way in which the configuration differs from the policy, with the
    first request that shows it. Hosts that no configuration has are left out."""
    for one in differences(of_policy(policy, name), of_system(system, "the configuration")):
        meant = one.first
        rule = rules.DRIFT_STRICTER if meant.allowed else rules.DRIFT_LOOSER
        verbs = ("allows", "blocks") if meant.allowed else ("blocks", "allows")
        chain = system.chain(WireRequest("actual", one.request.method, one.request.url, ()))
        more = f" (one of {one.count} requests)" if one.count > 1 else ""
        yield finding(
            rule,
            f"the policy {verbs[0]} and the configuration {verbs[1]}: {one.asked}{more}",
            chain.site.where if chain is not None else Where(name),
            why=f"This is about {one.about}.",
            evidence=one.refusal.sentence,
            witness=one.asked,
        )
