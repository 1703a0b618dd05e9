"""Which hop is to blame, once the class is known: a row of strategies for each class.

A strategy looks at one kind of evidence and names a hop, or passes. The strongest kind is an
answer that says who made it; then a configuration excerpt, which shows where the policy in
question is written; then what the class itself says about where it can arise.
"""

from __future__ import annotations

from corsage.diagnosis.blame.found import Blame
from corsage.diagnosis.blame.strategies import STRATEGIES
from corsage.diagnosis.facts import Facts

__all__ = ["Blame", "blame"]


def blame(cause: str, facts: Facts) -> Blame:
    """The hop to blame for this class of cause."""
    for strategy in STRATEGIES[cause]:
        found = strategy(facts)
        if found is not None:
            return found
    return Blame("service", "", "nothing points at another hop")
