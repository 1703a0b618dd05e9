"""Traefik with its docker provider, which reads the rendered labels from a Docker API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.conformance.engines import Launch, Live, Rendered, traefik
from tests.conformance.engines.docker_api import docker_api


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        (file,) = rendered.files
        services = yaml.safe_load(file.text)["services"]
        with docker_api({name: _labels(each["labels"]) for name, each in services.items()}) as api:
            options = [
                f"--entryPoints.web.address=127.0.0.1:{rendered.port}",
                f"--providers.docker.endpoint={api}",
            ]
            with traefik.running(rendered, options) as live:
                yield live

    yield launch


def _labels(written: dict[str, str]) -> dict[str, str]:
    """As Docker Compose gives them to Docker: what it would expand is escaped."""
    labels = {name: value.replace("$$", "\0") for name, value in written.items()}
    assert not any("$" in value for value in labels.values()), "Compose would expand it"
    return {name: value.replace("\0", "$") for name, value in labels.items()}
