"""Django under ASGI calls the middleware's other half."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from corsage.layers import load_target
from tests.conformance.checks import CHECKS, report
from tests.conformance.engines import Rendered
from tests.conformance.engines.django import HOST
from tests.conformance.engines.worker import worker
from tests.conformance.policies import OWNER, POLICIES, for_target
from tests.conformance.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    workspace = tmp_path_factory.mktemp("django-asgi")
    target = load_target("django")
    policy = for_target(POLICIES["shop"], OWNER)
    folder = workspace / "run"
    folder.mkdir()
    rendered = Rendered(policy, target.files(policy), folder, 0, lambda: 0)
    command = [sys.executable, str(HOST), "--asgi"]
    with worker(command, workspace, "cors_policy.py") as launch, launch(rendered) as live:
        yield Run(target, policy, live)


@pytest.mark.parametrize("check", CHECKS)
def test_the_policy_is_kept_under_asgi_as_well(run: Run, check: str) -> None:
    assert not report(CHECKS[check], run).failures
