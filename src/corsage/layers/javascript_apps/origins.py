"""The option ``origin``, which is a text, a list, a regular expression or a function that decides.

What it comes to is listed by when: the packages for Express, Fastify and Koa then differ in what
they do with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from corsage.layers import rules
from corsage.layers.apps import tree
from corsage.layers.apps.conditions import Condition, admitted, asks_origin, both, negated, unsure
from corsage.layers.apps.entries import entry, everybody, exact, never_matching, union
from corsage.layers.apps.events import Called, Event, Left
from corsage.layers.apps.operators import truly
from corsage.layers.apps.options import Options
from corsage.layers.apps.run import Run, simple
from corsage.layers.apps.values import (
    Asked,
    Closure,
    Const,
    Either,
    Items,
    Made,
    Pattern,
    Test,
    Thing,
    Unknown,
    Value,
    assumptions,
)
from corsage.layers.javascript_apps.express_cors import Origin
from corsage.layers.site import OriginEntry, Slip
from corsage.patterns import Undecided, UnsupportedPattern, anything, nothing, regex

CALLBACK = "callback"


@dataclass(slots=True, eq=False)
class Origins:
    """Reads one option. ``star_in_list``: the package takes ``*`` in a list for any origin."""

    run: Run
    options: Options
    product: str
    star_in_list: bool = False
    returns: bool = False
    entries: list[OriginEntry] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)

    @property
    def module(self) -> tree.Module:
        """The file it stands in."""
        return self.options.module

    def read(self, value: Value | None) -> tuple[Origin, ...]:
        """What the option comes to, the first whose condition holds."""
        if value is None:
            if self.options.rest:
                return (Origin(True, text=Unknown(self.options.at, self.options.rest)),)
            self.entries.append(everybody(self.module, self.options.at))
            return (Origin(True, any_origin=True),)
        return tuple(self._outcomes(value, True))

    def _outcomes(self, value: Value, when: Condition) -> Iterator[Origin]:
        plain, notes = simple(value)
        for why in notes:
            self.options.note("allow_origins", value, why)
        for name in assumptions(plain):
            self.options.note("allow_origins", value, f"{name} may say otherwise")
        match plain:
            case Either(condition=condition, yes=yes, no=no):
                yield from self._outcomes(yes, both(when, condition))
                yield from self._outcomes(no, both(when, negated(condition)))
            case Test(condition=condition, at=at):
                yield from self._outcomes(Const(at, True), both(when, condition))
                yield from self._outcomes(Const(at, False), both(when, negated(condition)))
            case Const(value="*", at=at):
                self._admit_all(when, at)
                yield Origin(when, any_origin=True)
            case Const(value=str() as text, at=at) if text:
                yield self._fixed(plain, text, at, when)
            case Const(value=True, at=at) | Asked(part="origin", at=at):
                self._reflected(when, at, "true" if isinstance(plain, Const) else "any Origin")
                yield Origin(when, language=anything())
            case Const():
                yield Origin(when, off=True)
            case Items():
                yield self._list(plain, when)
            case Pattern(at=at, text=text, flags=flags):
                one = self._regex(at, text, flags)
                self.entries.append(one)
                yield Origin(when, language=one.language)
            case Closure():
                yield from self._function(plain, when)
            case Unknown(why=why, at=at):
                self.options.note("allow_origins", at, why)
                yield Origin(when, text=plain)
            case _:
                name = plain.name if isinstance(plain, Thing | Made) else "it"
                self.options.note("allow_origins", value, f"{name} is not known")
                yield Origin(when, text=Unknown(value.at, "it is not known"))

    def _fixed(self, value: Const, text: str, at: tree.At, when: Condition) -> Origin:
        self.entries.append(exact(self.module, at, text))
        if "," in text:
            self.slips.append(
                Slip(
                    rules.SEVERAL_IN_ONE,
                    f'"{text}" is sent as it is, and browsers compare all of it with one origin',
                    self.module.where(at),
                    f"{self.product} takes several origins as an array.",
                    "[" + ", ".join(f"'{part.strip()}'" for part in text.split(",")) + "]",
                )
            )
        else:
            self.slips += never_matching(self.module, self.product, value)
        return Origin(when, text=value)

    def _admit_all(self, when: Condition, at: tree.At) -> None:
        if not asks_origin(when):
            self.entries.append(everybody(self.module, at))

    def _reflected(self, when: Condition, at: tree.At, text: str) -> None:
        for one in unsure(when):
            if one.of_origin:
                self.options.note("allow_origins", one.at, one.why)
        self.entries += [
            entry(self.module, found.at, found.text, found.language)
            for found in admitted(when, at, text)
        ]

    def _list(self, items: Items, when: Condition) -> Origin:
        own: list[OriginEntry] = []
        any_origin = False
        for item in items.items:
            plain, notes = simple(item)
            for why in notes:
                self.options.note("allow_origins", item, why)
            match plain:
                case Const(value="*", at=at) if self.star_in_list:
                    own.append(everybody(self.module, at))
                    any_origin = True
                case Const(value=str() as text, at=at) if text:
                    own.append(exact(self.module, at, text))
                    self.slips += self._never(plain)
                case Const(value=True, at=at):
                    own.append(everybody(self.module, at, "true"))
                case Const():
                    pass
                case Pattern(at=at, text=text, flags=flags):
                    own.append(self._regex(at, text, flags))
                case Items():
                    nested = self._list(plain, when)
                    del nested
                case Unknown(why=why):
                    self.options.note("allow_origins", item, why)
                case _:
                    self.options.note("allow_origins", item, "an entry is not known")
        self.entries += own
        if any_origin:
            return Origin(when, any_origin=True)
        return Origin(when, language=union(tuple(own)))

    def _never(self, text: Const) -> Iterator[Slip]:
        if text.value != "*":
            yield from never_matching(self.module, self.product, text)
            return
        yield Slip(
            rules.NEVER_MATCHES,
            f'"*" in a list is compared as a text, and no origin is "*" to {self.product}',
            self.module.where(text.at),
            "Only the text '*' by itself stands for every origin.",
        )

    def _regex(self, at: tree.At, text: str, flags: str) -> OriginEntry:
        try:
            language = regex(text, "javascript", "search", ignore_case="i" in flags)
        except (UnsupportedPattern, Undecided) as error:
            self.options.note("allow_origins", at, str(error))
            language = nothing()
        return entry(self.module, at, f"/{text}/{flags}", language)

    def arguments(self, at: tree.At) -> tuple[Value, ...]:
        """What the function is called with."""
        return Asked(at, "origin"), Thing(at, CALLBACK)

    def _function(self, closure: Closure, when: Condition) -> Iterator[Origin]:
        at = closure.function.at
        events = self.run.handler(closure, *self.arguments(at))
        found = list(decisions(events, returns=self.returns))
        if not found:
            self.options.note("allow_origins", at, "what the function decides is not followed")
            yield Origin(when, text=Unknown(at, "it is computed"))
        if len(found) > 1 and all(not error and _says_yes(value) for _, error, value in found):
            # Whatever is asked on the way there, the answer is yes.
            last = found[-1][2]
            yield from self._outcomes(last or Const(at, None), when)
            return
        for condition, error, value in found:
            if error:
                yield Origin(both(when, condition), error=True)
            else:
                yield from self._outcomes(value or Const(at, None), both(when, condition))


def _says_yes(value: Value | None) -> bool:
    is_true = isinstance(value, Const) and value.value is True
    return is_true or (isinstance(value, Asked) and value.part == "origin")


def decisions(
    events: list[Event], *, returns: bool
) -> Iterator[tuple[Condition, bool, Value | None]]:
    """What a function tells its callback, or returns: when, whether it is an error, the value."""
    for event in events:
        match event:
            case Called(made=made, when=when) if made.name == CALLBACK:
                error = made.args[0] if made.args else None
                failed = error is not None and truly(error) is not False
                yield when, failed, made.args[1] if len(made.args) > 1 else None
            case Left(value=value, when=when, raises=False) if returns and value is not None:
                if not (isinstance(value, Made) and value.name == CALLBACK):
                    yield when, False, value
            case Left(when=when, raises=True):
                yield when, True, None
