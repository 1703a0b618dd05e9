"""``python -m benchmarks.audit``: found, missed, false alarms, seconds, on one zoo of servers.

Every answer comes 20 ms late, over https. A server counts as dangerous if a stranger's page reads
its answer with credentials, which the tests of the zoo prove in a real Chromium; as quiet if it is
safe, or broken so that no page reads it. "At the API's name" the servers trust their app's name;
"at the app's name" the target is itself what they trust, as scanners that change the target's own
name expect. Then the speed alone: targets without a fault, over http, so that nobody can stop
early and nobody pays for TLS.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

from benchmarks.audit import scanners
from benchmarks.audit.scanners import NAMES, Claims, Scanner
from tests.audit.conftest import Zoo, open_zoo
from tests.audit.zoo import APP, PARTNER, PREVIEW, ZOO, Cage

LATENCY = 0.02  # seconds


def is_dangerous(cage: Cage) -> bool:
    return cage.severity != "note" and any(rule < "CORS220" for rule in cage.rules)


def is_quiet(cage: Cage) -> bool:
    return all(rule >= "CORS240" for rule in cage.rules)


class Visit(NamedTuple):
    """``cpu``: seconds of the scanner's own, which a busy machine does not change much."""

    claims: Claims
    seconds: float
    cpu: float
    requests: int
    connections: int


def visit(scanner: Scanner, urls: list[str], zoo: Zoo, folder: Path) -> Visit:
    before, worked = counts(zoo), cpu()
    started = time.monotonic()
    claims = scanners.run(scanner, urls, zoo, folder)
    seconds = time.monotonic() - started
    after = counts(zoo)
    requests, connections = (after[key] - before[key] for key in ("requests", "connections"))
    return Visit(claims, seconds, cpu() - worked, requests, connections)


def cpu() -> float:
    # Of children that have ended: the zoo has not.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def counts(zoo: Zoo) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{zoo.http}/counts") as answer:
        return dict(json.load(answer))


def detection(contenders: list[Scanner], zoo: Zoo, folder: Path) -> None:
    # Sixty names that are trusted are a test of ours; no other scanner can be told them.
    secure = [n for n, cage in ZOO.items() if cage.scheme == "https" and len(cage.trust) < 2]
    dangerous = [name for name in secure if is_dangerous(ZOO[name])]
    quiet = [name for name in secure if is_quiet(ZOO[name])]
    for host in NAMES:
        where = "the API's name" if host.startswith("api") else "the app's name"
        print(
            f"\n## At {where}: {len(dangerous)} dangerous and {len(quiet)} quiet servers, https\n"
        )
        print("| scanner | found | missed | false alarms | seconds | requests |")
        print("|---|---|---|---|---|---|")
        for scanner in contenders:
            urls = {name: f"https://{host}/{name}" for name in (*dangerous, *quiet)}
            seen = visit(scanner, list(urls.values()), zoo, folder)
            found = sum(urls[name] in seen.claims for name in dangerous)
            false = sum(urls[name] in seen.claims for name in quiet)
            print(
                f"| {scanner.name} | {found} | {len(dangerous) - found} | {false} "
                f"| {seen.seconds:.1f} | {seen.requests} |",
                flush=True,
            )


def speed(contenders: list[Scanner], zoo: Zoo, folder: Path, targets: int) -> None:
    print(f"\n## Speed: {targets} targets without a fault, http\n")
    print("| scanner | seconds | requests | a second | times slower | CPU ms each | connections |")
    print("|---|---|---|---|---|---|---|")
    urls = [f"http://{NAMES[0]}/safe-list?n={number}" for number in range(targets)]
    best = 0.0
    for scanner in contenders:
        seen = visit(scanner, urls, zoo, folder)
        rate = seen.requests / seen.seconds
        best = best or rate
        print(
            f"| {scanner.name} | {seen.seconds:.1f} | {seen.requests} | {rate:.0f} "
            f"| {best / rate:.1f} | {seen.cpu / seen.requests * 1000:.2f} | {seen.connections} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=int, default=300, help="of the speed's part")
    args = parser.parse_args()
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {LATENCY * 1000:.0f} ms latency"
    )
    contenders = scanners.contenders((APP, PARTNER, PREVIEW, "https://shop.example.co.uk"))
    with tempfile.TemporaryDirectory() as temporary, open_zoo(Path(temporary), LATENCY) as zoo:
        # First with all probes: that is what the others' pace is compared with.
        rated = [contenders[1], contenders[0], *contenders[3:]]
        speed(rated, zoo, Path(temporary), args.targets)
        detection(contenders, zoo, Path(temporary))


if __name__ == "__main__":
    main()
