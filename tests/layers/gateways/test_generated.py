"""Gateways with policies that nobody thought of, on the real servers."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from corsage.layers import every_target
from corsage.layers.target import FidelityError
from tests.conformance import engines
from tests.conformance.checks import CHECKS, report
from tests.conformance.engines.process import free_port
from tests.conformance.policies import on_this_machine
from tests.conformance.run import Run
from tests.conformance.upstream import upstream
from tests.layers.gateways.test_live import GATEWAYS
from tests.policy.strategies import policies, requests

POLICIES = 25
FEWER = {
    "nginx-include": 10,
    "traefik-labels": 8,
    "traefik-crd": 8,
    "envoy-gateway": 8,
    "spring-cloud-gateway": 6,
}
"""Policies for other forms of a product, and where it takes long to start."""
TARGETS = {target.name: target for target in every_target()}
NEEDS = {"nginx-include": pytest.mark.nginx, "spring-cloud-gateway": pytest.mark.java}
REQUESTS_EACH = 8
_CHECKS: tuple[str, ...] = ("preflights", "duplicates", "predictions")


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "name",
    [
        *GATEWAYS,
        *(pytest.param(name, marks=[NEEDS[name]] if name in NEEDS else []) for name in FEWER),
    ],
)
def test_any_policy_is_kept_or_refused(name: str, tmp_path: Path) -> None:
    """What a gateway's files say for any policy is kept by the product; else none is written."""
    target = TARGETS[name]
    numbers = itertools.count()
    with engines.start(name, tmp_path) as launch:

        @settings(
            max_examples=FEWER.get(name, POLICIES),
            phases=[Phase.generate],
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        @given(st.data())
        def holds(data: st.DataObject) -> None:
            policy, checks = data.draw(policies()), _CHECKS
            if data.draw(st.booleans()):
                owned = tuple(replace(route, owner="gateway") for route in policy.routes)
                policy, checks = replace(policy, routes=owned), ("verdicts", *_CHECKS)
            asked = data.draw(
                st.lists(requests(policy), min_size=REQUESTS_EACH, max_size=REQUESTS_EACH)
            )
            folder, port = tmp_path / f"run-{next(numbers)}", free_port()
            folder.mkdir()
            with upstream() as behind:
                here = on_this_machine(policy, port, behind.url)
                try:
                    files = target.files(here)
                except FidelityError:
                    assert any(row.fate == "lost" for row in target.fidelity(here))
                    return
                rendered = engines.Rendered(here, files, folder, port, lambda: behind.seen)
                with launch(rendered) as live:
                    run = Run(target, policy, live, asked)
                    for check in checks:
                        failures = report(CHECKS[check], run).failures
                        assert not failures, "\n".join(failures[:3])

        holds()
