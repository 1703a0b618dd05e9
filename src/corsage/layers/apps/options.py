"""The options that a library is given, one by one, with what is not known of them."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.apps import tree
from corsage.layers.apps.run import simple
from corsage.layers.apps.values import (
    Const,
    Fields,
    Items,
    Made,
    Thing,
    Unknown,
    Value,
    as_text,
    assumptions,
)
from corsage.layers.site import ClauseName, Setting
from corsage.layers.site import Unknown as NotKnown


class Options:
    """Reads options, and notes where each stands and what the source does not show."""

    def __init__(
        self, module: tree.Module, at: tree.At, given: Mapping[str, Value], rest: str = ""
    ) -> None:
        self.module = module
        self.at = at
        self.given = given
        self.rest = rest
        self.settings: list[Setting] = []
        self.unknown: list[NotKnown] = []

    def get(self, *names: str) -> Value | None:
        """The value of an option, None if it is not given."""
        return next((self.given[name] for name in names if name in self.given), None)

    def note(self, clause: ClauseName, value: Value | At, why: str) -> None:
        """A clause that is not known."""
        where = self.module.where(value if isinstance(value, tree.At) else value.at)
        if where.line == 0:
            where = self.module.where(self.at)
        found = NotKnown(clause, where, why)
        if found not in self.unknown:
            self.unknown.append(found)

    def value(self, clause: ClauseName, *names: str) -> Value | None:
        """The value of an option, with what had to be assumed noted."""
        value = self.get(*names)
        if value is None:
            if self.rest:
                self.note(clause, self.at, self.rest)
            return None
        plain, notes = simple(value)
        for why in notes:
            self.note(clause, value, why)
        for name in assumptions(plain):
            self.note(clause, value, f"{name} may say otherwise")
        if isinstance(plain, Unknown):
            self.note(clause, plain, plain.why)
        elif isinstance(plain, Thing | Made):
            self.note(clause, value, f"{plain.name} is not known")
        return plain

    def show(self, clause: ClauseName, value: Value | None, default: str | None = None) -> None:
        """What a clause is set to, for display."""
        if value is not None:
            where = self.module.where(value.at)
            self.settings.append(Setting(clause, shown(self.module, value), where))
        elif default is not None:
            where = self.module.where(self.at)
            self.settings.append(Setting(clause, default, where, default=True))

    def flag(self, clause: ClauseName, *names: str, default: bool = False) -> bool:
        """A truth value."""
        value = self.value(clause, *names)
        self.show(clause, value, str(default).lower() if value is None else None)
        return bool(value.value) if isinstance(value, Const) else default

    def number(self, clause: ClauseName, *names: str, default: int | None = None) -> int | None:
        """A number of seconds."""
        value = self.value(clause, *names)
        self.show(clause, value, None if default is None else str(default))
        if isinstance(value, Const):
            return seconds(value)
        return default

    def texts(
        self, clause: ClauseName, *names: str, default: tuple[str, ...] | None = None
    ) -> tuple[str, ...] | None:
        """A list of texts."""
        value = self.value(clause, *names)
        self.show(clause, value, None if default is None else ", ".join(default))
        if value is None:
            return default
        if isinstance(value, Items):
            return tuple(text for item in value.items if (text := self._text(clause, item)))
        if isinstance(value, Const) and value.value is not None:
            return (str(value.value),)
        return default if isinstance(value, Const) else ()

    def _text(self, clause: ClauseName, item: Value) -> str | None:
        item = simple(item)[0] or item
        text = as_text(item)
        if text is None:
            if isinstance(item, Thing | Made) and item.name.rpartition(".")[2].isupper():
                return item.name.rpartition(".")[2]
            why = item.why if isinstance(item, Unknown) else "an entry is not known"
            self.note(clause, item, why)
        return text


At = tree.At


def seconds(value: Const) -> int | None:
    """A number of seconds, however it is written."""
    try:
        return int(value.value) if value.value is not None else None
    except (ValueError, OverflowError):
        return None


def shown(module: tree.Module, value: Value) -> str:
    """A value as it is written, or what is known of it."""
    at = value.at
    module = module.home(at)
    if at.line == at.end_line and 0 < at.line <= len(module.lines):
        text = module.lines[at.line - 1][at.column - 1 : at.end_column - 1]
        if text:
            return text[:200]
    match value:
        case Items(items=items):
            return ", ".join(as_text(item) or "?" for item in items)[:200]
        case Const():
            return as_text(value) or ""
    return "..."


def fields_of(value: Value | None) -> tuple[dict[str, Value], str]:
    """The fields of an object, and why there may be more."""
    value = simple(value)[0]
    if value is None or (isinstance(value, Const) and value.value is None):
        return {}, ""
    if isinstance(value, Fields):
        pairs = {str(key.value): one for key, one in value.pairs if isinstance(key, Const)}
        return pairs, value.rest
    return {}, value.why if isinstance(value, Unknown) else "the options are not known"
