"""Fixtures of the conformance suite, and the table that it prints."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from corsage.layers import every_target
from corsage.layers.target import Target
from corsage.policy import Policy
from tests.conformance import engines
from tests.conformance.engines.process import free_port
from tests.conformance.policies import POLICIES, for_target, on_this_machine, roles
from tests.conformance.run import Run
from tests.conformance.table import Table
from tests.conformance.upstream import upstream

EVERY_TARGET = {target.name: target for target in every_target()}
NEEDS = {
    "nginx": ["nginx"],
    "nginx-include": ["nginx"],
    "express": ["node"],
    "fastify": ["node"],
    "spring": ["java"],
    "spring-cloud-gateway": ["java"],
}
"""Target -> the markers of what its engine needs on the machine."""

LaunchPolicy: TypeAlias = Callable[[Policy], AbstractContextManager[engines.Live]]

TABLE = pytest.StashKey[Table]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = Table()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    table = terminalreporter.config.stash[TABLE]
    for line in table.lines():
        terminalreporter.write_line(line)
    if named := os.environ.get("CORSAGE_CONFORMANCE"):
        place = Path(named)
        # Targets that were not run keep the numbers of the last time.
        numbers = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
        numbers |= table.numbers()
        place.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "subject" in metafunc.fixturenames:
        metafunc.parametrize(
            ("target", "subject"),
            [
                pytest.param(name, (policy, role), marks=_marks(name), id=f"{name}-{policy}-{role}")
                for name, target in EVERY_TARGET.items()
                # A mesh has no CORS to compare; its tests are in tests/layers.
                if target.family != "mesh"
                for policy in POLICIES
                for role in roles(target, policy)
            ],
            indirect=True,
            scope="session",
        )

    elif "target" in metafunc.fixturenames:
        names = [name for name, each in EVERY_TARGET.items() if each.family == "application"]
        metafunc.parametrize(
            "target",
            [pytest.param(name, marks=_marks(name)) for name in names],
            indirect=True,
            scope="session",
        )


def _marks(name: str) -> list[pytest.MarkDecorator]:
    return [getattr(pytest.mark, need) for need in NEEDS.get(name, [])]


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Target:
    """One of the targets that Corsage writes."""
    return EVERY_TARGET[request.param]


@pytest.fixture(scope="session")
def subject(request: pytest.FixtureRequest, target: Target) -> Policy:
    """One of the policies, with the target in one of its roles."""
    name, role = request.param
    return for_target(POLICIES[name], role)


@pytest.fixture(scope="session")
def launch(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaunchPolicy]:
    """Starts the target's product: ``with launch(policy) as live``."""
    workspace = tmp_path_factory.mktemp(target.name)
    folders = (workspace / f"run-{number}" for number in itertools.count())
    with engines.start(target.name, workspace) as start:

        @contextmanager
        def launch(policy: Policy) -> Iterator[engines.Live]:
            folder = next(folders)
            folder.mkdir()
            port = free_port()
            with upstream() as behind:
                here = on_this_machine(policy, port, behind.url)
                files = target.files(here)
                with start(
                    engines.Rendered(here, files, folder, port, lambda: behind.seen)
                ) as live:
                    yield live

        yield launch


@pytest.fixture(scope="session")
def run(target: Target, subject: Policy, launch: LaunchPolicy) -> Iterator[Run]:
    """The target with one of the policies, running."""
    with launch(subject) as live:
        yield Run(target, subject, live)


@pytest.fixture(scope="session")
def table(request: pytest.FixtureRequest) -> Table:
    """Where counts are added up."""
    return request.config.stash[TABLE]
