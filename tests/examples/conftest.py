"""Blocks of free ports, and processes that are gone when a test is over."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator

import pytest

from examples.shop.addresses import ports, taken
from tests.examples.processes import Demo


@pytest.fixture(scope="session")
def free_base() -> Callable[[], int]:
    """The first port of a block that the shop can have."""

    def choose() -> int:
        for _ in range(100):
            base = random.randrange(10_000, 32_000, 100)
            if not taken(ports(base)):
                return base
        raise AssertionError("no free block of ports")

    return choose


@pytest.fixture
def demo() -> Iterator[Callable[..., Demo]]:
    """Start the demo with arguments; whatever happens, it ends with the test."""
    started: list[Demo] = []

    def start(*arguments: str, **options: object) -> Demo:
        started.append(Demo(*arguments, **options))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            os.killpg(each.process.pid, signal.SIGTERM)
        each.process.communicate(timeout=20)
