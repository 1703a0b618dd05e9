"""The zoo as a process, and an audit of one of its cages."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from corsage.check import Finding
from corsage.live.audit import Client, Limits, Outcome, Secrets, Settings, Target, audit
from tests.audit.zoo import HOST, ZOO
from tests.gateway.certificates import certify

ROOT = Path(__file__).parents[2]


class Zoo(NamedTuple):
    """Where the zoo listens. ``url`` is a cage as its visitors know it."""

    http: int
    https: int

    def url(self, name: str) -> str:
        return f"{ZOO[name].scheme}://{HOST}/{name}"

    @property
    def resolve(self) -> dict[str, str]:
        return {
            f"http://{HOST}": f"127.0.0.1:{self.http}",
            f"https://{HOST}": f"127.0.0.1:{self.https}",
        }


@contextmanager
def open_zoo(folder: Path, latency: float = 0.0) -> Iterator[Zoo]:
    certificate, key = certify(folder, "*.example.com")
    command = [sys.executable, "-m", "tests.audit.zoo", certificate, key, str(latency)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        yield Zoo(**json.loads(process.stdout.readline()))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    with open_zoo(tmp_path_factory.mktemp("zoo")) as opened:
        yield opened


FAST = Limits(concurrency=64, per_host=64, rate=0, retries=0, timeout=10)


def unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def run_audit(
    targets: Sequence[Target],
    resolve: dict[str, str] | None = None,
    *,
    settings: Settings | None = None,
    secrets: Secrets | None = None,
    limits: Limits = FAST,
) -> list[Outcome]:
    """Audit ``targets`` and return their outcomes in the order of ``targets``."""
    outcomes: dict[str, Outcome] = {}
    known = secrets or Secrets()

    async def run() -> None:
        client = Client(
            (),
            limits=limits,
            resolve=resolve,
            headers=known.headers,
            cookie=known.cookies,
            tls=unverified(),
        )
        async with client:
            await audit(
                iter(targets),
                client,
                settings=settings or Settings(),
                secrets=known,
                done=lambda outcome: outcomes.__setitem__(outcome.key, outcome),
            )

    asyncio.run(run())
    return [outcomes[target.key] for target in targets]


class Visited(NamedTuple):
    """The outcome of each cage."""

    outcomes: dict[str, Outcome]

    def findings(self, name: str) -> Sequence[Finding]:
        return self.outcomes[name].findings


@pytest.fixture(scope="session")
def visited(zoo: Zoo) -> Visited:
    """Every cage of the zoo, audited once."""
    outcomes: dict[str, Outcome] = {}
    for proving in (False, True):
        names = [n for n, cage in ZOO.items() if ("--prove-cache" in cage.options) is proving]
        targets = [Target(zoo.url(name), ZOO[name].trust) for name in names]
        settings = Settings(prove_cache=proving)
        found = run_audit(
            targets, zoo.resolve, settings=settings, secrets=Secrets(cookie="session=1")
        )
        outcomes.update(zip(names, found, strict=True))
    return Visited(outcomes)
