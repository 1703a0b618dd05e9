"""Reads JavaScript and TypeScript: Express, Fastify, Koa, Nest, and headers written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corsage.layers.apps import tree
from corsage.layers.apps.own import is_own
from corsage.layers.apps.project import Project
from corsage.layers.javascript_apps import express, handlers, own, plugins
from corsage.layers.javascript_apps.cookies import cookies
from corsage.layers.javascript_apps.lower import lower
from corsage.layers.site import Cookie, Instance, Slip
from corsage.layers.source import Reader, Reading, Source, UnreadableError
from corsage.layers.where import Where

MOST_CHARACTERS = 512 * 1024
"""Of one file; what is larger is a bundle, not source."""
_LONGEST_LINE = 5_000
_WORDS = (
    "cors",
    "Cors",
    "CORS",
    "Access-Control-",
    "access-control-",
    "sameSite",
    "ORIGINS",
    "origins",
    "Origins",
)


def detect(path: str, text: str) -> bool:
    """Whether a file may say something about CORS, and was written by people."""
    if "node_modules/" in path or ".min." in path:
        return False
    if not any(word in text for word in _WORDS):
        return False
    return max(map(len, text.split("\n")), default=0) <= _LONGEST_LINE


def parse(source: Source) -> tree.Module:
    """The tree of a file. Raises UnreadableError."""
    if len(source.text) > MOST_CHARACTERS:
        raise UnreadableError(Where(source.path), f"larger than {MOST_CHARACTERS // 1024} KiB")
    return lower(source)


def link(parsed: Mapping[str, Any]) -> Reading:
    """What all the files say together."""
    project = Project(parsed)
    instances: list[Instance] = []
    slips: list[Slip] = []
    all_cookies: list[Cookie] = []
    for path in parsed:
        run, events = project.run(path)
        if is_own(run.module) and (written := own.read(run)) is not None:
            instances.append(written)
            continue
        found: express.Containers = {}
        products: dict[object, str] = {}
        plugins.read(run, events, found, products)
        express.read(run, events, found, products)
        set_by_app = [*cookies(run, events)]
        for _closure, inner in run.functions():
            set_by_app += cookies(run, inner)
            plugins.read(run, inner, found, products)
            express.read(run, inner, found, products)
        if not any(container.layers for container in found.values()):
            handler = handlers.read(run, events)
            if handler is not None:
                found["handler"] = handler
                products["handler"] = "Node.js"
        all_cookies += set_by_app
        for key, container in found.items():
            layers = express.flattened(container, found)
            if container.is_mounted:
                slips += container.slips
                continue
            slips += express.access_slips(run.module, layers)
            product = products.get(key, "Express")
            made = express.instance(run, container, found, product)
            if made is None:
                continue
            instances.append(made)
            slips += container.slips
            slips += express.order_slips(run.module, layers)
    return Reading(tuple(instances), slips=tuple(slips), cookies=tuple(dict.fromkeys(all_cookies)))


READER = Reader("javascript", detect, parse, link)
