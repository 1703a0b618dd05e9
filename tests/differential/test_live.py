"""The browser model agrees with the real browsers, case by case."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from corsage.browser import PROFILES
from corsage.browser.cache import bypasses
from tests.differential.case import describe
from tests.differential.directed import directed_cases
from tests.differential.generate import pairwise_cases, random_cases, single_cases
from tests.differential.memory import CACHE_MODES, Remembered, bypassing_modes, measure
from tests.differential.minimise import groups
from tests.differential.observe import browser
from tests.differential.run import Result, run
from tests.differential.wpt.table import wpt_cases

# `python -m tests.differential` takes all pairs and as many random cases as are asked for.
_RANDOM = 1000

real_browser = pytest.mark.parametrize(
    "name",
    [
        pytest.param("chromium", marks=pytest.mark.chromium),
        pytest.param("firefox", marks=pytest.mark.firefox),
    ],
)


@real_browser
def test_agrees_on_outcome_readable_headers_wire_reason_and_console(name: str) -> None:
    async def ask() -> Result:
        async with browser(name) as observer:
            return await run(
                observer,
                [
                    *wpt_cases(),
                    *directed_cases(),
                    *single_cases(),
                    *itertools.islice(pairwise_cases(), 0, None, 3),
                    *random_cases(_RANDOM, seed=3),
                ],
            )

    result = asyncio.run(ask())
    shown = [
        f"{len(group)} cases like {describe(group[0].case)}\n"
        + "\n".join(map(str, group[0].differences))
        for group in groups(result.unexplained)
    ]
    assert not shown, "\n\n".join(shown[:10])
    assert result.cases >= 3000
    # A harness in which everything fails alike would agree with itself.
    assert min(result.outcomes[k] for k in ("cors", "basic", "opaque", "rejected")) >= 20


@pytest.mark.chromium
def test_every_reason_that_chromium_can_give_is_among_the_cases() -> None:
    async def ask() -> Result:
        async with browser("chromium") as observer:
            return await run(observer, directed_cases())

    assert len(asyncio.run(ask()).reasons) >= 20


@real_browser
def test_remembers_preflights_as_long_and_for_whom_the_browser_does(name: str) -> None:
    async def ask() -> list[Remembered]:
        async with browser(name) as observer:
            return await measure(observer)

    measured = asyncio.run(ask())
    assert [m for m in measured if m.browser != m.model] == []
    assert len({m.browser for m in measured}) >= 3


@real_browser
def test_bypasses_what_it_remembers_in_the_cache_modes_that_the_browser_does(name: str) -> None:
    async def ask() -> list[str]:
        async with browser(name) as observer:
            return await bypassing_modes(observer)

    profile = PROFILES[name]
    assert asyncio.run(ask()) == [mode for mode in CACHE_MODES if bypasses(mode, profile)]
