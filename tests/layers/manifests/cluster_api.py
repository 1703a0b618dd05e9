"""As much of Kubernetes' API as a controller asks for that reads objects: lists, and watches in
which nothing happens."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_KINDS = (
    *("Service", "Secret", "ConfigMap", "Node", "Namespace", "Pod"),
    *("EndpointSlice", "Ingress", "IngressClass"),
    *("IngressRoute", "IngressRouteTCP", "IngressRouteUDP", "Middleware", "MiddlewareTCP"),
    *("TraefikService", "TLSOption", "TLSStore", "ServersTransport", "ServersTransportTCP"),
)


def _plural(kind: str) -> str:
    return f"{kind.lower()}{'es' if kind.endswith('ss') else 's'}"


_PLURALS = {_plural(kind): kind for kind in _KINDS}


def _path_of(each: Any) -> str:
    version = each["apiVersion"]
    return f"/{'apis' if '/' in version else 'api'}/{version}/{_plural(each['kind'])}"


@contextmanager
def cluster_api(objects: Sequence[Any]) -> Iterator[str]:
    """The API of a cluster that holds these objects; yields its address."""
    lists: dict[str, list[Any]] = {}
    for each in objects:
        lists.setdefault(_path_of(each), []).append(each)
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = parse_qs(url.query)
            if url.path == "/version":
                self._send(200, {"major": "1", "minor": "33", "gitVersion": "v1.33.0"})
            elif "sendInitialEvents" in query:
                self._send(422, {"kind": "Status", "status": "Failure", "code": 422})
            elif query.get("watch") in (["true"], ["1"]):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.flush()
                over.wait()
                self.close_connection = True
            else:
                items = lists.get(url.path, [])
                version, _, plural = url.path.partition("/api")[2].partition("/")[2].rpartition("/")
                self._send(
                    200,
                    {
                        "kind": f"{_PLURALS.get(plural, '')}List",
                        "apiVersion": version,
                        "metadata": {"resourceVersion": "1"},
                        "items": items,
                    },
                )

        do_PUT = do_PATCH = do_POST = do_GET  # noqa: N815 -- their names

        def _send(self, status: int, body: Any) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name)
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A controller that ends with its watches open is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def service(name: str, namespace: str, port: int) -> list[Any]:
    """A Service whose only endpoint is a port of this machine."""
    meta = {"name": name, "namespace": namespace}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": meta,
            "spec": {
                "clusterIP": "10.0.0.1",
                "ports": [{"name": "http", "port": port, "targetPort": port, "protocol": "TCP"}],
            },
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**meta, "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4",
            "endpoints": [
                {"addresses": ["127.0.0.1"], "conditions": {"ready": True, "serving": True}}
            ],
            "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
        },
    ]
