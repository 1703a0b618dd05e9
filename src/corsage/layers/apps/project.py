"""The files of a run together: what one exports, another may import."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import replace

from corsage.layers.apps import tree
from corsage.layers.apps.events import Event, Stored
from corsage.layers.apps.run import Run
from corsage.layers.apps.values import Const, Fields, Thing, Value

_EXTENSIONS = (".js", ".ts", ".mjs", ".cjs", ".tsx", ".jsx", ".mts", ".cts")


class Project:
    """Modules by path. Each is run once, when it is asked for or imported."""

    def __init__(
        self, modules: Mapping[str, tree.Module], known: Mapping[str, Value] | None = None
    ) -> None:
        self.modules = modules
        self._known = known or {}  # what packages export, by its full name
        self._runs: dict[str, tuple[Run, list[Event]]] = {}
        self._running: list[str] = []
        self._by_stem: dict[str, list[str]] = {}
        for path in modules:
            self._by_stem.setdefault(posixpath.basename(_stem(path)), []).append(path)

    def run(self, path: str) -> tuple[Run, list[Event]]:
        """A module's run, and the events of its top level."""
        if path not in self._runs:
            module = replace(self.modules[path], beside=self.modules)
            run = Run(module, lambda source, name: self._imported(path, source, name))
            self._running.append(path)
            try:
                self._runs[path] = run, run.start()
            finally:
                self._running.pop()
        return self._runs[path]

    def _imported(self, path: str, source: str, name: str) -> Value | None:
        if (known := self._known.get(f"{source}.{name}")) is not None:
            return known
        target = self._python(path, source) if path.endswith(".py") else _beside(path, source, self)
        if target is None and path.endswith(".py") and name != "*":
            target = self._python(path, f"{source}.{name}" if source.strip(".") else source + name)
            name = "*"
        if target is None or target in self._running or len(self._running) > 5:
            return None
        return self._exported(target, name)

    def _exported(self, target: str, name: str) -> Value | None:
        run, events = self.run(target)
        own = run.names.own
        if run.dialect == "python":
            return _whole(own) if name == "*" else own.get(name)
        exported = _exports(events)
        if name in ("default", "*"):
            whole = exported.get("module.exports") or own.get("default")
            if whole is not None and name == "default":
                return whole
            return whole if isinstance(whole, Fields) else _whole({**own, **exported})
        module = exported.get("module.exports")
        if isinstance(module, Fields) and (found := module.get(name)) is not None:
            return found
        return exported.get(name) or own.get(name)

    def _python(self, path: str, source: str) -> str | None:
        dots = len(source) - len(source.lstrip("."))
        parts = source.lstrip(".").replace(".", "/")
        if dots:
            folder = posixpath.dirname(path)
            for _ in range(dots - 1):
                folder = posixpath.dirname(folder)
            wanted = posixpath.join(folder, parts)
            found = [wanted + ".py", posixpath.join(wanted, "__init__.py")]
            return next((one for one in found if one in self.modules), None)
        if not parts:
            return None
        beside = posixpath.join(posixpath.dirname(path), parts)
        near = [f"{beside}.py", f"{beside}/__init__.py", f"{parts}.py", f"{parts}/__init__.py"]
        for one in near:
            if one in self.modules:
                return one
        ends = (f"/{parts}.py",)
        stem = posixpath.basename(parts)
        found = [one for one in self._by_stem.get(stem, []) if one.endswith(ends)]
        return found[0] if len(found) == 1 else None


def _beside(path: str, source: str, project: Project) -> str | None:
    if not source.startswith("."):
        return None
    wanted = posixpath.normpath(posixpath.join(posixpath.dirname(path), source))
    stem = _stem(wanted) if wanted.endswith(_EXTENSIONS) else wanted
    bases = [wanted, stem, posixpath.join(wanted, "index")]
    found = [base + extension for base in bases for extension in ("", *_EXTENSIONS)]
    return next((one for one in found if one in project.modules), None)


def _stem(path: str) -> str:
    return posixpath.splitext(path)[0]


def _exports(events: list[Event]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for event in events:
        if isinstance(event, Stored) and isinstance(event.of, Thing):
            if event.of.name == "module" and event.name == "exports":
                found["module.exports"] = event.value
            elif event.of.name in ("exports", "module.exports"):
                found[event.name] = event.value
    return found


def _whole(names: Mapping[str, Value]) -> Fields:
    pairs = tuple((Const(tree.NOWHERE, name), value) for name, value in names.items())
    return Fields(tree.NOWHERE, pairs)
