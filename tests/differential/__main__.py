"""``python -m tests.differential N``: N random cases besides the directed and pairwise ones."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.differential.case import Case, describe
from tests.differential.compare import differences, verdict
from tests.differential.directed import PLANS, directed_cases
from tests.differential.generate import pairwise_cases, random_cases, single_cases
from tests.differential.minimise import Disagreement, groups, minimise
from tests.differential.observe import BROWSERS, browser
from tests.differential.record import read, recorder
from tests.differential.run import Progress, Result, replay, run
from tests.differential.wpt.table import wpt_cases

_MINIMISED = 8
_LONG = re.compile(r"(.)\1{20,}")
_SETS = ("wpt", "directed", "single", "pairwise", "random")


def main() -> int:
    """0 if the model agrees with every browser asked, 1 if not."""
    options = _options().parse_args()
    disagreements = 0
    for name in BROWSERS if options.browser == "both" else (options.browser,):
        if options.case is not None:
            disagreements += asyncio.run(_tell(name, options.case))
        elif options.replay is not None:
            disagreements += _replay(name, options.replay)
        else:
            disagreements += asyncio.run(_ask(name, options))
    return 1 if disagreements else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=3000, help="how many random cases")
    parser.add_argument("--browser", choices=(*BROWSERS, "both"), default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=_SETS, action="append", help="these sets of cases only")
    parser.add_argument("--record", type=Path, metavar="DIR", help="write DIR/BROWSER.jsonl.xz")
    parser.add_argument(
        "--replay", type=Path, metavar="DIR", help="compare with recordings instead of a browser"
    )
    parser.add_argument("--case", choices=PLANS, metavar="NAME", help="tell one directed case")
    return parser


def _cases(options: argparse.Namespace) -> Iterator[Case]:
    sets = options.only or _SETS
    if "wpt" in sets:
        yield from wpt_cases()
    if "directed" in sets:
        yield from directed_cases()
    if "single" in sets:
        yield from single_cases()
    if "pairwise" in sets:
        yield from pairwise_cases()
    if "random" in sets:
        yield from random_cases(options.count, options.seed)


async def _ask(name: str, options: argparse.Namespace) -> int:
    async with browser(name) as observer:
        started = time.monotonic()
        print(f"{observer.version}, seed {options.seed}", flush=True)
        with contextlib.ExitStack() as stack:
            keep = None
            if options.record is not None:
                options.record.mkdir(parents=True, exist_ok=True)
                keep = stack.enter_context(recorder(_path(options.record, name)))
            result = await run(observer, _cases(options), _progress(started), keep)
        _report(result, time.monotonic() - started)
        found = groups(result.unexplained)
        for group in found[:_MINIMISED]:
            _show(len(group), await minimise(observer, group[0]))
        for group in found[_MINIMISED:]:
            _show(len(group), group[0])
        return len(result.unexplained)


async def _tell(name: str, case_name: str) -> int:
    """What the browser does with one directed case, and what the model says."""
    async with browser(name) as observer:
        ((case, observed),) = await observer.again([PLANS[case_name].case(case_name)])
        print(f"\n{observer.version}: {describe(case)}")
    seen = {key: value for key, value in dataclasses.asdict(observed).items() if value}
    for request in seen.pop("wire", ()):
        print("  sent", {key: value for key, value in request.items() if value})
    for key, value in seen.items():
        print(f"  {key}: {value}")
    found = differences(case, name, observed)
    print(f"  model: {verdict(case, name).sentence or 'agrees'}")
    for difference in found:
        print(difference)
    return len(found)


def _replay(name: str, directory: Path) -> int:
    started = time.monotonic()
    result = replay(name, read(_path(directory, name)))
    _report(result, time.monotonic() - started)
    for group in groups(result.unexplained):
        _show(len(group), group[0])
    return len(result.unexplained)


def _path(directory: Path, name: str) -> Path:
    return directory / f"{name}.jsonl.xz"


def _show(count: int, example: Disagreement) -> None:
    print(f"\n{count} cases like this:")
    for part in (describe(example.case), *example.differences):
        print(_LONG.sub(_shortened, str(part)))


def _shortened(run: re.Match[str]) -> str:
    return f"{run[1]}*{len(run[0])}"


def _progress(started: float) -> Progress:
    def show(done: int, wrong: int) -> None:
        if sys.stderr.isatty() and done % 100 == 0:
            rate = done / (time.monotonic() - started)
            print(f"\r{done} cases, {rate:.0f}/s, {wrong} differ", end="", file=sys.stderr)

    return show


def _report(result: Result, seconds: float) -> None:
    print(
        f"{result.browser}: {result.cases} cases in {seconds:.0f} s"
        f" ({result.cases / seconds:.0f}/s); {len(result.unexplained)} unexplained,"
        f" {result.explained.total()} explained"
    )
    for title, counts in (("outcomes", result.outcomes), ("reasons", result.reasons)):
        print(f"  {title}: " + ", ".join(f"{k} {v}" for k, v in counts.most_common()))
    for name, count in result.explained.most_common():
        print(f"  explained: {name} {count}")


if __name__ == "__main__":
    sys.exit(main())
