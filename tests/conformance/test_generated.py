"""The targets that load a policy in milliseconds, with policies that nobody thought of."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from corsage.layers.target import FidelityError, Target
from corsage.policy import Policy
from tests.conformance.checks import CHECKS, report
from tests.conformance.conftest import LaunchPolicy
from tests.conformance.policies import AS_WRITTEN, OWNER, for_target
from tests.conformance.run import Run
from tests.conformance.table import Table
from tests.policy.strategies import policies, requests

REQUESTS_EACH = 8
POLICIES_EACH = {"spring": 30}
"""Target -> how many policies, where not 200: Spring takes half a second to start with one."""


@st.composite
def _questions(draw: st.DrawFn) -> tuple[Policy, list[object]]:
    policy = for_target(draw(policies()), draw(st.sampled_from([OWNER, AS_WRITTEN])))
    asked = draw(st.lists(requests(policy), min_size=REQUESTS_EACH, max_size=REQUESTS_EACH))
    return policy, asked


def test_any_policy_is_kept_or_refused(target: Target, launch: LaunchPolicy, table: Table) -> None:
    """What a target writes for any policy is kept by the product; else it writes nothing."""

    @settings(
        max_examples=POLICIES_EACH.get(target.name, 200),
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(question=_questions())
    def kept_or_refused(question: tuple[Policy, list[object]]) -> None:
        _require_kept_or_refused(question, target, launch, table)

    kept_or_refused()


def _require_kept_or_refused(
    question: tuple[Policy, list[object]], target: Target, launch: LaunchPolicy, table: Table
) -> None:
    policy, asked = question
    try:
        target.files(policy)
    except FidelityError:
        assert any(clause.fate == "lost" for clause in target.fidelity(policy))
        return
    with launch(policy) as live:
        run = Run(target, policy, live, asked)
        for name in ("verdicts", "preflights", "duplicates", "predictions"):
            outcome = report(CHECKS[name], run)
            table.add(target.name, name, outcome)
            assert not outcome.failures, "\n".join(outcome.failures[:3])
