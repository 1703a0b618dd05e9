"""A policy that a target cannot keep is refused, by name, and nothing is written."""

from __future__ import annotations

import pytest

from corsage.layers import every_target
from corsage.layers.target import FidelityError
from tests.conformance.policies import POLICIES, REFUSED


@pytest.mark.parametrize(
    ("product", "policy"), [(name, policy) for name in REFUSED for policy in REFUSED[name]]
)
def test_a_target_refuses_what_it_cannot_keep(product: str, policy: str) -> None:
    """The error names the clauses that the fidelity table calls lost, and what to do instead."""
    (target,) = (each for each in every_target() if each.name == product)
    with pytest.raises(FidelityError) as refused:
        target.files(POLICIES[policy])
    lost = [row for row in target.fidelity(POLICIES[policy]) if row.fate == "lost"]
    assert {row.clause for row in lost} == set(REFUSED[product][policy])
    assert {row.clause for row in refused.value.clauses} == {row.clause for row in lost}
    assert all(row.instead in str(refused.value) and row.instead for row in lost)
