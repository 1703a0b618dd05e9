"""When something happens, as far as the source shows: conditions on the request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from corsage.browser.exchange import WireRequest
from corsage.layers.apps.tree import NOWHERE, At

if TYPE_CHECKING:
    from corsage.patterns import OriginLanguage


@dataclass(frozen=True, slots=True, eq=False)
class OriginIn:
    """The Origin header is one of ``language``; ``text`` is the entry as written."""

    language: OriginLanguage
    text: str
    at: At


@dataclass(frozen=True, slots=True)
class HeaderGiven:
    """The request has the header (lower case) with a value."""

    name: str


@dataclass(frozen=True, slots=True)
class MethodIs:
    """The request's method is this one."""

    method: str


@dataclass(frozen=True, slots=True)
class PathBegins:
    """The request's path begins with, or is, this text."""

    text: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Unsure:
    """What the source does not show. Of an origin (``of_origin``) nothing is assumed but the
    worst for who wants it admitted; of all else what ``assumed`` says."""

    why: str
    of_origin: bool
    assumed: bool
    at: At
    arbitrary: bool = False
    """Nothing speaks for what is assumed: neither an unset variable nor a program in production."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each of these. ``size`` counts what is nested in it."""

    parts: tuple[Condition, ...]
    size: int = 1


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of these at least. ``size`` as an AllOf's."""

    parts: tuple[Condition, ...]
    size: int = 1


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    part: Condition


Condition: TypeAlias = (
    bool | OriginIn | HeaderGiven | MethodIs | PathBegins | Unsure | AllOf | AnyOf | Not
)


_LARGEST = 64
"""Of a condition, in nested parts: what depends on more is not followed."""
_MOST_COMPARED = 64


def both(*parts: Condition) -> Condition:
    """All of the parts, as simple as it can be."""
    left: list[Condition] = []
    for part in parts:
        if part is False:
            return False
        if isinstance(part, AllOf):
            left += part.parts
        elif part is not True:
            left.append(part)
    if len(left) <= _MOST_COMPARED:
        left = [part for number, part in enumerate(left) if part not in left[:number]]
    if len(left) < 2:
        return left[0] if left else True
    size = _size(left)
    return AllOf(tuple(left), size) if size <= _LARGEST else _too_large(left)


def either(*parts: Condition) -> Condition:
    """One of the parts, as simple as it can be."""
    left: list[Condition] = []
    for part in parts:
        if part is True:
            return True
        if isinstance(part, AnyOf):
            left += part.parts
        elif part is not False:
            left.append(part)
    if len(left) < 2:
        return left[0] if left else False
    size = _size(left)
    return AnyOf(tuple(left), size) if size <= _LARGEST else _too_large(left)


def _size(parts: list[Condition]) -> int:
    return 1 + sum(part.size for part in parts if isinstance(part, AllOf | AnyOf))


def _too_large(parts: list[Condition]) -> Unsure:
    of_origin = any(map(asks_origin, parts))
    why = "it depends on more than is followed"
    return Unsure(why, of_origin, assumed=False, at=NOWHERE, arbitrary=True)


def negated(part: Condition) -> Condition:
    """The opposite. What is not known of an origin stays so."""
    match part:
        case bool():
            return not part
        case Not(part=inner):
            return inner
        case Unsure(of_origin=True):
            return part
        case Unsure(assumed=assumed):
            return replace(part, assumed=not assumed)
        case AllOf(parts=parts):
            return either(*map(negated, parts))
        case AnyOf(parts=parts):
            return both(*map(negated, parts))
    return Not(part)


def holds(condition: Condition, request: WireRequest, path: str) -> bool:
    """Whether it is so for a request, whose path is given as the framework sees it."""
    match condition:
        case bool():
            return condition
        case OriginIn(language=language):
            origin = header(request, "origin")
            return origin is not None and origin in language
        case HeaderGiven(name=name):
            return bool(header(request, name))
        case MethodIs(method=method):
            return request.method == method
        case PathBegins(text=text, exact=exact):
            return path == text if exact else path.startswith(text)
        case Unsure(of_origin=of_origin, assumed=assumed):
            return assumed and not of_origin
        case AllOf(parts=parts):
            return all(holds(part, request, path) for part in parts)
        case AnyOf(parts=parts):
            return any(holds(part, request, path) for part in parts)
        case Not(part=inner):
            return not holds(inner, request, path)


def is_ruled_out(condition: Condition) -> bool:
    """Whether something does not happen at all in a program in production, with no variable set."""
    return _in_production(condition) is False


def _in_production(condition: Condition) -> bool | None:
    match condition:
        case bool():
            return condition
        case Unsure(arbitrary=False, assumed=assumed):
            return assumed
        case AllOf(parts=parts):
            return _joined([_in_production(part) for part in parts], decisive=False)
        case AnyOf(parts=parts):
            return _joined([_in_production(part) for part in parts], decisive=True)
    return None


def _joined(parts: list[bool | None], *, decisive: bool) -> bool | None:
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def header(request: WireRequest, name: str) -> str | None:
    """The value of a request's header; None if there is none."""
    return next((value for key, value in request.headers if key.lower() == name), None)


def unsure(condition: Condition) -> list[Unsure]:
    """What of it the source does not show."""
    match condition:
        case Unsure():
            return [condition]
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return [found for part in parts for found in unsure(part)]
        case Not(part=inner):
            return unsure(inner)
    return []


def asks_origin(condition: Condition) -> bool:
    """Whether the origin's value decides about it."""
    match condition:
        case OriginIn():
            return True
        case Unsure(of_origin=of_origin):
            return of_origin
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return any(map(asks_origin, parts))
        case Not(part=inner):
            return asks_origin(inner)
    return False


@dataclass(frozen=True, slots=True)
class Admitted:
    """Origins that a condition admits together, and the text that says so."""

    language: OriginLanguage
    text: str
    at: At


def admitted(condition: Condition, whole: At, text: str) -> list[Admitted]:
    """The origins for which it can hold (for some method and path), entry by entry where it is a
    list of alternatives. ``whole`` and ``text`` stand for what is no single entry."""
    found: list[Admitted] = []
    for part in condition.parts if isinstance(condition, AnyOf) else (condition,):
        if isinstance(part, Not) and part == Not(HeaderGiven("origin")):
            continue  # no origin: nothing to admit
        if isinstance(part, AnyOf):
            found += admitted(part, whole, text)
        elif isinstance(part, OriginIn):
            found.append(Admitted(part.language, part.text, part.at))
        elif isinstance(part, AllOf) and len(entries := _single(part)) == 1:
            found += admitted(entries[0], whole, text)
        elif part is not False and not any(one.of_origin for one in unsure(part)):
            found.append(Admitted(language_of(part), _telling(part) or text, whole))
    return found


def _telling(condition: Condition) -> str:
    """The longest text that an origin is compared with."""
    match condition:
        case OriginIn(text=text):
            return text
        case AllOf(parts=parts):
            return max(map(_telling, parts), key=len, default="")
    return ""


def _single(condition: AllOf) -> list[Condition]:
    """The parts that ask for more than that there is an origin, a method or a path."""
    return [part for part in condition.parts if asks_origin(part)]


def language_of(condition: Condition) -> OriginLanguage:
    """The origins for which a condition can hold, whatever else is in the request."""
    from corsage.patterns import anything, nothing

    match condition:
        case bool():
            return anything() if condition else nothing()
        case OriginIn(language=language):
            return language
        case Not(part=OriginIn(language=language)):
            return anything() - language
        case Not(part=HeaderGiven(name="origin")):
            return nothing()
        case Unsure(of_origin=of_origin, assumed=assumed):
            return anything() if assumed and not of_origin else nothing()
        case AllOf(parts=parts):
            language = anything()
            for part in parts:
                if asks_origin(part) or part in (False, Not(HeaderGiven("origin"))):
                    language = language & language_of(part)
            return language
        case AnyOf(parts=parts):
            language = nothing()
            for part in parts:
                language = language | language_of(part)
            return language
    return anything()
