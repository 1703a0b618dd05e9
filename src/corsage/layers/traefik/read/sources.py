"""One tree of YAML, TOML and labels: names are spelled as Traefik's documentation does."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date, time
from typing import Any

from corsage.layers.source import Source, UnreadableError
from corsage.layers.yaml_document import Value, documents, where

_WRITTEN = """
    entryPoints middlewares rule service priority tls address
    accessControlAllowCredentials accessControlAllowHeaders accessControlAllowMethods
    accessControlAllowOriginList accessControlAllowOriginListRegex accessControlExposeHeaders
    accessControlMaxAge accessControlAllowOrigin addVaryHeader customResponseHeaders headers chain
    basicAuth digestAuth forwardAuth redirectScheme redirectRegex scheme permanent regex
    replacement rateLimit ipAllowList sourceRange rejectStatusCode stripPrefix prefixes addPrefix
    prefix replacePath path loadBalancer servers server url port http routers services
"""
_NAMES = {name.lower(): name for name in _WRITTEN.split()}
_LISTS = frozenset(
    [
        "middlewares",
        "entryPoints",
        "accessControlAllowHeaders",
        "accessControlAllowMethods",
        "accessControlAllowOriginList",
        "accessControlAllowOriginListRegex",
        "accessControlExposeHeaders",
        "prefixes",
        "sourceRange",
    ]
)
_FREE = ("customResponseHeaders", "customRequestHeaders", "routers", "middlewares", "services")
"""Maps whose keys are somebody's own names."""
_HEAD = re.compile(r"traefik\.http\.(?:routers|middlewares|services)\.", re.IGNORECASE)
_DEEPEST = 20


def roots(source: Source) -> list[Value]:
    """The documents of a file of the file provider."""
    found = [_toml(source)] if source.path.endswith(".toml") else documents(source)
    return [_spelled(value, "", 0) for value in found]


def labels(source: Source) -> Iterator[tuple[str, Value]]:
    """The services of a Compose file with the tree of their labels."""
    if source.path.endswith(".toml"):
        return
    for document in documents(source):
        for name, service in document.items("services"):
            given = [*_labels_of(service), *_labels_of(service.get("deploy"))]
            tree: dict[str, Any] = {}
            for label, value in given:
                if _HEAD.match(label):
                    _put(tree, label.split(".")[1:], value)
            if tree:
                yield name, _spelled(_built(tree, service), "", 0)


def _labels_of(holder: Value | None) -> Iterator[tuple[str, Value]]:
    if holder is None:
        return
    yield from holder.items("labels")
    for each in holder.elements("labels"):
        name, separator, text = each.text.partition("=")
        if separator:
            # The value stands behind the name, and perhaps a quote.
            column = each.column + len(name) + 1
            yield name.strip(), Value(text, each.line, column, text)


def _put(tree: dict[str, Any], path: list[str], value: Value) -> None:
    text = value.text.replace("$$", "$")
    last = len(path) - 1
    for number, part in enumerate(path):
        if path[number - 1].lower() == "customresponseheaders":
            part = ".".join(path[number:])
            last = number
        if number >= last:
            tree[part] = Value(text, value.line, value.column, text)
            return
        below = tree.setdefault(part, {})
        if not isinstance(below, dict):
            return
        tree = below


def _built(tree: dict[str, Any], place: Value) -> Value:
    data = {
        name: _built(each, _first(each) or place) if isinstance(each, dict) else each
        for name, each in tree.items()
    }
    keys = {name: (each.line, each.column) for name, each in data.items()}
    return Value(data, place.line, place.column, keys=keys)


def _first(tree: dict[str, Any]) -> Value | None:
    each = next(iter(tree.values()), None)
    return _first(each) if isinstance(each, dict) else each


def _spelled(value: Value, within: str, depth: int) -> Value:
    """The tree with its names spelled alike, and lists where one text holds several."""
    if depth > _DEEPEST:
        return value
    if isinstance(value.data, dict):
        free = within in _FREE and depth < _DEEPEST
        names = {name: name if free else _NAMES.get(name.lower(), name) for name in value.data}
        data = {
            names[name]: _spelled(each, "" if free else names[name], depth + 1)
            for name, each in value.data.items()
        }
        keys = {names[name]: place for name, place in (value.keys or {}).items() if name in names}
        return Value(data, value.line, value.column, value.text, keys)
    if isinstance(value.data, list):
        elements = [_spelled(each, "", depth + 1) for each in value.data]
        return Value(elements, value.line, value.column, value.text, value.keys)
    if within in _LISTS and value.text:
        parts, at = [], 0
        for part in value.text.split(","):
            indent = len(part) - len(part.lstrip())
            parts.append(Value(part.strip(), value.line, value.column + at + indent, part.strip()))
            at += len(part) + 1
        return Value(parts, value.line, value.column)
    return value


# TOML


def _toml(source: Source) -> Value:
    try:
        data = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(found[1]), int(found[2])) if found else (0, 0)
        raise UnreadableError(where(source, line, column), f"not TOML: {error}") from error
    return _Places(source.text).value(data, 0)


class _Places:
    """Finds what tomllib read again in the text, in the order in which it stands there."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._at = 0

    def value(self, data: Any, depth: int) -> Value:
        line, column = self._at + 1, 1
        if isinstance(data, dict) and depth < _DEEPEST:
            found, keys = {}, {}
            for name, each in data.items():
                place = self._find(name)
                found[name] = self.value(each, depth + 1)
                keys[name] = place
            return Value(found, line, column, keys=keys)
        if isinstance(data, list) and depth < _DEEPEST:
            return Value([self.value(each, depth + 1) for each in data], line, column)
        text = str(data).lower() if isinstance(data, bool) else str(data)
        line, column = self._find(text)
        plain = None if isinstance(data, date | time | dict | list) else data
        return Value(plain, line, column, text)

    def _find(self, text: str) -> tuple[int, int]:
        # From where the last one was found to the end; tables may come in any order.
        for number in (*range(self._at, len(self._lines)), *range(self._at)):
            column = self._lines[number].find(text)
            if column >= 0 and text:
                self._at = number
                return number + 1, column + 1
        return self._at + 1, 1
