"""``python -m benchmarks.envoy_scale``: what a request costs on Envoy as the origins grow.

Envoy's own CORS filter compares an origin with one entry after the other. What Corsage writes
picks a virtual host by a hash. Both run beside each other, asked for the last origin of the list;
CPU time of the process a request, medians.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.gateway import configurations as written
from benchmarks.gateway.measure import Request, gateway_cpu, load, load_cpu
from benchmarks.gateway.servers import free_port, nginx, process
from corsage.gateway import find_engine, find_envoy
from corsage.layers.envoy import TARGET
from corsage.policy.origins import OriginSet

_OPTIONS = ("--disable-hot-restart", "--concurrency", "1", "--log-level", "error")


def origins(count: int) -> tuple[str, ...]:
    return tuple(f"https://tenant-{number}.example.com" for number in range(count))


def requests(count: int) -> tuple[Request, Request]:
    origin = f"Origin: {origins(count)[-1]}"
    wanted = (
        "Access-Control-Request-Method: PUT",
        "Access-Control-Request-Headers: authorization,content-type",
    )
    return (
        Request("preflight", "OPTIONS", "/api/orders", (origin, *wanted)),
        Request("proxied GET", "GET", "/api/orders", (origin,)),
    )


@contextmanager
def corsage(port: int, service: int, count: int) -> Iterator[int]:
    policy = written.policy(port, service)
    rules = {
        name: replace(each, allow_origins=OriginSet(origins(count)))
        for name, each in policy.policies.items()
    }
    with TemporaryDirectory() as folder:
        for file in TARGET.files(replace(policy, policies=rules)):
            Path(folder, file.path).write_text(file.text, encoding="utf-8")
        command = [find_envoy().path, "-c", "envoy.yaml", *_OPTIONS]
        with process(command, port, gateway_cpu(), Path(folder)) as pid:
            yield pid


@contextmanager
def cors_filter(port: int, service: int, count: int) -> Iterator[int]:
    text = written.envoy(port, service)
    few = json.dumps([{"exact": origin} for origin in written.ORIGINS])
    assert few in text
    many = json.dumps([{"exact": origin} for origin in origins(count)])
    with TemporaryDirectory() as folder:
        Path(folder, "envoy.json").write_text(text.replace(few, many), encoding="utf-8")
        command = [find_envoy().path, "-c", "envoy.json", *_OPTIONS]
        with process(command, port, gateway_cpu(), Path(folder)) as pid:
            yield pid


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.envoy_scale", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of load a round")
    parser.add_argument("--origins", type=int, nargs="+", default=[1, 100, 10_000])
    args = parser.parse_args(arguments)
    print(
        f"{datetime.datetime.now(datetime.UTC):%d %B %Y}, Envoy {find_envoy().version}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"{args.rounds} rounds of {args.seconds} s"
    )
    print(f"{'':12} {'origins':>8} {'Corsage, us':>20} {'CORS filter, us':>20}")
    service = free_port()
    with nginx(find_engine("system").path, written.service(service), service, load_cpu()):
        for count in args.origins:
            for row in _rows(service, count, args.rounds, args.seconds):
                print(row, flush=True)


def _rows(service: int, count: int, rounds: int, seconds: int) -> Iterator[str]:
    with ExitStack() as stack:
        running = []
        for start in (corsage, cors_filter):
            port = free_port()
            running.append((port, stack.enter_context(start(port, service, count))))
        for request in requests(count):
            spent: list[list[float]] = [[], []]
            for _ in range(rounds):
                for (port, pid), costs in zip(running, spent, strict=True):
                    costs.append(load(port, pid, request, seconds).cpu)
            yield f"{request.name:12} {count:8,} " + " ".join(map(_told, spent))


def _told(costs: list[float]) -> str:
    return f"{statistics.median(costs):8.1f} [{min(costs):.0f}-{max(costs):.0f}]".rjust(20)


if __name__ == "__main__":
    main()
