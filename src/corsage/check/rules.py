"""Every rule by its id. Each has a page: ``corsage why CORS012``."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.check import audit_rules, verify_rules
from corsage.layers import rules as configuration_rules
from corsage.policy import rules as policy_rules
from corsage.policy.rules import Rule

RULES: Mapping[str, Rule] = {
    **policy_rules.RULES,
    **configuration_rules.RULES,
    **audit_rules.RULES,
    **verify_rules.RULES,
}
