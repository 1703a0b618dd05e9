"""The parent's side of every Python engine: reads what to load, a line of JSON each, and answers
with the port. ``serve`` gets the rendered module and the order, and yields the port."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "patch", "X-UNLISTED"]

Serve = Callable[[ModuleType, "Order"], AbstractContextManager[int]]


class Order:
    """What to serve: the routes, and the service's answers."""

    def __init__(self, message: dict[str, Any]) -> None:
        self._routes = message["routes"]
        self._answers = message["answers"]
        self._seen = Path(message["seen"])

    def paths(self, rest: str) -> list[str]:
        """The paths to register, for any host; ``rest`` is how the framework writes the rest of
        a path. Below every prefix is a place that exists with a slash at its end only."""
        paths: dict[str, None] = {}
        for route in sorted(
            self._routes, key=lambda route: (not route["exact"], -len(route["path"]))
        ):
            path = route["path"].rstrip("/")
            # With and without a slash, or the framework would redirect from one to the other.
            exact = (path or "/", f"{path}/")
            below = (f"{path}/slash/", *exact, f"{path}/{rest}")
            paths |= dict.fromkeys(exact if route["exact"] else below)
        return list(paths)

    def takes(self, host: str, path: str) -> bool:
        """Whether any route takes the path on that host."""
        return any(
            route["host"] in (None, host.partition(":")[0])
            and (
                path == route["path"]
                if route["exact"]
                else f"{path}/".startswith(route["path"].rstrip("/") + "/")
            )
            for route in self._routes
        )

    def answer(self, url: str) -> tuple[int, list[tuple[str, str]]]:
        """Status and headers of the service's answer; raises if it is to crash."""
        with self._seen.open("a") as seen:
            seen.write(".")
        name = parse_qs(urlsplit(url).query).get("answer", ["open"])[0]
        if name == "crash":
            raise RuntimeError("a handler that fails")
        answer = self._answers[name]
        return answer["status"], [(name, value) for name, value in answer["headers"]]


def host(serve: Serve) -> None:
    """Serve one rendered module after another until the parent goes away."""
    # Frameworks print; only answers to the parent may go to standard output.
    answers, sys.stdout = sys.stdout, sys.stderr
    running = contextlib.ExitStack()
    for number, line in enumerate(sys.stdin):
        message = json.loads(line)
        if "close" in message:
            running.close()
            print("{}", file=answers, flush=True)
            continue
        module = _load(f"rendered_{number}", message["module"])
        port = running.enter_context(serve(module, Order(message)))
        print(json.dumps({"port": port}), file=answers, flush=True)


def _load(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
