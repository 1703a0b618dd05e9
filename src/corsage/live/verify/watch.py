"""Asking again and again: what changed is told, everything is counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from corsage.check.finding import Finding
from corsage.live.verify.metrics import CONTENT_TYPE, Metrics
from corsage.live.verify.run import Round, Verifier

Tell = Callable[[str, str], None]
"""Called with what happened: ``start``, ``drift``, ``gone``, ``down`` or ``up``, and in words."""


def watch(
    verifier: Callable[[], Verifier],
    seconds: float,
    *,
    tell: Tell,
    stop: threading.Event,
    metrics: Metrics | None = None,
) -> None:
    """A round every ``seconds`` until ``stop`` is set. ``verifier`` is asked before each, so that
    a policy that changed is taken over."""
    known: dict[str, str] | None = None
    up = True
    while not stop.is_set():
        began = time.monotonic()
        found = verifier().round(stop=stop)
        if found.stopped:
            return
        if metrics is not None:
            metrics.note(found, time.time())
        if not found.answered:
            if up:
                tell("down", found.findings[0].message if found.findings else "no answer")
            up = False
        else:
            if not up:
                tell("up", "the deployment answers again")
            up = True
            known = _changes(known, found, tell)
        stop.wait(max(0.0, seconds - (time.monotonic() - began)))


def _changes(known: dict[str, str] | None, found: Round, tell: Tell) -> dict[str, str]:
    """Tells what is new and what is gone, and returns what is there now."""
    now = _by_cause(found.findings)
    if known is None:
        drifts = "no drift" if not now else f"{len(now)} drift{'s' if len(now) > 1 else ''}"
        tell("start", f"{drifts}; {found.chosen.coverage} asked in {found.seconds:.1f} s")
    before = known or {}
    for cause in now.keys() - before.keys():
        tell("drift", now[cause])
    for cause in before.keys() - now.keys():
        tell("gone", before[cause])
    return now


def _by_cause(findings: Sequence[Finding]) -> dict[str, str]:
    return {f"{each.rule} {each.message}": f"{each.message} [{each.rule}]" for each in findings}


@contextmanager
def exported(metrics: Metrics, host: str, port: int) -> Iterator[str]:
    """Serves ``/metrics`` for the time of the ``with``; its URL. Raises OSError if it cannot."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds for a scraper that says nothing

        def do_GET(self) -> None:
            found = self.path.partition("?")[0] == "/metrics"
            body = (metrics.text() if found else "metrics are at /metrics\n").encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", CONTENT_TYPE if found else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Scrapes are not news."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A scraper that hangs up is not news either."""

    with Server((host, port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
        thread.start()
        try:
            bound, chosen = server.server_address[:2]
            yield f"http://{bound!s}:{chosen}/metrics"
        finally:
            server.shutdown()
            thread.join()
