"""A deployment that is as the policy says, shared by the tests that change nothing in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify.deployment import Deployment, deployed


@pytest.fixture(scope="session")
def faithful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(tmp_path_factory.mktemp("deployed")) as deployment:
        yield deployment


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
