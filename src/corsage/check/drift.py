"""What a policy means against what configuration does."""

from __future__ import annotations

from collections.abc import Iterator

from corsage.browser import judge
from corsage.chain.system import System
from corsage.check.finding import Finding, Where
from corsage.check.report import finding
from corsage.layers import rules
from corsage.policy import Policy, cases


def check_drift(policy: Policy, name: str, system: System) -> Iterator[Finding]:
    """One finding for each way in which the configuration differs, on the first request that
    shows it. Requests to hosts that no configuration has are left out."""
    seen: set[tuple[str, bool]] = set()
    for case in cases(policy):
        if not case.browser or system.entry(case.request.url) is None:
            continue
        verdict = judge(case.request, system)
        if verdict.allowed == case.allowed or (case.kind, case.allowed) in seen:
            continue
        seen.add((case.kind, case.allowed))
        request = case.request
        chain = system.chain(verdict.sent[-1][0]) if verdict.sent else None
        credentials = " with credentials" if request.credentials == "include" else ""
        asked = f"{request.method} {request.url} from {request.origin}{credentials}"
        rule = rules.DRIFT_STRICTER if case.allowed else rules.DRIFT_LOOSER
        means = ("allows", "blocks") if case.allowed else ("blocks", "allows")
        yield finding(
            rule,
            f"the policy {means[0]} and the configuration {means[1]}: {asked}",
            chain.site.where if chain is not None else Where(name),
            why=f"{name} says: {case.clause}",
            evidence=verdict.sentence,
            witness=asked,
        )
