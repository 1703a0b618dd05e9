"""``python -m benchmarks.gateway``: what a request costs at the edge, ours beside the others.

All gateways stand in front of one service in one run and take turns, forwards and backwards, one
worker each on one core; load and service have the other. CPU time of the gateway's process tree a
request says the same on a busy machine as on an idle one; requests a second do not. Medians.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.gateway import configurations as written
from benchmarks.gateway.measure import Request, Round, gateway_cpu, load, load_cpu
from benchmarks.gateway.servers import free_port, nginx, process
from corsage.gateway import Engine, find_engine

_NODE = Path(__file__).with_name("node")
_ORIGIN = f"Origin: {written.ORIGIN}"
REQUESTS = (
    Request(
        "preflight",
        "OPTIONS",
        "/api/orders",
        (
            _ORIGIN,
            "Access-Control-Request-Method: PUT",
            "Access-Control-Request-Headers: authorization,content-type",
        ),
    ),
    Request("proxied GET", "GET", "/api/orders", (_ORIGIN,)),
)

Start = Callable[[int, int], AbstractContextManager[int]]
"""Starts a gateway on a port in front of a service's; its process id."""


@dataclass(frozen=True)
class Gateway:
    """``against`` names the gateway that its ratio is to."""

    name: str
    start: Start
    against: str | None = None


def on_nginx(engine: Engine) -> Iterator[Gateway]:
    musl = engine.features.musl
    kind = f"nginx {engine.version}"
    hand = f"{kind}, by hand"

    def plain(configuration: Callable[..., str]) -> Start:
        return lambda port, service: nginx(
            engine.path, configuration(port, service, musl=musl), port
        )

    def ours(**size: int) -> Start:
        return lambda port, service: nginx(
            engine.path,
            written.corsage(written.policy(port, service, **size), engine.features),
            port,
        )

    yield Gateway(f"{kind}, no CORS", plain(written.bare), hand)
    yield Gateway(hand, plain(written.by_hand))
    yield Gateway(f"{kind}, Corsage", ours(), hand)
    yield Gateway(
        f"{kind}, Corsage, 10,000 origins, 2,000 routes",
        ours(origins=10_000, routes=2000),
        f"{kind}, Corsage",
    )


@contextmanager
def envoy(port: int, service: int) -> Iterator[int]:
    with TemporaryDirectory() as folder:
        file = Path(folder, "envoy.json")
        file.write_text(written.envoy(port, service))
        program = Path(sys.executable).with_name("envoy")
        command = [str(program), "-c", str(file), "--concurrency", "1", "--log-level", "error"]
        with process([*command, "--disable-hot-restart"], port, gateway_cpu()) as pid:
            yield pid


@contextmanager
def express(port: int, service: int) -> Iterator[int]:
    settings = {
        "origin": written.ORIGINS,
        "methods": written.METHODS,
        "allowedHeaders": written.HEADERS,
        "exposedHeaders": ["ETag", "X-Request-Id"],
        "credentials": True,
        "maxAge": 600,
    }
    if not (_NODE / "node_modules").exists():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=_NODE, check=True, capture_output=True)
    command = ["node", "gateway.js", str(port), str(service), json.dumps(settings)]
    with process(command, port, gateway_cpu(), _NODE, NODE_ENV="production") as pid:
        yield pid


def gateways() -> list[Gateway]:
    system, wheel = find_engine("system"), find_engine("wheel")
    ours = f"nginx {system.version}, Corsage"
    return [
        *on_nginx(system),
        *on_nginx(wheel),
        Gateway("Envoy, CORS filter", envoy, ours),
        Gateway("Express, cors, http-proxy-middleware", express, ours),
    ]


Results = dict[tuple[str, str], list[Round]]


def measure(chosen: list[Gateway], rounds: int, seconds: float) -> Results:
    results: Results = {}
    service = free_port()
    with ExitStack() as stack:
        stack.enter_context(
            nginx(find_engine("system").path, written.service(service), service, load_cpu())
        )
        running = []
        for gateway in chosen:
            port = free_port()
            running.append((gateway, port, stack.enter_context(gateway.start(port, service))))
        for number in range(rounds):
            # Backwards every other time, so that who comes after whom evens out.
            for gateway, port, pid in running[:: -1 if number % 2 else 1]:
                for request in REQUESTS:
                    measured = load(port, pid, request, seconds)
                    results.setdefault((gateway.name, request.name), []).append(measured)
    return results


def report(chosen: list[Gateway], results: Results) -> None:
    for request in REQUESTS:
        print(f"\n{request.name:44} {'us/request':>10} {'requests/s':>10}  CPU time")
        for gateway in chosen:
            rounds = results[gateway.name, request.name]
            cpu = statistics.median(each.cpu for each in rounds)
            rate = statistics.median(each.rate for each in rounds)
            print(
                f"{gateway.name:44} {cpu:10.1f} {rate:10,.0f}  {_ratio(gateway, results, request)}"
            )


def _ratio(gateway: Gateway, results: Results, request: Request) -> str:
    """The median of the ratios within each round: what disturbs a round disturbs both sides."""
    if gateway.against is None or (gateway.against, request.name) not in results:
        return ""
    own, other = (results[name, request.name] for name in (gateway.name, gateway.against))
    ratios = sorted(a.cpu / b.cpu for a, b in zip(own, other, strict=True))
    middle = statistics.median(ratios)
    return f"{middle:.2f} of {gateway.against} [{ratios[0]:.2f}-{ratios[-1]:.2f}]"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of load a round and request")
    parser.add_argument("--only", default="", help="gateways whose name holds this")
    args = parser.parse_args(arguments)
    chosen = [gateway for gateway in gateways() if args.only in gateway.name]
    print(
        f"{datetime.datetime.now(datetime.UTC):%d %B %Y}, {platform.machine()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"{args.rounds} rounds of {args.seconds:g} s"
    )
    report(chosen, measure(chosen, args.rounds, args.seconds))


if __name__ == "__main__":
    main()
