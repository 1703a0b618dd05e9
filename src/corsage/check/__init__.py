"""Rules and their findings. Values in, values out: no network, no files."""

from corsage.check.finding import Finding, Where
from corsage.check.policy import check_policy
from corsage.check.rules import RULES
from corsage.policy.rules import Rule, Severity

__all__ = ["RULES", "Finding", "Rule", "Severity", "Where", "check_policy"]
