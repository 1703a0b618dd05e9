"""A service that answers as a test says, and the command that explains it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from corsage.cli import main
from tests.gateway.upstream import Upstream, serving

APP = "https://app.example.com"


@pytest.fixture
def service() -> Iterator[Upstream]:
    """A server that keeps what it was asked; 200 until the test says otherwise."""
    with serving(Upstream()) as upstream:
        yield upstream


@dataclass(frozen=True)
class Ran:
    """Exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.out)
        return told

    @property
    def cause(self) -> str | None:
        diagnosis = self.told["diagnosis"]
        return diagnosis and str(diagnosis["class"])

    @property
    def confidence(self) -> str:
        return str(self.told["diagnosis"]["confidence"])


class Explain(Protocol):
    def __call__(self, *arguments: str, origin: str = APP, text: bool = False) -> Ran: ...


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs ``corsage explain`` in this process, with JSON unless ``text`` is asked for."""

    def run(*arguments: str, origin: str = APP, text: bool = False) -> Ran:
        form = ["--format", "text" if text else "json"]
        try:
            code = main(["explain", *arguments, "--origin", origin, *form])
        except SystemExit as stopped:
            code = stopped.code if isinstance(stopped.code, int) else 1
        return Ran(code, *capsys.readouterr())

    return run
