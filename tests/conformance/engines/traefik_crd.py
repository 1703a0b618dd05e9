"""Traefik with its kubernetescrd provider, which reads the rendered objects from an API of a
cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.conformance.engines import Launch, Live, Rendered, traefik
from tests.layers.manifests.cluster_api import cluster_api, service


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        (file,) = rendered.files
        objects = list(yaml.safe_load_all(file.text))
        with cluster_api([*objects, *_services(objects)]) as api:
            options = [
                f"--entryPoints.web.address=127.0.0.1:{rendered.port}",
                f"--providers.kubernetesCRD.endpoint={api}",
                "--providers.kubernetesCRD.token=x",
            ]
            with traefik.running(rendered, options) as live:
                yield live

    yield launch


def _services(objects: list[Any]) -> Iterator[Any]:
    """The Services that the routes lead to, on ports of this machine."""
    found = {
        (each["name"], route["metadata"]["namespace"], each["port"])
        for route in objects
        if route["kind"] == "IngressRoute"
        for rule in route["spec"]["routes"]
        for each in rule["services"]
        if "port" in each
    }
    for name, namespace, port in found:
        yield from service(name, namespace, port)
