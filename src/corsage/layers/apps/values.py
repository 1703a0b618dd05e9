"""What an expression is, as far as the source shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from corsage.browser.exchange import WireRequest
from corsage.layers.apps.conditions import (
    Condition,
    HeaderGiven,
    Unsure,
    either,
    header,
    holds,
    negated,
)
from corsage.layers.apps.conditions import both as both_of
from corsage.layers.apps.tree import At, ClassDef, Function

if TYPE_CHECKING:
    from corsage.layers.apps.run import Names


@dataclass(frozen=True, slots=True)
class Const:
    """A text, number, truth value or nothing at all. ``assumed``: it is so unless this (an
    environment variable) says otherwise."""

    at: At
    value: str | int | float | bool | None
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression."""

    at: At
    text: str
    flags: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A list or set."""

    at: At
    items: tuple[Value, ...]
    assumed: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """A dict or an object; ``rest`` says why there may be more in it than is seen."""

    at: At
    pairs: tuple[tuple[Value, Value], ...]
    rest: str = ""

    def get(self, *names: str) -> Value | None:
        """The value of the last field that has one of the names."""
        found = None
        for key, value in self.pairs:
            if isinstance(key, Const) and key.value in names:
                found = value
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function, and the names around it. ``of`` is the object whose method it is."""

    at: At
    function: Function
    names: Names
    of: Value | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Klass:
    """A class; ``names`` are its fields and methods."""

    at: At
    definition: ClassDef
    names: Names


@dataclass(frozen=True, slots=True)
class Thing:
    """What is known by name alone: something imported (``flask_cors.CORS``), a parameter, a
    global, or a part of these."""

    at: At
    name: str
    imported: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What a call that is not seen through gave: ``name`` is what was called, ``of`` the object
    whose method it was."""

    at: At
    name: str
    args: tuple[Value, ...] = ()
    named: dict[str, Value] = field(default_factory=dict)
    of: Value | None = None
    klass: Klass | None = None

    def arg(self, number: int, *names: str) -> Value | None:
        """An argument by its name or its number."""
        for name in names:
            if name in self.named:
                return self.named[name]
        return self.args[number] if 0 <= number < len(self.args) else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A part of the request: a header by its name in lower case, ``:method``, ``:path``, or of
    the Origin header ``:host`` (with its port) and ``:hostname``."""

    at: At
    part: str


@dataclass(frozen=True, slots=True)
class Test:
    """True or false, by the request."""

    at: At
    condition: Condition


@dataclass(frozen=True, slots=True, eq=False)
class Either:
    """One value or the other, by the request."""

    at: At
    condition: Condition
    yes: Value
    no: Value


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """Texts one after the other, not all of them constant."""

    at: At
    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """What the source does not show, and why."""

    at: At
    why: str
    of_origin: bool = False
    env: str = ""
    """The environment variable that says it."""


Value: TypeAlias = (
    Const
    | Pattern
    | Items
    | Fields
    | Closure
    | Klass
    | Thing
    | Made
    | Asked
    | Test
    | Either
    | Joined
    | Unknown
)


def truth(value: Value) -> Condition:
    """Whether a value counts as true."""
    match value:
        case Const(value=constant):
            return bool(constant)
        case Asked(part=part):
            if part in (":host", ":hostname"):
                return HeaderGiven("origin")
            return True if part[0] == ":" else HeaderGiven(part)
        case Test(condition=condition):
            return condition
        case Either(condition=condition, yes=yes, no=no):
            return either(both_of(condition, truth(yes)), both_of(negated(condition), truth(no)))
        case Unknown(why=why, of_origin=of_origin, at=at, env=env):
            return Unsure(why, of_origin, assumed=False, at=at, arbitrary=not env)
        case Made(name=name, at=at) | Thing(name=name, at=at):
            of_origin = mentions_origin(value)
            return Unsure(f"{name} is not known", of_origin, assumed=True, at=at, arbitrary=True)
        case Items(items=items):
            return bool(items)
    return True


def mentions_origin(value: Value | None) -> bool:
    """Whether the Origin header has a part in it."""
    match value:
        case Asked(part=part):
            return part in ("origin", ":host", ":hostname")
        case Unknown(of_origin=of_origin):
            return of_origin
        case Made(args=args, of=of, named=named):
            return any(map(mentions_origin, (of, *args, *named.values())))
        case Joined(parts=parts):
            return any(map(mentions_origin, parts))
        case Items(items=items):
            return any(map(mentions_origin, items))
        case Either(yes=yes, no=no):
            return mentions_origin(yes) or mentions_origin(no)
    return False


def settled(value: Value | None, request: WireRequest, path: str) -> Value | None:
    """The value for one request: no Either, Asked, Test or Joined is left at the top."""
    while isinstance(value, Either):
        value = value.yes if holds(value.condition, request, path) else value.no
    match value:
        case Test(condition=condition, at=at):
            return Const(at, holds(condition, request, path))
        case Asked(part=":method", at=at):
            return Const(at, request.method)
        case Asked(part=":path", at=at):
            return Const(at, path)
        case Asked(part=part, at=at) if part[0] != ":":
            return Const(at, header(request, part))
        case Joined(parts=parts, at=at):
            texts = [settled(part, request, path) for part in parts]
            if all(isinstance(text, Const) for text in texts):
                return Const(at, "".join(as_text(text) or "" for text in texts))
            return Unknown(at, "it is put together when the program runs")
    return value


def as_text(value: Value | None) -> str | None:
    """The text of a constant; None for what is none."""
    if not isinstance(value, Const) or value.value is None:
        return None
    if isinstance(value.value, bool):
        return "true" if value.value else "false"
    return str(value.value)


def assumptions(value: Value | None) -> list[str]:
    """What may say otherwise."""
    match value:
        case Const(assumed=assumed) if assumed:
            return [assumed]
        case Items(items=items, assumed=assumed):
            below = [found for item in items for found in assumptions(item)]
            return list(dict.fromkeys([*([assumed] if assumed else []), *below]))
    return []
