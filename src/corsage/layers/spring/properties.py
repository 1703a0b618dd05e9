"""``application.yml`` and ``application.properties``: one tree of settings, by relaxed names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from corsage.layers.source import Source
from corsage.layers.where import Where
from corsage.layers.yaml_document import Value, documents

_PLACEHOLDER = re.compile(r"\$\{([^:}]+)(:([^}]*))?\}")
_KEY = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_DEEPEST = 40


@dataclass(slots=True)
class Setting:
    """A setting, or what is below one. ``text`` None: it has only parts."""

    where: Where
    text: str | None = None
    parts: dict[str, Setting] = field(default_factory=dict)

    def get(self, *names: str) -> Setting | None:
        """What is below some names, however they are spelt."""
        found: Setting | None = self
        for name in names:
            found = found.parts.get(relaxed(name)) if found is not None else None
        return found

    def texts(self) -> list[tuple[str, Where]]:
        """A list, written as one or with commas."""
        if self.text is not None:
            return [(part.strip(), self.where) for part in self.text.split(",") if part.strip()]
        return [(part.text, part.where) for part in self.parts.values() if part.text is not None]


def relaxed(name: str) -> str:
    """A name as Spring Boot compares it; what is in brackets stays."""
    return name if "/" in name else re.sub("[-_]", "", name).lower()


def resolved(text: str) -> tuple[str, str]:
    """A text with the defaults of its placeholders, and the first of their names."""
    name = ""

    def default(found: re.Match[str]) -> str:
        nonlocal name
        name = name or found[1]
        return found[3] or ""

    return _PLACEHOLDER.sub(default, text), name


def parse(source: Source) -> list[Setting]:
    """The settings of a file, one tree for each of its documents. Raises UnreadableError."""
    if source.path.lower().endswith(".properties"):
        return [_of_lines(source)]
    lines = source.text.splitlines()
    return [_of_yaml(source.path, lines, document) for document in documents(source)]


def _of_yaml(path: str, lines: list[str], value: Value, depth: int = 0) -> Setting:
    shown = lines[value.line - 1][:500] if 0 < value.line <= len(lines) else ""
    where = Where(path, value.line, value.column, shown)
    setting = Setting(where)
    if depth > _DEEPEST:
        return setting
    if isinstance(value.data, dict):
        for key, below in value.data.items():
            inner = _of_yaml(path, lines, below, depth + 1)
            _put(setting, list(_names(key)), inner)
    elif isinstance(value.data, list):
        for number, item in enumerate(value.data):
            setting.parts[str(number)] = _of_yaml(path, lines, item, depth + 1)
    elif value.data is not None:
        setting.text = value.text
    return setting


def _names(key: str) -> Iterator[str]:
    for found in _KEY.finditer(key):
        yield relaxed(found[1] if found[1] is not None else found[2])


def _put(setting: Setting, names: list[str], inner: Setting) -> None:
    *above, last = names or [""]
    for name in above[:_DEEPEST]:
        setting = setting.parts.setdefault(name, Setting(inner.where))
    known = setting.parts.get(last)
    if known is None or inner.text is not None:
        setting.parts[last] = inner
    else:
        known.parts |= inner.parts


def _of_lines(source: Source) -> Setting:
    top = Setting(Where(source.path))
    for number, line in enumerate(source.text.splitlines(), 1):
        text = line.strip()
        found = re.match(r"([^=:\s#!][^=:\s]*(?:\[[^\]]*\][^=:\s]*)*)\s*[=:\s]\s*(.*)", text)
        if found is None:
            continue
        where = Where(source.path, number, line.find(found[2]) + 1, line[:500])
        names = list(_names(found[1]))
        if names:
            _put(top, names, Setting(where, found[2].strip()))
    return top
