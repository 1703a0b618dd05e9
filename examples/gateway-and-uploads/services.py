"""One service behind a gateway, one beside it: ``examples/gateway-and-uploads/services.py``."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from corsage import Cors
from corsage.policy.load import load_policy
from corsage.policy.model import Policy

App: TypeAlias = Callable[..., Iterable[bytes]]


def service(name: str) -> App:
    """A service that says its name and what it was asked, and knows nothing of CORS."""

    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        length = len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        body = json.dumps({"service": name, "asked": asked, "bytes": length}).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("ETag", '"1"')])
        return [body]

    return answer


def apps(policy: Policy) -> dict[str, App]:
    """The services by name: browsers reach ``uploads`` directly, so it answers for itself."""
    return {
        "orders": service("orders"),
        "uploads": Cors(service("uploads"), policy=policy, service="uploads"),
    }


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- inherited name
        pass


def main() -> None:
    file = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).with_name("cors.yaml")
    policy = load_policy(file.read_text(), str(file))
    for name, app in apps(policy).items():
        url = policy.services[name].url
        server = make_server("127.0.0.1", urlsplit(url).port or 80, app, Server, Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"{name} answers at {url}", flush=True)
    print("ready", flush=True)
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


if __name__ == "__main__":
    main()
