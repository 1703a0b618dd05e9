"""docker-compose files: what runs, under which names, built from which folder, with which files.

https://docs.docker.com/reference/compose-file/services/. Within a project a service is reached by
its name on the ports it listens on; the compose file does not have to say which, so the name
alone counts.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from corsage.layers.site import Workload
from corsage.layers.source import Reader, Reading, Source
from corsage.layers.yaml_document import Value, documents, where

# [host address:][host port:]container port[/protocol], ports may be ranges.
_PORT = re.compile(r"(?:(?:[0-9.]+|\[[0-9a-f:]+\]):)?(?:(?P<host>\d+)(?:-\d+)?:)?(?P<inner>\d+)\S*")
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?-([^}]*)\}")


def _detect(_path: str, text: str) -> bool:
    return re.search(r"^services:", text, re.MULTILINE) is not None


def _parse(source: Source) -> Reading:
    workloads: list[Workload] = []
    for document in documents(source):
        for name, service in document.items("services"):
            place = where(source, *(document.get("services") or service).key(name))
            ports = list(_ports(service))
            names = [name, *_names(service)]
            workloads.append(
                Workload(
                    name=name,
                    where=place,
                    reached_at=tuple(dict.fromkeys(names)),
                    image=service.string("image"),
                    folder=_folder(source.path, service),
                    mounts=tuple(_mounts(source.path, service)),
                    published=tuple(host for host, _ in ports if host),
                )
            )
    return Reading(workloads=tuple(workloads))


def _names(service: Value) -> Iterator[str]:
    for key in ("container_name", "hostname"):
        if name := service.string(key):
            yield name
    for _, network in service.items("networks"):
        yield from (alias.text for alias in network.elements("aliases"))


def _ports(service: Value) -> Iterator[tuple[str, str]]:
    """Published and inner port; the published one is empty where the machine picks it."""
    for port in service.elements("ports"):
        if isinstance(port.data, dict):
            yield port.string("published"), port.string("target")
        elif parts := _PORT.fullmatch(_expanded(port.text)):
            yield parts["host"] or "", parts["inner"]


def _folder(path: str, service: Value) -> str:
    build = service.get("build")
    if build is None:
        return ""
    context = build.string("context") if isinstance(build.data, dict) else build.text
    return _beside(path, _expanded(context or "."))


def _mounts(path: str, service: Value) -> Iterator[str]:
    for volume in service.elements("volumes"):
        if isinstance(volume.data, dict):
            outside = volume.string("source") if volume.string("type") == "bind" else ""
        else:
            outside = _expanded(volume.text).partition(":")[0]
        if outside.startswith((".", "/")) or "/" in outside:
            yield _beside(path, outside)


def _beside(path: str, relative: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), relative))


def _expanded(text: str) -> str:
    """``${NAME:-default}`` as its default; a variable without one stays as it is."""
    return _VARIABLE.sub(r"\1", text)


def _link(parsed: Mapping[str, Reading]) -> Reading:
    return Reading(workloads=tuple(w for reading in parsed.values() for w in reading.workloads))


READER = Reader("compose", _detect, _parse, _link)
"""Reads what runs; Traefik's labels are the Traefik reader's."""
