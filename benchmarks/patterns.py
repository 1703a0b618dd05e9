"""How long the decision on one allow-list pattern takes, witness or proof of none included, beside
what the automata packages take to build the automaton alone.

python -m benchmarks.patterns
"""

from __future__ import annotations

import importlib
import signal
import statistics
import time
from collections.abc import Callable
from contextlib import suppress

from corsage.patterns import exactly, regex, strangers
from tests.patterns.corpus import CORPUS, Entry

ROUNDS = 3
PATIENCE = 5.0  # seconds for a package and a pattern


class _TooLongError(Exception):
    pass


def decide(entry: Entry) -> None:
    strangers(regex(entry.pattern, entry.dialect, entry.match, entry.ignore_case), entry.pattern)


def greenery(entry: Entry) -> None:
    importlib.import_module("greenery").parse(_whole(entry)).to_fsm()


def interegular(entry: Entry) -> None:
    importlib.import_module("interegular").parse_pattern(_whole(entry)).to_fsm()


def _whole(entry: Entry) -> str:
    """The pattern as those packages want it: of the whole text, without anchors."""
    bare = entry.pattern.removeprefix("^").removesuffix("$")
    before = ".*" if entry.match == "search" and bare[:3] == entry.pattern[:3] else ""
    after = "" if entry.match == "full" or entry.pattern.endswith("$") else ".*"
    return f"{before}({bare}){after}"


def milliseconds(run: Callable[[Entry], None], entry: Entry) -> float | str:
    """CPU time of the fastest of some rounds; a word where there is none."""

    def stop(*_: object) -> None:
        raise _TooLongError

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        return 1000 * min(_timed(run, entry) for _ in range(ROUNDS))
    except _TooLongError:
        return "too long"
    except Exception as error:  # noqa: BLE001  (whatever a package makes of a pattern)
        return type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _timed(run: Callable[[Entry], None], entry: Entry) -> float:
    start = time.process_time()
    run(entry)
    return time.process_time() - start


def main() -> None:
    strangers(regex("x", "python", "search"), "x")  # reads the Public Suffix List
    strangers(exactly("https://a.github.io"), "x")
    ours = {entry: milliseconds(decide, entry) for entry in CORPUS}
    for entry, took in ours.items():
        shown = f"{took:7.1f} ms" if isinstance(took, float) else took
        print(f"{shown:>10}  {entry.dialect:10} {entry.pattern}")
    times = [took for took in ours.values() if isinstance(took, float)]
    print(
        f"{len(times)} of {len(CORPUS)} decided; median {statistics.median(times):.1f} ms, "
        f"slowest {max(times):.1f} ms, under 30 ms: {sum(t < 30 for t in times)}"
    )
    for peer in (greenery, interegular):
        with suppress(ModuleNotFoundError):
            importlib.import_module(peer.__name__)
            compare(peer, ours)


def compare(peer: Callable[[Entry], None], ours: dict[Entry, float | str]) -> None:
    """A peer's time for the automaton of each pattern, in terms of ours for the whole decision."""
    theirs = {entry: milliseconds(peer, entry) for entry in CORPUS}
    ratios = [
        took / mine
        for entry, took in theirs.items()
        if isinstance(took, float) and isinstance(mine := ours[entry], float)
    ]
    slow = sum(took == "too long" for took in theirs.values())
    refused = len(CORPUS) - len(ratios) - slow
    middle = f"{statistics.median(ratios):.2f}" if ratios else "-"
    print(
        f"{peer.__name__}: builds {len(ratios)} of {len(CORPUS)} automata (median {middle} times "
        f"our whole decision, slowest {max(ratios, default=0):.1f} times), "
        f"{slow} take more than {PATIENCE:.0f} s, {refused} are refused"
    )


if __name__ == "__main__":
    main()
