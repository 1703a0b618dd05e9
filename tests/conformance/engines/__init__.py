"""One module for each target: how to start the real product with what was rendered.

A module offers ``start(workspace)``, a context manager for the whole test session that yields a
:data:`Launch`. ``docs/add-a-target.md`` walks through writing one.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from corsage.layers.target import File
from corsage.policy.model import Policy


@dataclass(frozen=True)
class Rendered:
    """What a target wrote for a policy, and where to run it.

    ``folder`` is an empty folder of this run's own, below the engine's workspace. A gateway
    listens on ``port`` (the policy says so, too); ``seen`` counts what reached its upstream.
    """

    policy: Policy
    files: tuple[File, ...]
    folder: Path
    port: int
    seen: Callable[[], int]

    def write(self) -> None:
        """Put the files where the product will look for them."""
        for file in self.files:
            place = self.folder / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(file.text, encoding="utf-8")


def any_method(_: str) -> bool:
    """The parser of a product that takes every method."""
    return True


@dataclass(frozen=True)
class Live:
    """The product, running.

    ``seen`` says how many requests have reached the service behind the product (or the handlers
    in it) so far. ``own_answers`` are requests that the product answers itself: a name, and the
    method and the path under any prefix route; what every product does (its 404, a service that
    fails) need not be listed. ``parses`` says whether the product's HTTP parser takes a method at
    all: one that it does not take is answered with a bare 400 before any configuration counts.
    """

    port: int
    seen: Callable[[], int]
    own_answers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    parses: Callable[[str], bool] = any_method


Launch: TypeAlias = Callable[[Rendered], AbstractContextManager[Live]]


def start(name: str, workspace: Path) -> AbstractContextManager[Launch]:
    """The engine of the target called ``name``; ``workspace`` is a folder for the session."""
    module = importlib.import_module(f"tests.conformance.engines.{name.replace('-', '_')}")
    engine: AbstractContextManager[Launch] = module.start(workspace)
    return engine
