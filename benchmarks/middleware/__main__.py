"""``python -m benchmarks.middleware``: microseconds that each middleware adds to a request.

Bare app, ours and theirs take turns in one run, in the process's own CPU time, and the best of
the rounds counts, so that a busy machine tells the same as an idle one. For a preflight the whole
answer is what is added: the app is not asked.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

from benchmarks.middleware import apps
from benchmarks.middleware.apps import APP, STRANGER, Request, actual, preflight

KINDS: dict[str, Request] = {
    "no origin": actual(None),
    "allowed": actual(APP),
    "refused": actual(STRANGER),
    "preflight": preflight(APP),
    "refused preflight": preflight(STRANGER),
    "preflight, 8 KiB of commas": preflight(APP, "," * 8 * 1024),
    "preflight, 64 KiB of commas": preflight(APP, "," * 64 * 1024),
}
COUNTS = (1, 100, 5000)


def asgi(count: int) -> dict[str, Any]:
    return {
        "bare": apps.asgi_app,
        "corsage": apps.corsage(apps.asgi_app, count),
        f"Starlette {version('starlette')}": apps.starlette(apps.asgi_app, count),
    }


def flask(count: int) -> dict[str, Any]:
    return {
        "bare": apps.flask_app(),
        "corsage": apps.corsage(apps.flask_app(), count),
        f"flask-cors {version('flask-cors')}": apps.flask_cors(count),
    }


def django(count: int) -> dict[str, Any]:
    return {
        "bare": apps.django_app(),
        "corsage": apps.corsage(apps.django_app(), count),
        f"django-cors-headers {version('django-cors-headers')}": apps.django_cors_headers(count),
    }


Seconds = Callable[[Any, Request, int], float]

GROUPS: dict[str, tuple[Callable[[int], dict[str, Any]], Seconds]] = {
    "ASGI": (asgi, apps.asgi_seconds),
    "Flask": (flask, apps.wsgi_seconds),
    "Django": (django, apps.wsgi_seconds),
}


def measure(
    contenders: dict[str, Any], request: Request, seconds: Seconds, rounds: int
) -> dict[str, float]:
    """Microseconds a request, the best of the rounds."""
    # About five milliseconds each: short enough to fall between two interruptions.
    repeat = {
        name: max(1, min(5000, int(0.05 / max(seconds(app, request, 10), 1e-6))))
        for name, app in contenders.items()
    }
    best = dict.fromkeys(contenders, float("inf"))
    for _ in range(rounds):
        for name, app in contenders.items():
            best[name] = min(best[name], seconds(app, request, repeat[name]) / repeat[name])
    return {name: taken * 1e6 for name, taken in best.items()}


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.middleware")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all")
    args = parser.parse_args(argv)
    rounds = args.rounds
    print(f"Python {platform.python_version()}, {platform.machine()}, best of {rounds} rounds")
    for group in args.groups or GROUPS:
        make, seconds = GROUPS[group]
        print(f"\n{group}: microseconds added to a request")
        print(f"  {'origins':>7}  {'request':28}{'corsage':>10}  {'the other':>10}  ratio")
        for count in COUNTS:
            contenders = make(count)
            other = list(contenders)[2]
            for kind, request in KINDS.items():
                if count > 1 and "commas" in kind:
                    continue
                took = measure(contenders, request, seconds, rounds)
                bare = 0.0 if request[0] == "OPTIONS" else took["bare"]
                ours, theirs = took["corsage"] - bare, took[other] - bare
                print(
                    f"  {count:>7}  {kind:28}{ours:>10.2f}  {theirs:>10.2f}  1/{theirs / ours:.1f}",
                    flush=True,
                )
        print(f"  the other: {other}")


if __name__ == "__main__":
    main()
