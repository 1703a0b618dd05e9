"""Findings from rules: what every rule needs to say one thing."""

from __future__ import annotations

from corsage.check.finding import Finding, Where
from corsage.layers.site import Edit, Slip
from corsage.policy.rules import Rule, Severity


def finding(
    rule: Rule,
    message: str,
    where: Where,
    *,
    severity: Severity | None = None,
    why: str = "",
    evidence: str = "",
    witness: str | None = None,
    fix: str | None = None,
    edits: tuple[Edit, ...] = (),
) -> Finding:
    """A finding of a rule, as bad as the rule says unless something makes it milder or worse."""
    return Finding(
        rule.id, severity or rule.severity, message, where, evidence, fix, why, witness, edits
    )


def of_slip(slip: Slip) -> Finding:
    """What a reader found wrong, as a finding."""
    return finding(
        slip.rule,
        slip.message,
        slip.where,
        why=slip.why,
        witness=slip.witness,
        fix=slip.fix,
        edits=slip.edits,
    )
