"""CORS headers that code writes itself, in a middleware, a hook or a handler."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.apps import tree
from corsage.layers.apps.conditions import (
    Condition,
    admitted,
    asks_origin,
    both,
    holds,
    negated,
    unsure,
)
from corsage.layers.apps.entries import entry, everybody, exact
from corsage.layers.apps.events import Called, Event, Left, Stored
from corsage.layers.apps.options import shown
from corsage.layers.apps.requests import path_of, set_all, values, written_before
from corsage.layers.apps.values import (
    Asked,
    Const,
    Either,
    Fields,
    Items,
    Joined,
    Made,
    Thing,
    Unknown,
    Value,
    as_text,
    assumptions,
    settled,
)
from corsage.layers.site import ClauseName, Grant, OriginEntry, Setting
from corsage.layers.site import Unknown as NotKnown

_DEFAULTS = {"setdefault", "putIfAbsent"}
_SETS = {"set", "setHeader", "header", "set_header", "headers", "put", *_DEFAULTS}
_APPENDS = {"append", "add", "addHeader", "add_header", "appendHeader"}
_MANY = {"update", "extend", "setHeaders"}
_ENDS = {"end", "send", "json", "sendFile", "render", "redirect", "text", "html", "body"}
_RESPONSES = ("Response", "HttpResponse", "JsonResponse", "JSONResponse", "make_response")
_PASSES = {"next", "call_next", "get_response", "app", "done", "doFilter", "handler"}

Mode: TypeAlias = Literal["set", "append", "default"]
"""Whether it takes the place of what is there, is added to it, or is for when nothing is."""
Flow: TypeAlias = Literal["before", "after"]
"""Whether headers are written before the rest of the app runs, or on what it answered."""

_SAFELISTED = ("GET", "HEAD", "POST")
"""What browsers allow unasked."""

CLAUSES: dict[str, ClauseName] = {
    "access-control-allow-origin": "allow_origins",
    "access-control-allow-credentials": "allow_credentials",
    "access-control-allow-methods": "allow_methods",
    "access-control-allow-headers": "allow_headers",
    "access-control-expose-headers": "expose_headers",
    "access-control-max-age": "max_age",
    "vary": "vary",
}


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """A header that is written on ``root`` (what the response is called, or made by)."""

    root: str
    name: str
    value: Value
    mode: Mode
    when: Condition
    at: tree.At


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The code answers by itself with ``status``."""

    root: str
    status: Value | int
    when: Condition
    at: tree.At


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """The rest of the app is asked."""

    root: str
    when: Condition


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """A context's middleware ends, or says with which ``status``."""

    when: Condition
    status: Value | None = None


Effect: TypeAlias = Write | Answer | Pass | Ends


@dataclass(frozen=True, slots=True, eq=False)
class ByHand:
    """What a function does to requests and responses, in its order."""

    effects: tuple[Effect, ...]
    flow: Flow
    by_context: bool = False
    """As in Koa and servlets: who does not call the next one answers with the status so far."""
    status: int = 404
    writes: tuple[Write, ...] = field(init=False)

    def __post_init__(self) -> None:
        writes = tuple(one for one in self.effects if isinstance(one, Write))
        object.__setattr__(self, "writes", writes)

    @property
    def is_cors(self) -> bool:
        """Whether it says who may read."""
        return any(one.name == "access-control-allow-origin" for one in self.writes)

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """What it makes of one request."""
        path = path_of(request)
        written: list[Write] = []
        status: Value | int = self.status
        for effect in self.effects:
            if not holds(effect.when, request, path):
                continue
            if isinstance(effect, Write):
                written.append(effect)
            elif isinstance(effect, Ends):
                if effect.status is None:
                    break
                status = effect.status
            elif isinstance(effect, Answer):
                own = [one for one in written if one.root in (effect.root, "")]
                number = self._status(effect.status, request, path)
                return Response(number, self._lines((), own, request, path))
            elif self.flow == "before":
                before = self._lines((), written, request, path)
                response = service(request)
                if response is None or (self.by_context and response.status == 500):
                    return response  # Koa takes the headers of a crash away
                return written_before(before, response)
        if self.by_context:
            number = self._status(status, request, path)
            return Response(number, self._lines((), written, request, path))
        response = service(request)
        if response is None:
            return None
        if self.flow == "before":
            return written_before(self._lines((), written, request, path), response)
        return Response(response.status, self._lines(response.headers, written, request, path))

    def _status(self, status: Value | int, request: WireRequest, path: str) -> int:
        if isinstance(status, int):
            return status
        value = settled(status, request, path)
        number = value.value if isinstance(value, Const) else None
        return number if isinstance(number, int) and 100 <= number <= 599 else 200

    def _lines(
        self, headers: Headers, writes: Iterable[Write], request: WireRequest, path: str
    ) -> Headers:
        for write in writes:
            text = as_text(settled(write.value, request, path))
            if text is None:
                continue
            name = _spelt(write.name)
            if write.mode == "append":
                headers = (*headers, (name, text))
            elif write.mode == "set" or not values(headers, write.name):
                headers = set_all(headers, {name: text})
        return headers


def _spelt(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def by_hand(
    events: Sequence[Event], flow: Flow, *, by_context: bool = False, status: int = 404
) -> ByHand:
    """What a function's events do to a response."""
    statuses: dict[str, Value] = {}
    effects: list[Effect] = []
    for event in events:
        effects += _writes(event)
        match event:
            case Called(made=made, when=when):
                effects += _answered(made, when, statuses)
            case Stored(of=Thing(name=root), name="statusCode", value=value):
                statuses[root] = value
            case Stored(of=Thing(name="ctx"), name="status", value=value, when=when):
                effects.append(Ends(when, value))
            case Left(when=when, raises=False) if by_context:
                effects.append(Ends(when))
            case Left(value=value, when=when, at=at, raises=False):
                effects += _returned(value, when, at)
    return ByHand(tuple(effects), flow, by_context, status)


def _writes(event: Event) -> Iterator[Write]:
    match event:
        case Stored(of=of, name=name, value=value, when=when, at=at) if _is_ours(name):
            yield Write(root_of(of), name.lower(), value, "set", when, at)
        case Stored(of=of, name="headers", value=Fields() as fields, when=when):
            yield from _from_fields(root_of(of), fields, when)
        case Called(made=made, when=when):
            method = made.name.rpartition(".")[2]
            root = root_of(made)
            first = made.args[0] if made.args else None
            if method in (_SETS | _APPENDS) and isinstance(first, Const) and len(made.args) > 1:
                if _is_ours(str(first.value)):
                    name = str(first.value).lower()
                    mode: Mode = "append" if method in _APPENDS else "set"
                    if method in _DEFAULTS:
                        mode = "default"
                    yield Write(root, name, made.args[1], mode, when, made.at)
            elif method in (_SETS | _MANY) and isinstance(first, Fields):
                yield from _from_fields(root, first, when)
            elif method == "writeHead":
                for arg in made.args[1:]:
                    if isinstance(arg, Fields):
                        yield from _from_fields(root, arg, when)
            elif method == "vary" and isinstance(first, Const):
                yield Write(root, "vary", first, "append", when, made.at)
            yield from _constructed(made, when)


def _constructed(made: Made, when: Condition) -> Iterator[Write]:
    """``Response(..., headers={...})``, ``new Response(body, { headers: {...} })``."""
    if not _is_response(made):
        return
    headers = made.named.get("headers")
    if headers is None and len(made.args) > 1 and isinstance(made.args[1], Fields):
        headers = made.args[1].get("headers")
    if isinstance(headers, Fields):
        yield from _from_fields(root_of(made), headers, when)


def _is_response(made: Made) -> bool:
    last = made.name.rpartition(".")[2]
    return last.endswith("Response") or last in _RESPONSES or made.name.endswith("Response.json")


def _from_fields(root: str, fields: Fields, when: Condition) -> Iterator[Write]:
    for key, value in fields.pairs:
        if isinstance(key, Const) and _is_ours(str(key.value)):
            yield Write(root, str(key.value).lower(), value, "set", when, key.at)


def _is_ours(name: str) -> bool:
    lower = name.lower()
    return lower.startswith("access-control-") or lower == "vary"


def root_of(value: Value | None) -> str:
    """What a response is called: the variable, or the call that made it."""
    while isinstance(value, Made) and value.of is not None:
        value = value.of
    match value:
        case Thing(name=name):
            return name.partition(".")[0]
        case Made(name=name, at=at):
            if "." in name and not name.startswith("new "):
                first, _, rest = name.partition(".")
                is_part = first in ("res", "response", "resp", "reply", "ctx", "self", "rw", "w")
                return first if is_part else f"{rest}@{at.line}:{at.column}"
            return f"{name}@{at.line}:{at.column}"
        case Either(yes=yes):
            return root_of(yes)
    return ""


def _answered(made: Made, when: Condition, statuses: dict[str, Value]) -> Iterator[Effect]:
    method = made.name.rpartition(".")[2]
    root = root_of(made)
    first = made.args[0] if made.args else None
    if made.name in ("flask.abort", "werkzeug.exceptions.abort") and first is not None:
        yield Answer(root, first, when, made.at)
        return
    if method in _PASSES and ("." not in made.name or method in ("next", "doFilter")):
        yield Pass(root, when)
        return
    if not root or root.partition("@")[0] not in ("res", "response", "resp", "reply", "rw"):
        return
    if method in ("setStatus", "setStatusCode") and first is not None:
        yield Ends(when, _named_status(first))
    if method == "sendError" and first is not None:
        yield Answer(root, _named_status(first), when, made.at)
    if method in ("status", "code", "writeHead") and first is not None:
        statuses[root] = first
        statuses[f"{root}:{made.at.line}"] = first
    if method == "sendStatus" and first is not None:
        yield Answer(root, first, when, made.at)
    elif method in _ENDS:
        status = _chained(made) or statuses.get(root)
        yield Answer(root, 200 if status is None else status, when, made.at)


_STATUSES = {
    "OK": 200,
    "ACCEPTED": 202,
    "NO_CONTENT": 204,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
}


def _named_status(value: Value) -> Value:
    """``HttpServletResponse.SC_OK``, ``HttpStatus.FORBIDDEN.value()``."""
    name = value.name if isinstance(value, Thing | Made) else ""
    last = name.removesuffix(".value").rpartition(".")[2].removeprefix("SC_")
    return Const(value.at, _STATUSES[last]) if last in _STATUSES else value


def _chained(made: Made) -> Value | None:
    """The status of ``res.status(204).end()``."""
    of = made.of
    while isinstance(of, Made):
        if of.name.rpartition(".")[2] in ("status", "code") and of.args:
            return of.args[0]
        of = of.of
    return None


def _returned(value: Value | None, when: Condition, at: tree.At) -> Iterator[Effect]:
    if isinstance(value, Either):
        yield from _returned(value.yes, both(when, value.condition), at)
        yield from _returned(value.no, both(when, negated(value.condition)), at)
        return
    if isinstance(value, Items) and value.items:
        # Flask: a body, a status, headers
        first, *rest = value.items
        status = next((one for one in rest if isinstance(one, Const)), Const(at, 200))
        root = root_of(first)
        for one in rest:
            if isinstance(one, Fields):
                yield from _from_fields(root, one, when)
        if isinstance(status.value, int):
            yield Answer(root, status, when, at)
        return
    if isinstance(value, Fields) and (code := value.get("statusCode", "status")) is not None:
        # A function in a cloud: { statusCode, headers, body }
        headers = value.get("headers")
        root = f"returned@{at.line}:{at.column}"
        if isinstance(headers, Fields):
            yield from _from_fields(root, headers, when)
        yield Answer(root, code, when, at)
        return
    if not isinstance(value, Made):
        return
    if _is_response(value):
        status_value = value.named.get("status_code") or value.named.get("status")
        if status_value is None and len(value.args) > 1:
            second = value.args[1]
            status_value = second.get("status") if isinstance(second, Fields) else second
        yield Answer(root_of(value), status_value or 200, when, at)


def grant_of(module: tree.Module, hand: ByHand) -> Grant:
    """Whom code that writes headers lets read."""
    notes: list[NotKnown] = []
    entries: list[OriginEntry] = []
    found: dict[ClauseName, list[Write]] = {}
    for write in hand.writes:
        clause = CLAUSES.get(write.name)
        if clause is None:
            continue
        found.setdefault(clause, []).append(write)
        if clause == "allow_origins":
            entries += _entries(module, write, write.when, write.value, notes)
        else:
            notes += _notes(module, clause, write.value)
    settings = tuple(
        Setting(clause, shown(module, writes[0].value), module.where(writes[0].at))
        for clause, writes in found.items()
    )
    return Grant(
        entries=_distinct(entries),
        credentials=any(as_text(w.value) == "true" for w in found.get("allow_credentials", ())),
        methods=_listed(found["allow_methods"]) if "allow_methods" in found else _SAFELISTED,
        headers=_listed(found.get("allow_headers")),
        exposed=_listed(found.get("expose_headers")) or (),
        max_age=_seconds(found.get("max_age")),
        settings=settings,
        unknown=tuple(dict.fromkeys(notes)),
    )


def _distinct(entries: list[OriginEntry]) -> tuple[OriginEntry, ...]:
    by_place = {(one.text, one.where.line, one.where.column): one for one in entries}
    return tuple(by_place.values())


def _entries(
    module: tree.Module, write: Write, when: Condition, value: Value, notes: list[NotKnown]
) -> Iterator[OriginEntry]:
    where = module.where(write.at)
    match value:
        case Either(condition=condition, yes=yes, no=no):
            yield from _entries(module, write, both(when, condition), yes, notes)
            yield from _entries(module, write, both(when, negated(condition)), no, notes)
        case Const(value="*", at=at):
            if not asks_origin(when):
                yield everybody(module, at)
        case Const(value=str() as text, at=at) if text:
            whys = [f"{name} may say otherwise" for name in assumptions(value)]
            notes += [NotKnown("allow_origins", where, why) for why in whys]
            yield exact(module, at if at.line else write.at, text)
        case Asked(part="origin"):
            notes += [
                NotKnown("allow_origins", module.where(one.at), one.why)
                for one in unsure(when)
                if one.of_origin
            ]
            for one_admitted in admitted(when, write.at, "any Origin"):
                yield entry(module, one_admitted.at, one_admitted.text, one_admitted.language)
        case Const():
            return
        case Unknown(why=why):
            notes.append(NotKnown("allow_origins", where, why))
        case Thing(name=name) | Made(name=name):
            notes.append(NotKnown("allow_origins", where, f"{name} is not known"))
        case Joined():
            notes.append(NotKnown("allow_origins", where, "it is put together at run time"))


def _notes(module: tree.Module, clause: ClauseName, value: Value) -> Iterator[NotKnown]:
    where = module.where(value.at)
    match value:
        case Unknown(why=why):
            yield NotKnown(clause, where, why)
        case Thing(name=name) | Made(name=name):
            yield NotKnown(clause, where, f"{name} is not known")


def _listed(writes: list[Write] | None) -> tuple[str, ...] | None:
    if not writes:
        return ()
    text = as_text(writes[-1].value)
    if text is None:
        return None
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _seconds(writes: list[Write] | None) -> int | None:
    text = as_text(writes[-1].value) if writes else None
    return int(text) if text and text.lstrip("-").isdigit() and len(text) < 12 else None
