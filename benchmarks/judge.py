"""How many exchanges a second the browser model judges, in one process and with one profile.

python benchmarks/judge.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

from corsage.browser import CHROMIUM, Request, Response, Server, judge

PAGE, API = "https://app.example", "https://api.example/items?page=2"
SECONDS = 1.0

ALLOWED = Response(
    200,
    (
        ("Access-Control-Allow-Origin", PAGE),
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
        ("Content-Type", "application/json"),
        ("Content-Length", "2"),
    ),
)
PREFLIGHT = Response(
    204,
    (
        ("Access-Control-Allow-Origin", PAGE),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "GET, PUT, DELETE"),
        ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
        ("Access-Control-Max-Age", "600"),
    ),
)


def answers(asked: object) -> Response:
    return PREFLIGHT if getattr(asked, "kind", "") == "preflight" else ALLOWED


def redirects() -> Server:
    there = Response(307, (*ALLOWED.headers, ("Location", "/there")))
    return lambda asked: ALLOWED if asked.url.endswith("/there") else there


CASES: dict[str, tuple[Request, Server]] = {
    "simple GET": (Request(API, PAGE), answers),
    "GET with credentials": (Request(API, PAGE, credentials="include"), answers),
    "same-origin GET": (Request(f"{PAGE}/items", PAGE), answers),
    "blocked GET": (Request(API, PAGE), lambda _: Response(502)),
    "redirected GET": (Request(API, PAGE), redirects()),
    "preflighted PUT of JSON": (
        Request(
            API,
            PAGE,
            "PUT",
            (("Content-Type", "application/json"), ("Authorization", "Bearer x")),
            "{}",
            credentials="include",
        ),
        answers,
    ),
}


def rate(run: Callable[[], object]) -> float:
    """Runs a second: the best of three."""
    best = 0.0
    for _ in range(3):
        count, started = 0, time.perf_counter()
        while (spent := time.perf_counter() - started) < SECONDS / 3:
            for _ in range(100):
                run()
            count += 100
        best = max(best, count / spent)
    return best


def main() -> None:
    for title, (request, server) in CASES.items():
        print(
            f"{title:26}{rate(lambda r=request, s=server: judge(r, s, profile=CHROMIUM)):>10,.0f}/s"
        )


if __name__ == "__main__":
    main()
