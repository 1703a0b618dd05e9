"""One gateway for each engine, in front of one service that says what the test tells it."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corsage.gateway import Engine, Gateway, find_engine, find_envoy, running
from corsage.gateway.supervisor import AnyEngine
from tests.gateway.client import Asker
from tests.gateway.policies import every_kind_of_route
from tests.gateway.upstream import Upstream, serving


@pytest.fixture(scope="session", params=["system", "wheel", "envoy"])
def engine(request: pytest.FixtureRequest) -> AnyEngine:
    """Debian's nginx, the one that comes from PyPI, and Envoy."""
    return find_envoy() if request.param == "envoy" else find_engine(request.param)


@pytest.fixture
def nginx(engine: AnyEngine) -> bool:
    """Whether the engine is nginx, for what both do well and differently."""
    return isinstance(engine, Engine)


@pytest.fixture(scope="session")
def quick_engine() -> Engine:
    """One engine, for what does not depend on it."""
    return find_engine("system")


@pytest.fixture(scope="session")
def _service() -> Iterator[Upstream]:
    with serving(Upstream()) as upstream:
        yield upstream


@pytest.fixture
def upstream(_service: Upstream) -> Upstream:
    """The service: 200 without a body until the test says otherwise."""
    _service.reset()
    return _service


@pytest.fixture(scope="session")
def dead_url() -> Iterator[str]:
    """A service that is down: its port is taken by what never listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(scope="session")
def shared_gateway(engine: AnyEngine, _service: Upstream, dead_url: str) -> Iterator[Gateway]:
    policy = every_kind_of_route(_service.url, dead_url)
    with running(policy, engine=engine, listen="127.0.0.1:0") as gateway:
        yield gateway


@pytest.fixture
def ask(shared_gateway: Gateway, upstream: Upstream) -> Asker:
    """Asks the gateway of :func:`every_kind_of_route`."""
    return Asker(shared_gateway.address)


@pytest.fixture
def own_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where gateways make their own folders. (pytest's are too deep for a Unix socket.)"""
    own = Path(tempfile.mkdtemp(prefix="gw-"))
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    monkeypatch.setenv("TMPDIR", str(own))
    yield own
    shutil.rmtree(own)


_TOLD = pytest.StashKey[list[str]]()


@pytest.fixture
def tell(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Adds a line to the summary at the end of the run."""
    return pytestconfig.stash.setdefault(_TOLD, []).append


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if lines := config.stash.get(_TOLD, []):
        terminalreporter.section("what was asked")
        for line in lines:
            terminalreporter.line(line)
