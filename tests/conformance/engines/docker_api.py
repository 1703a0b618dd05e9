"""As much of Docker's API as Traefik asks for: containers with labels, and events that never
come."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_VERSION = "1.44"


@contextmanager
def docker_api(containers: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """An API whose running containers (name -> labels) have the address of this machine."""
    summaries = [_container(name, labels) for name, labels in containers.items()]
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path.endswith("/events"):
                self.send_response(200)
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.flush()
                over.wait()
                self.close_connection = True
            elif path.endswith("/containers/json"):
                self._send([summary for summary, _ in summaries])
            elif path.endswith("/json"):
                name = path.split("/")[-2]
                self._send(next(whole for _, whole in summaries if whole["Id"] == name))
            else:
                self._send({"Version": "27.0.0", "ApiVersion": _VERSION, "MinAPIVersion": "1.24"})

        do_HEAD = do_GET  # noqa: N815 (its name)

        def _send(self, body: Any) -> None:
            text = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Api-Version", _VERSION)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name)
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that ends while it waits for events is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _container(name: str, labels: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a list says of a container, and what is said of it alone."""
    networks = {"Networks": {"bridge": {"IPAddress": "127.0.0.1", "NetworkID": "bridge"}}}
    summary = {
        "Id": name,
        "Names": [f"/{name}"],
        "Labels": labels,
        "State": "running",
        "Status": "Up",
        "NetworkSettings": networks,
        "HostConfig": {"NetworkMode": "bridge"},
    }
    whole = {
        "Id": name,
        "Name": f"/{name}",
        "State": {"Status": "running", "Running": True},
        "Config": {"Labels": labels},
        "NetworkSettings": {**networks, "Ports": {}},
        "HostConfig": {"NetworkMode": "bridge"},
    }
    return summary, whole
