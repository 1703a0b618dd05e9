"""Ingresses of ingress-nginx: what is predicted is what nginx answers, driven as the controller
drives it, and what the controller misreads is said where it stands."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from typing import Any

from corsage.layers.ingress_nginx import annotations as known
from tests.conformance.engines.ingress_nginx import _INNER_ORIGIN, _METHODS, _OUTER_ORIGINS, cors
from tests.conformance.engines.ingress_nginx import nginx_conf as controller
from tests.conformance.engines.process import free_port, process
from tests.conformance.upstream import upstream
from tests.layers.manifests.served import differences, read_objects, requests

PREFIX = known.PREFIX
APP = "https://app.example.com"

WRITTEN: list[dict[str, str]] = [
    {},
    {"enable-cors": "true"},
    {"enable-cors": "True"},
    {"enable-cors": "1"},
    {"enable-cors": "yes"},
    {"enable-cors": "false", "cors-allow-origin": APP},
    {"cors-allow-origin": APP},
    {"enable-cors": "true", "cors-allow-origin": APP},
    {"enable-cors": "true", "cors-allow-origin": "https://a.x/"},
    {"enable-cors": "true", "cors-allow-origin": "https://a.x/app"},
    {"enable-cors": "true", "cors-allow-origin": "https://my_h.x"},
    {"enable-cors": "true", "cors-allow-origin": "HTTPS://a.x"},
    {"enable-cors": "true", "cors-allow-origin": "http://[::1]:3000"},
    {"enable-cors": "true", "cors-allow-origin": "https://a.x;https://b.x"},
    {"enable-cors": "true", "cors-allow-origin": "https?://a.x"},
    {"enable-cors": "true", "cors-allow-origin": "https://a.x:*"},
    {"enable-cors": "true", "cors-allow-origin": "      "},
    {"enable-cors": "true", "cors-allow-origin": f"*, {APP}"},
    {"enable-cors": "true", "cors-allow-origin": "app.example.com"},
    {"enable-cors": "true", "cors-allow-origin": "*.example.com"},
    {"enable-cors": "true", "cors-allow-origin": "https://app.*.com"},
    {"enable-cors": "true", "cors-allow-origin": f"{APP} https://b.example"},
    {"enable-cors": "true", "cors-allow-origin": "chrome-extension://abc"},
    {"enable-cors": "true", "cors-allow-origin": "com.app.x://h"},
    {"enable-cors": "true", "cors-allow-origin": "null"},
    {"enable-cors": "true", "cors-allow-origin": "capacitor://localhost, tauri://localhost:3000"},
    {"enable-cors": "true", "cors-allow-origin": "https://*.example.com"},
    {"enable-cors": "true", "cors-allow-origin": f"{APP}, b.example, https://b.example:8443"},
    {"enable-cors": "true", "cors-allow-origin": f"{APP},   ,https://b.example,"},
    {"enable-cors": "true", "cors-allow-origin": "https://a.x\n"},
    {"enable-cors": "true", "cors-allow-credentials": "false"},
    {"enable-cors": "true", "cors-allow-credentials": "no", "cors-allow-origin": APP},
    {"enable-cors": "true", "cors-allow-credentials": "f", "cors-allow-origin": APP},
    {"enable-cors": "true", "cors-allow-methods": "*"},
    {"enable-cors": "true", "cors-allow-methods": "get, put", "cors-allow-origin": APP},
    {"enable-cors": "true", "cors-allow-methods": "GET,  PUT"},
    {"enable-cors": "true", "cors-allow-methods": "GET PUT"},
    {"enable-cors": "true", "cors-allow-headers": "*"},
    {"enable-cors": "true", "cors-allow-headers": "X-One, X_Two", "cors-allow-origin": APP},
    {"enable-cors": "true", "cors-allow-headers": "X-One; X-Two"},
    {"enable-cors": "true", "cors-expose-headers": "*, X-Total"},
    {"enable-cors": "true", "cors-expose-headers": "X-Total; X-Page"},
    {"enable-cors": "true", "cors-max-age": "600"},
    {"enable-cors": "true", "cors-max-age": "-1"},
    {"enable-cors": "true", "cors-max-age": "0"},
    {"enable-cors": "true", "cors-max-age": "10m"},
]

ORIGINS = (
    None,
    "null",
    APP,
    "https://APP.example.com",
    "https://b.example",
    "https://b.example:8443",
    "https://a.b.example.com",
    "https://app.example.com.stranger.example",
    "xhttps://app.example.com",
    "capacitor://localhost",
    "tauri://localhost:3000",
)

# Short, since the controller's own expressions take time that doubles with each letter in Python.
PIECES = ("https://", "x://", "*.", "*", "b", ".e", ":80", ",", " ", "/", "null")


def mutated(seed: int, count: int) -> Iterator[dict[str, str]]:
    """Annotations that nobody thought of."""
    choose = random.Random(seed)
    for _ in range(count):
        origins = "".join(choose.choices(PIECES, k=choose.randint(1, 5)))
        found = {"enable-cors": "true", "cors-allow-origin": origins}
        for name in ("cors-allow-methods", "cors-allow-headers", "cors-expose-headers"):
            if choose.random() < 0.3:
                found[name] = "".join(choose.choices(["GET", "X-A", ", ", ",", "*", " "], k=4))
        yield found


def ingress(host: str, written: Mapping[str, str], port: int) -> Any:
    backend = {"service": {"name": "api", "port": {"number": port}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": host.partition(".")[0],
            "namespace": "default",
            "annotations": {PREFIX + name: value for name, value in written.items()},
        },
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{"host": host, "http": {"paths": [path]}}],
        },
    }


CONTROLLER = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "ingress-nginx-controller", "namespace": "ingress-nginx"},
    "data": {"global-allowed-response-headers": "Vary"},
}


def test_what_nginx_answers_is_predicted_header_for_header(tmp_path, nginx_with_headers_more):
    """For every line of the controller's own table, and forty that nobody thought of."""
    cases = [*WRITTEN, *mutated(5, 40)]
    port = free_port()
    with upstream() as behind:
        behind_port = int(behind.url.rpartition(":")[2])
        led = [
            ingress(f"case{number}.example", written, behind_port)
            for number, written in enumerate(cases)
        ]
        (tmp_path / "nginx.conf").write_text(controller([CONTROLLER, *led], port))
        (tmp_path / "logs").mkdir()
        asked = [
            request
            for number in range(len(cases))
            for request in requests(
                f"case{number}.example", "/", ORIGINS if number < len(WRITTEN) else ORIGINS[:7]
            )
        ]
        command = [nginx_with_headers_more, "-p", str(tmp_path), "-c", "nginx.conf"]
        with process(command, tmp_path, port):
            wrong = differences(port, read_objects(led).instances, asked)
    assert not wrong, f"{len(wrong)}: {wrong[:3]}"


SNIPPETS = [
    ({}, "add_header Access-Control-Allow-Origin *;"),
    (
        {},
        """\
more_set_headers "Access-Control-Allow-Origin: $http_origin";
more_set_headers "Vary: Origin";
""",
    ),
    (
        {},
        """\
if ($http_origin ~* "^https://[a-z]+\\.example\\.com$") {
  set $allowed $http_origin;
}
add_header Access-Control-Allow-Origin $allowed always;
add_header Access-Control-Allow-Credentials true always;
""",
    ),
    (
        {},
        """\
if ($request_method = OPTIONS) {
  add_header Access-Control-Allow-Origin $http_origin;
  add_header Access-Control-Allow-Methods "GET, PUT";
  return 204;
}
add_header Access-Control-Allow-Origin $http_origin;
""",
    ),
    ({"enable-cors": "true", "cors-allow-origin": APP}, "add_header Vary Origin always;"),
    ({"enable-cors": "true"}, "add_header Access-Control-Allow-Origin https://b.example always;"),
    ({"enable-cors": "true"}, "proxy_hide_header Access-Control-Expose-Headers;\n# Vary\n"),
]


def test_what_snippets_add_is_predicted_header_for_header(tmp_path, nginx_with_headers_more):
    port = free_port()
    with upstream() as behind:
        led, servers = [], []
        for number, (written, snippet) in enumerate(SNIPPETS):
            host = f"case{number}.example"
            led.append(ingress(host, {**written, "configuration-snippet": snippet}, 80))
            body = "\n".join([*cors(written), snippet, f"proxy_pass {behind.url};"])
            servers.append(
                f"server {{ listen 127.0.0.1:{port}; server_name {host};"
                f" location / {{\n{body}\n}} }}"
            )
        empty, _, end = controller([CONTROLLER], port).rpartition("}")
        (tmp_path / "nginx.conf").write_text(f"{empty}{' '.join(servers)}}}{end}")
        (tmp_path / "logs").mkdir()
        asked = [
            request
            for number in range(len(SNIPPETS))
            for request in requests(f"case{number}.example", "/", ORIGINS[:6])
        ]
        command = [nginx_with_headers_more, "-p", str(tmp_path), "-c", "nginx.conf"]
        with process(command, tmp_path, port):
            wrong = differences(port, read_objects(led).instances, asked)
    assert not wrong, f"{len(wrong)}: {wrong[:3]}"


def test_no_expression_of_ours_takes_other_texts_than_the_controllers():
    """Ours do not repeat what repeats, so that a hostile value costs no time."""
    for length in range(5):
        for pieces in itertools.product(("a", "x://", "*.", ":1", ",", "null", " "), repeat=length):
            text = "".join(pieces)
            bare = text.replace(" ", "")
            assert bool(known._OUTER.fullmatch(bare)) == bool(_OUTER_ORIGINS.fullmatch(bare)), text
            entry = text.strip()
            if entry:
                assert bool(known._INNER.fullmatch(entry)) == bool(_INNER_ORIGIN.fullmatch(entry))
    for length in range(1, 6):
        for pieces in itertools.product(("GET", "a", ",", " ", "*"), repeat=length):
            text = "".join(pieces)
            assert bool(known._METHODS.fullmatch(text)) == bool(_METHODS.fullmatch(text)), text
