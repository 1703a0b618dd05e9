"""``python -m benchmarks.targets_scale [TARGET ...]``: what long lists cost on every target.

For 1, 100 and 10,000 exact origins: how long the configuration takes to write, how large it is, and
how long the real product takes to answer the preflight of the last origin of the list (one
connection, one request at a time, so that a product that compares one origin after the other shows
it; the client and the connection cost about 0.1 ms of each number). And how long 2,000 routes take
to write. ``-`` is a policy that the target refuses.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from corsage.layers import every_target
from corsage.layers.target import FidelityError, Target
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service
from tests.conformance import engines
from tests.conformance.engines.process import free_port
from tests.conformance.policies import on_this_machine
from tests.conformance.upstream import upstream

COUNTS = (1, 100, 10_000)
ROUTES = 2_000
WARM_UP = 1_000
"""Requests that are not counted: compilers at run time need some."""


def origins(count: int) -> tuple[str, ...]:
    return tuple(f"https://tenant-{number}.example.com" for number in range(count))


def policy(target: Target, count: int, routes: int = 1) -> Policy:
    owner = "service" if target.family == "application" else "gateway"
    rules = CorsPolicy("tenants", OriginSet(origins(count)), ("PUT",), ("Content-Type",))
    return Policy(
        Gateway(public="https://api.example.com"),
        {"api": Service("api", "http://127.0.0.1:3000")},
        {"tenants": rules},
        tuple(Route(f"/r{number}", "api", "tenants", owner=owner) for number in range(routes)),
    )


def written(target: Target, meant: Policy) -> tuple[float, int] | None:
    """Seconds and bytes; None if the target refuses the policy."""
    started = time.perf_counter()
    try:
        files = target.files(meant)
    except FidelityError:
        return None
    return time.perf_counter() - started, sum(len(file.text.encode()) for file in files)


@contextmanager
def running(target: Target, launch: engines.Launch, meant: Policy, folder: Path) -> Iterator[int]:
    folder.mkdir()
    port = free_port()
    with upstream() as behind:
        here = on_this_machine(meant, port, behind.url)
        files = target.files(here)
        rendered = engines.Rendered(here, files, folder, port, lambda: behind.seen)
        with launch(rendered) as live:
            yield live.port


def latency(port: int, origin: str, requests: int) -> float:
    """The lowest tenth of preflights on one connection, in microseconds: what else the machine
    does only adds to them."""
    headers = {
        "Host": "api.example.com",
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    spent = []
    for number in range(requests + WARM_UP):
        started = time.perf_counter()
        connection.request("OPTIONS", "/r0", headers=headers)
        response = connection.getresponse()
        response.read()
        assert response.getheader("Access-Control-Allow-Origin") == origin
        if number >= WARM_UP:
            spent.append(time.perf_counter() - started)
    connection.close()
    return statistics.quantiles(spent, n=10)[0] * 1e6


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.targets_scale", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--requests", type=int, default=300, help="for each number")
    args = parser.parse_args(arguments)
    print(
        f"{datetime.datetime.now(datetime.UTC):%d %B %Y}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}; the lowest tenth of {args.requests} preflights\n"
    )
    counts = " / ".join(f"{count:,}" for count in COUNTS)
    heads = [f"{what} for {counts}" for what in ("seconds to write", "KB", "µs a preflight")]
    heads += ["ratio", f"seconds to write {ROUTES:,} routes"]
    print(f"| target | {' | '.join(heads)} |")
    print(f"|{' --- |' * (len(heads) + 1)}")
    for target in every_target():
        # A mesh has no list of origins.
        if target.family != "mesh" and (not args.targets or target.name in args.targets):
            print(_row(target, args.requests), flush=True)


def _row(target: Target, requests: int) -> str:
    texts = [written(target, policy(target, count)) for count in COUNTS]
    asked: list[float | None] = []
    with TemporaryDirectory() as workspace, engines.start(target.name, Path(workspace)) as launch:
        for count, text in zip(COUNTS, texts, strict=True):
            if text is None:
                asked.append(None)
                continue
            folder = Path(workspace, f"origins-{count}")
            with running(target, launch, policy(target, count), folder) as port:
                asked.append(latency(port, origins(count)[-1], requests))
    routes = written(target, policy(target, 1, ROUTES))
    first, last = asked[0], next((each for each in reversed(asked) if each is not None), None)
    ratio = "-" if first is None or last is None else f"{last / first:.1f}"
    cells = [
        " / ".join("-" if each is None else f"{each[0]:.2f}" for each in texts),
        " / ".join("-" if each is None else f"{each[1] / 1000:,.0f}" for each in texts),
        " / ".join("-" if each is None else f"{each:,.0f}" for each in asked),
        ratio,
        "-" if routes is None else f"{routes[0]:.2f}",
    ]
    return f"| `{target.name}` | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
