"""Every rule by its id. Each has a page: ``corsage why CORS012``."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.policy import rules as policy_rules
from corsage.policy.rules import Rule

RULES: Mapping[str, Rule] = {**policy_rules.RULES}
