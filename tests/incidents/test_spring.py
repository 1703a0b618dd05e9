"""Spring Security in front of the policy of Spring MVC, and a 403 that means something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.engines import spring
from tests.conformance.engines.maven import FLAGS, compiled
from tests.conformance.engines.process import process
from tests.incidents.conftest import SETUPS, Explain
from tests.incidents.ports import Ports

pytestmark = pytest.mark.java

AUTH = "authorization: Basic YTpi"


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the application answers."""
    folder, port = tmp_path_factory.mktemp("spring"), Ports()["spring"]
    project = Path(spring.__file__).parent / "spring" / "pom.xml"
    source = str(SETUPS / "Orders.java")
    command = ["java", *FLAGS, "-cp", compiled(project, folder), source, str(port)]
    with process(command, folder, port, seconds=60):
        yield f"http://127.0.0.1:{port}"


def test_spring_security_meets_the_preflight_before_the_policy_does(
    orders: str, explain: Explain
) -> None:
    found = explain(f"{orders}/private", headers=AUTH, timeout=30)
    assert found.is_that_of("pa-springsec-4448"), found
    assert "the answer to the preflight carries www-authenticate" in found.evidence


def test_a_403_for_an_origin_is_told_from_one_for_want_of_a_login(
    orders: str, explain: Explain
) -> None:
    found = explain(f"{orders}/public", origin="https://other.example", headers=AUTH, timeout=30)
    assert found.cause == "origin-mismatch", found
    assert "the body says: Invalid CORS request" in found.evidence
    assert "GET is answered 200 without Origin, and refused with it" in found.sentence
