"""Reads Spring Boot applications: Java configuration, annotations, security, settings."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from corsage.layers.apps import tree
from corsage.layers.apps.own import is_own
from corsage.layers.apps.project import Project
from corsage.layers.site import Cookie, Instance, Slip
from corsage.layers.source import Reader, Reading, Source, UnreadableError
from corsage.layers.spring import own, properties
from corsage.layers.spring.application import Application
from corsage.layers.spring.java_tree import lower
from corsage.layers.where import Where

MOST_CHARACTERS = 512 * 1024
"""Of one file."""
_WORDS = ("cors", "Cors", "CrossOrigin", "Access-Control-", "same-site")


def detect(path: str, text: str) -> bool:
    """Whether a file may say something about CORS, or about cookies beside it. (Kotlin is not
    read.)"""
    name = path.lower()
    if name.endswith(".kt"):
        return False
    words = (*_WORDS, "FilterChain") if name.endswith(".java") else _WORDS
    return any(word in text for word in words)


def parse(source: Source) -> Any:
    """The tree of a Java file, or the settings of another. Raises UnreadableError."""
    if len(source.text) > MOST_CHARACTERS:
        raise UnreadableError(Where(source.path), f"larger than {MOST_CHARACTERS // 1024} KiB")
    if source.path.lower().endswith(".java"):
        return lower(source)
    return properties.parse(source)


def link(parsed: Mapping[str, Any]) -> Reading:
    """What all the files say together, application by application."""
    modules = {path: one for path, one in parsed.items() if isinstance(one, tree.Module)}
    project = Project(modules)
    grouped: dict[str, list[str]] = defaultdict(list)
    for path in parsed:
        grouped[_root(path)].append(path)
    instances: list[Instance] = []
    slips: list[Slip] = []
    cookies: list[Cookie] = []
    for folder, paths in grouped.items():
        application = Application(_name(folder))
        for path in paths:
            if path in modules and is_own(modules[path]):
                written = own.read(modules[path])
                instances += [written] if written is not None else []
            elif path in modules:
                application.read(project.run(path)[0])
            else:
                for settings in parsed[path]:
                    application.configure(settings)
        instances += application.instances()
        slips += application.slips
        cookies += application.cookies
    return Reading(tuple(instances), slips=tuple(slips), cookies=tuple(cookies))


def _root(path: str) -> str:
    """The folder of the application that a file belongs to."""
    for part in ("/src/main/", "/src/test/"):
        if part in f"/{path}":
            return f"/{path}".partition(part)[0].strip("/") + ("|test" if "test" in part else "")
    return posixpath.dirname(path)


def _name(folder: str) -> str:
    return posixpath.basename(folder.partition("|")[0]) or "spring"


READER = Reader("spring", detect, parse, link)
