"""The suite itself: a target that breaks a promise fails the check that is named after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

import pytest

from corsage.layers import load_target
from corsage.layers.target import File
from tests.conformance import engines
from tests.conformance.checks import CHECKS, report
from tests.conformance.policies import OWNER, POLICIES, for_target
from tests.conformance.run import Run

pytestmark = pytest.mark.node

_APPLY = "granted?.actual(req, res, () => {});"

SABOTAGES = {
    "admits everybody": ("verdicts", "admits: (origin) => any ||", "admits: () => true ||"),
    "leaves what handlers set": ("verdicts", "res.removeHeader(name);", ""),
    "lets preflights through": ("preflights", "if (isPreflight(req) &&", "if (false &&"),
    "says nothing about the origin": ("caches", "res.vary('Origin');", ";"),
    "names the origin twice": (
        "duplicates",
        _APPLY,
        "if (granted) res.set('Access-Control-Allow-Origin', [origin, origin]);",
    ),
    "forgets errors": ("errors", _APPLY, f"if (res.statusCode < 400) {_APPLY}"),
    "exposes more than it says": (
        "predictions",
        _APPLY,
        f"{_APPLY} if (granted) res.set('Access-Control-Expose-Headers', 'X-Secret');",
    ),
}
"""What the target does wrong -> the check that notices, and what to replace in cors.js."""

Sabotaged: TypeAlias = Callable[[str, str], AbstractContextManager[Run]]


@pytest.fixture(scope="module")
def sabotaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sabotaged]:
    """Express with its written middleware, of which a part has been replaced."""
    workspace = tmp_path_factory.mktemp("sabotaged")
    target = load_target("express")
    policy = for_target(POLICIES["shop"], OWNER)
    (file,) = target.files(policy)
    with engines.start("express", workspace) as launch:

        @contextmanager
        def running(old: str, new: str) -> Iterator[Run]:
            assert old in file.text
            folder = workspace / f"run-{len([*workspace.iterdir()])}"
            folder.mkdir()
            broken = File(file.path, file.text.replace(old, new))
            with launch(engines.Rendered(policy, (broken,), folder, 0, lambda: 0)) as live:
                yield Run(target, policy, live)

        yield running


@pytest.mark.parametrize("fault", SABOTAGES)
def test_a_target_that_breaks_a_promise_fails_its_check(sabotaged: Sabotaged, fault: str) -> None:
    check, old, new = SABOTAGES[fault]
    with sabotaged(old, new) as run:
        assert report(CHECKS[check], run).failures
