"""What a browser remembers of preflights: the same URL asked several times, with time between."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from dataclasses import dataclass

from corsage.browser import PROFILES, CredentialsMode, judge
from corsage.browser.cache import NOTHING_CACHED
from tests.differential.observe import Observer
from tests.differential.plan import Plan
from tests.differential.values import ACMA

_CUSTOM = (("X-Custom", "1"),)
_AUTH = (("Authorization", "x"),)
_GOOD = Plan(method="PUT", acma=("600",))
_WITH_HEADER = Plan(headers=_CUSTOM, acma=("600",))
_STAR = Plan(method="PUT", acam=("*",), acah=("*",), acma=("600",))
_LONG_WAIT = 7.0  # seconds: past the 5 that an answer without Access-Control-Max-Age is kept

PAUSES = (0.0, 0.0, _LONG_WAIT)
"""The seconds before each step of a scenario."""


def _credentials(*modes: CredentialsMode) -> tuple[Plan, ...]:
    # The answer is good for both, so that only the memory differs.
    return tuple(dataclasses.replace(_GOOD, credentials=mode, acac=("true",)) for mode in modes)


SCENARIOS: dict[str, tuple[Plan, ...]] = {
    **{
        f"Max-Age {acma!r}": (Plan(method="PUT", acma=acma),) * 3
        for acma in (*ACMA, ("4",), ("1e3",), ("+0",), (" 600 ",), ("600", ""))
    },
    "header": (_WITH_HEADER,) * 3,
    "header and method": (_GOOD, dataclasses.replace(_GOOD, headers=_CUSTOM), _GOOD),
    "another method": (_GOOD, dataclasses.replace(_GOOD, method="DELETE"), _GOOD),
    "another method, listed": (
        dataclasses.replace(_GOOD, acam=("PUT, DELETE",)),
        dataclasses.replace(_GOOD, method="DELETE"),
        _GOOD,
    ),
    "another header": (
        _WITH_HEADER,
        dataclasses.replace(_WITH_HEADER, headers=(("X-Other", "1"),)),
        _WITH_HEADER,
    ),
    "another method fails": (
        _GOOD,
        dataclasses.replace(_GOOD, method="DELETE", acam=("PUT",)),
        _GOOD,
    ),
    "another origin is refused": (
        _GOOD,
        dataclasses.replace(_GOOD, headers=_CUSTOM, acao=("null",)),
        _GOOD,
    ),
    "actual response fails": (
        _GOOD,
        dataclasses.replace(_GOOD, acao=(), side="actual"),
        _GOOD,
    ),
    "include, then omit": _credentials("include", "omit", "omit"),
    "include, then same-origin": _credentials("include", "same-origin", "include"),
    "omit, then include": _credentials("omit", "include", "omit"),
    "wildcards": (_STAR,) * 3,
    "wildcards, another method": (_STAR, dataclasses.replace(_STAR, method="DELETE"), _STAR),
    "wildcards, a header": (_STAR, dataclasses.replace(_STAR, headers=_CUSTOM), _STAR),
    "wildcards, Authorization": (_STAR, dataclasses.replace(_STAR, headers=_AUTH), _STAR),
    "wildcard for a header": (dataclasses.replace(_WITH_HEADER, acah=("*",)),) * 3,
    "wildcard for Authorization": (Plan(headers=_AUTH, acah=("*",), acma=("600",)),) * 3,
    "post with a header": (Plan(method="POST", headers=_CUSTOM, acma=("600",)),) * 3,
    "head with a header": (Plan(method="HEAD", headers=_CUSTOM, acma=("600",)),) * 3,
    "a condition of the page": (Plan(headers=(("If-None-Match", '"x"'),), acma=("600",)),) * 3,
    "patch in lower case": (Plan(method="patch", acma=("600",)),) * 3,
    "refused": (Plan(method="PUT", acao=(), acma=("600",)),) * 3,
    "status 404": (Plan(method="PUT", preflight_status=404, acma=("600",)),) * 3,
    "XMLHttpRequest after fetch": (
        _GOOD,
        dataclasses.replace(_GOOD, initiator="xmlhttprequest"),
        _GOOD,
    ),
    "without the fragment": (
        dataclasses.replace(_GOOD, url="<url>#x"),
        _GOOD,
        dataclasses.replace(_GOOD, url="<url>#x"),
    ),
    "with a query": (_GOOD, dataclasses.replace(_GOOD, url="<url>?x"), _GOOD),
}


@dataclass(frozen=True, slots=True)
class Remembered:
    """How many preflights each step of a scenario cost, by the browser and by the model."""

    name: str
    browser: tuple[int, ...]
    model: tuple[int, ...]


async def measure(observer: Observer) -> list[Remembered]:
    """Runs all scenarios side by side, which takes the longest pause."""
    names = list(SCENARIOS)
    plans = list(SCENARIOS.values())
    caches = [NOTHING_CACHED] * len(names)
    browser: list[list[int]] = [[] for _ in names]
    model: list[list[int]] = [[] for _ in names]
    for step, pause in enumerate(PAUSES):
        await asyncio.sleep(pause)
        cases = [plan[step].case(f"memory-{n}") for n, plan in enumerate(plans)]
        now = time.monotonic()
        for n, count in enumerate(await observer.preflights(cases)):
            browser[n].append(count)
        for n, case in enumerate(cases):
            verdict = judge(
                case.request,
                case.respond,
                profile=PROFILES[observer.name],
                cache=caches[n],
                now=now,
            )
            caches[n] = verdict.cache
            model[n].append(len(verdict.preflights))
    return [
        Remembered(name, tuple(b), tuple(m))
        for name, b, m in zip(names, browser, model, strict=True)
    ]


CACHE_MODES = ("default", "no-store", "reload", "no-cache", "force-cache")


async def bypassing_modes(observer: Observer) -> list[str]:
    """The cache modes of ``fetch()`` that preflight although it has just been allowed."""
    found = []
    for mode in CACHE_MODES:
        case = _GOOD.case(f"mode-{mode}")
        await observer.preflights([case])
        if await observer.preflights([case], mode) == [1]:
            found.append(mode)
    return found
