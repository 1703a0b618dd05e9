"""The real nginx with all the configurations, and the same ones as they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corsage.layers.nginx.read import READER
from corsage.layers.site import Instance
from corsage.layers.source import Reading, Source
from tests.layers.nginx_read import live
from tests.layers.nginx_read.mutants import mutants


def read(text: str, path: str = "nginx.conf", **others: str) -> Reading:
    """What the reader makes of a file, and of others beside it (``conf_d__a="..."``)."""
    files = {path: text, **{f"{name.replace('__', '/')}.conf": o for name, o in others.items()}}
    parsed = {name: READER.parse(Source(name, content)) for name, content in files.items()}
    return READER.link(parsed)


def instance_of(text: str) -> Instance:
    """The first server of a configuration."""
    return read(text).instances[0]


MUTANTS_OF_EACH = 6
SEED = 20261122


@pytest.fixture(scope="session", params=["system", "wheel"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[live.Live, list[live.Case]]]:
    """nginx 1.22 (Debian) and 1.31 (the wheel), with every configuration and its mutants."""
    written = [each for each in live.cases() if not each.needs or request.param == "wheel"]
    given = [*written, *mutants(written, MUTANTS_OF_EACH, SEED)]
    folder: Path = tmp_path_factory.mktemp(request.param)
    with live.serving(live.program(request.param), folder, given) as running:
        yield running, given
