"""The service behind a gateway: a real HTTP server that counts what reaches it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.conformance import service


@dataclass
class Upstream:
    """``url`` is where it listens; ``seen`` how many requests reached it."""

    url: str
    seen: int = 0


@contextmanager
def upstream() -> Iterator[Upstream]:
    """A running :class:`Upstream` that answers as :mod:`tests.conformance.service` says."""
    state = Upstream("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body go out apart, and clients wait to confirm

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            # Counted before it is answered: who has the answer may ask for the count.
            state.seen += 1
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(length)
            name = service.answer_of(self.path)
            if name == service.CRASH:
                self.close_connection = True
                return
            answer = service.ANSWERS[name]
            self.send_response(answer.status)
            for line in answer.headers:
                self.send_header(*line)
            body = b"" if self.command == "HEAD" else b"answered by the service"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name)
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A gateway that closes a connection is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
