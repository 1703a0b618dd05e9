"""One ``CorsConfiguration`` as it is being put together, from code or from settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from corsage.layers import rules
from corsage.layers.apps.entries import never_matching
from corsage.layers.apps.run import simple
from corsage.layers.apps.tree import Module
from corsage.layers.apps.values import (
    Const,
    Items,
    Made,
    Thing,
    Unknown,
    Value,
    assumptions,
)
from corsage.layers.site import ClauseName, Grant, OriginEntry, Setting, Slip
from corsage.layers.site import Unknown as NotKnown
from corsage.layers.spring.configuration import Cors, origin_regex
from corsage.layers.where import Where
from corsage.patterns import Undecided, UnsupportedPattern, anything, exactly, nothing, regex

PRODUCT = "Spring"
_OUTSIDE_BRACKETS = re.compile(r",(?![^\[]*\])")
_PERMITTED_METHODS = ("GET", "HEAD", "POST")
_CLAUSES: dict[str, ClauseName] = {
    "origins": "allow_origins",
    "patterns": "allow_origins",
    "methods": "allow_methods",
    "headers": "allow_headers",
    "exposed": "expose_headers",
    "credentials": "allow_credentials",
    "max_age": "max_age",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its place."""

    text: str
    where: Where
    at: Const | None = None


@dataclass(slots=True, eq=False)
class Draft:
    """What has been set so far; None where nothing was."""

    where: Where
    module: Module | None = None
    origins: list[Text] | None = None
    patterns: list[Text] | None = None
    methods: list[Text] | None = None
    headers: list[Text] | None = None
    exposed: list[Text] | None = None
    credentials: bool | None = None
    max_age: int | None = None
    permits: bool = False
    places: dict[str, Where] = field(default_factory=dict)
    unknown: list[NotKnown] = field(default_factory=list)

    def note(self, what: str, where: Where, why: str) -> None:
        """A part that is not known."""
        clause = _CLAUSES[what]
        if not any(one.clause == clause and one.why == why for one in self.unknown):
            self.unknown.append(NotKnown(clause, where, why))

    def set(self, module: Module, what: str, args: Sequence[Value], where: Where) -> None:
        """``setAllowedOrigins(...)`` and its like: what was there is gone."""
        self.places.setdefault(what, where)
        if what == "credentials":
            self.credentials = bool(self._constant(module, what, args, default=True))
        elif what == "max_age":
            self.max_age = _seconds(self._constant(module, what, args, default=None))
        else:
            setattr(self, what, list(self._texts(module, what, args)))

    def add(self, module: Module, what: str, args: Sequence[Value], where: Where) -> None:
        """``addAllowedOrigin(...)`` and its like."""
        self.places.setdefault(what, where)
        known: list[Text] = getattr(self, what) or []
        setattr(self, what, [*known, *self._texts(module, what, args)])

    def _constant(
        self, module: Module, what: str, args: Sequence[Value], *, default: object
    ) -> object:
        if not args:
            return default
        value, notes = simple(args[0])
        for why in [*notes, *(f"{name} may say otherwise" for name in assumptions(value))]:
            self.note(what, module.where(args[0].at), why)
        if isinstance(value, Const):
            return value.value
        if isinstance(value, Made) and value.name.startswith("Duration.of") and value.args:
            factor = {"Hours": 3600, "Minutes": 60, "Days": 86400, "Seconds": 1}
            number = value.args[0].value if isinstance(value.args[0], Const) else None
            if isinstance(number, int):
                return number * factor.get(value.name.removeprefix("Duration.of"), 1)
        self.note(what, module.where(args[0].at), _why(value))
        return None

    def _texts(self, module: Module, what: str, args: Sequence[Value]) -> Iterator[Text]:
        for arg in args:
            value, notes = simple(arg)
            for why in [*notes, *(f"{name} may say otherwise" for name in assumptions(value))]:
                self.note(what, module.where(arg.at), why)
            if isinstance(value, Items):
                yield from self._texts(module, what, value.items)
            elif isinstance(value, Const) and value.value is not None:
                whole = str(value.value)
                is_origin = what in ("origins", "patterns")
                for part in _OUTSIDE_BRACKETS.split(whole) if is_origin else [whole]:
                    yield Text(part.strip(), module.where(value.at), value)
            elif isinstance(value, Thing | Made) and (name := _constant_name(value)):
                yield Text(name, module.where(value.at))
            else:
                self.note(what, module.where(arg.at), _why(value))

    def combined(self, other: Draft) -> Draft:
        """``combine``: what a handler says is added to, or takes the place of, the global."""
        made = replace(other, module=self.module, places={**self.places, **other.places})
        for name in ("origins", "patterns", "methods", "headers", "exposed"):
            mine: list[Text] | None = getattr(self, name)
            theirs: list[Text] | None = getattr(other, name)
            setattr(made, name, mine if theirs is None else [*(mine or []), *theirs])
        made.credentials = self.credentials if other.credentials is None else other.credentials
        made.max_age = self.max_age if other.max_age is None else other.max_age
        made.permits = self.permits or other.permits
        made.unknown = [*self.unknown, *other.unknown]
        return made

    # What it comes to

    @property
    def star(self) -> bool:
        """Whether ``*`` is among the allowed origins."""
        if self.origins is None:
            is_open = self.permits and self.patterns is None
            return is_open and not self._hidden("allow_origins")
        return any(one.text == "*" for one in self.origins)

    def _hidden(self, clause: ClauseName) -> bool:
        return any(one.clause == clause for one in self.unknown)

    def cors(self) -> Cors:
        """The configuration as it decides."""
        language = nothing()
        for one in self.entries():
            language = language | one.language
        methods = None
        if self.methods is not None:
            methods = tuple(dict.fromkeys(one.text for one in self.methods))
        headers = None if self.headers is None else tuple(one.text for one in self.headers)
        if self.permits:
            methods = _PERMITTED_METHODS if methods is None else methods
            headers = ("*",) if headers is None else headers
        return Cors(
            origins=language,
            star=self.star,
            methods=methods,
            headers=headers or (),
            exposed=tuple(one.text for one in self.exposed or ()),
            credentials=bool(self.credentials),
            max_age=self._max_age(),
        )

    def _max_age(self) -> int | None:
        if self.max_age is not None:
            return None if self.max_age < 0 else self.max_age
        return 1800 if self.permits and "max_age" not in self.places else None

    def entries(self) -> list[OriginEntry]:
        """Whom it admits, entry by entry."""
        found = [_exact(one) for one in self.origins or ()]
        if self.origins is None and self.star:
            found.append(OriginEntry("*", self.where, anything()))
        for one in self.patterns or ():
            if one.text == "*":
                found.append(OriginEntry("*", one.where, anything()))
                continue
            try:
                language = regex(origin_regex(one.text.rstrip("/")), "python", "full")
            except (UnsupportedPattern, Undecided) as error:
                self.note("patterns", one.where, str(error))
                language = nothing()
            found.append(OriginEntry(one.text, one.where, language))
        return found

    def grant(self) -> Grant:
        """Whom it lets read."""
        cors = self.cors()
        methods = cors.methods if cors.methods is not None else ("GET", "HEAD")
        settings = tuple(
            Setting(_CLAUSES[what], where.source.strip()[:200], where)
            for what, where in self.places.items()
        )
        return Grant(
            entries=tuple(self.entries()),
            credentials=cors.credentials,
            methods=None if "*" in methods else methods,
            headers=None if "*" in cors.headers else cors.headers,
            exposed=tuple(name.strip() for one in cors.exposed for name in one.split(",")),
            max_age=cors.max_age,
            settings=settings,
            unknown=tuple(self.unknown),
            by_default=self.origins is None and self.star,
        )

    def slips(self) -> Iterator[Slip]:
        """What is written and does not mean what it says."""
        if self.star and self.credentials:
            where = self.origins[0].where if self.origins else self.where
            yield Slip(
                rules.WILDCARD_BEFORE_COOKIES,
                "allowedOrigins * with allowCredentials is an exception at the first request",
                where,
                "Spring refuses the pair when a request with an Origin comes, with a 500.",
                "name the origins",
            )
        for one in self.origins or ():
            trimmed = one.text.rstrip("/").lower()
            if trimmed != "*" and "*" in trimmed:
                yield Slip(
                    rules.NEVER_MATCHES,
                    f'"{one.text}" is compared as a text: allowedOrigins knows no patterns',
                    one.where,
                    "Spring has allowedOriginPatterns for wildcards.",
                    f'allowedOriginPatterns("{one.text}")',
                )
            elif self.module is not None and one.at is not None and trimmed != "*":
                yield from never_matching(self.module, PRODUCT, replace(one.at, value=trimmed))
        if self.credentials and any(one.text == "*" for one in self.exposed or ()):
            yield Slip(
                rules.WILDCARD_IS_A_NAME,
                "exposedHeaders * means nothing with credentials",
                self.places.get("exposed", self.where),
                "With credentials browsers take * for a name, which no response has.",
                "list the headers",
            )


def _exact(one: Text) -> OriginEntry:
    if one.text == "*":
        return OriginEntry("*", one.where, anything())
    return OriginEntry(one.text, one.where, exactly(one.text.rstrip("/").lower()))


def _constant_name(value: Thing | Made) -> str:
    """``HttpMethod.GET.name()``, ``HttpHeaders.CONTENT_TYPE``, ``CorsConfiguration.ALL``."""
    name = value.name
    if isinstance(value, Made) and value.of is not None and not value.args:
        name = value.of.name if isinstance(value.of, Thing) else name
    holder, _, last = name.removesuffix(".name").rpartition(".")
    if holder.endswith(("HttpMethod", "RequestMethod")):
        return last
    if holder.endswith("HttpHeaders"):
        return last.replace("_", "-").title()
    return "*" if name.endswith("CorsConfiguration.ALL") else ""


def _why(value: Value | None) -> str:
    if isinstance(value, Unknown):
        return value.why
    if isinstance(value, Thing | Made):
        return f"{value.name} is not known"
    return "it is computed when the program runs"


def _seconds(value: object) -> int | None:
    try:
        return int(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None
