"""Packages that export the names of their modules without importing them all."""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False  # as type checkers know it; importing typing would double the time
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType


def export(package: str, homes: Mapping[str, tuple[str, ...]]) -> None:
    """Give a package the names of its modules, each imported when it is first asked for.

    ``homes`` says which names stand in which module of the package. They become properties and
    not a ``__getattr__``, because an import binds a module in its package: where it is called as
    what it holds (``judge``), the module would hide the function.
    """
    names = {
        name: _property(f"{package}.{home}", name) for home, held in homes.items() for name in held
    }
    sys.modules[package].__class__ = type("Package", (type(sys),), names)


def _property(home: str, name: str) -> property:
    def get(_: ModuleType) -> object:
        return getattr(import_module(home), name)

    def keep(_: ModuleType, value: object) -> None:
        """The import system binds the module here; the name stays what is exported."""

    return property(get, keep)
