"""FastAPI and Starlette apps: the middlewares that are added to them, from the outside in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers import rules
from corsage.layers.apps import tree
from corsage.layers.apps.by_hand import ByHand, by_hand, grant_of
from corsage.layers.apps.conditions import is_ruled_out
from corsage.layers.apps.entries import entry, everybody, exact, never_matching, union
from corsage.layers.apps.events import Called, Event
from corsage.layers.apps.guards import guards, login_first, origin_guards, refuses_preflight
from corsage.layers.apps.options import Options
from corsage.layers.apps.run import Run, simple
from corsage.layers.apps.values import (
    Closure,
    Const,
    Fields,
    Items,
    Klass,
    Made,
    Pattern,
    Thing,
    Unknown,
    Value,
    as_text,
)
from corsage.layers.python_apps.starlette import ALL_METHODS, StarletteCors
from corsage.layers.site import Grant, Instance, Match, OriginEntry, Site, Slip
from corsage.layers.target import Hop
from corsage.patterns import (
    OriginLanguage,
    Undecided,
    UnsupportedPattern,
    anything,
    exactly,
    nothing,
    regex,
)

PRODUCT = "Starlette's CORSMiddleware"
_NAMES = (
    "allow_origins",
    "allow_methods",
    "allow_headers",
    "allow_credentials",
    "allow_origin_regex",
    "allow_private_network",
    "expose_headers",
    "max_age",
)
_APPS = {"fastapi.FastAPI", "starlette.applications.Starlette", "fastapi.applications.FastAPI"}


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One middleware: the library's CORS, one written by hand, or a ``guard`` (its name) that asks
    for a login and has no ``grant``."""

    at: tree.At
    hop: Hop
    grant: Grant | None = None
    guard: str = ""
    product: str = PRODUCT


@dataclass(slots=True, eq=False)
class App:
    """An app, with its layers from the inside out."""

    name: str
    at: tree.At
    layers: list[Layer] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    denied: list[Slip] = field(default_factory=list)


def apps(run: Run, events: Sequence[Event], found: dict[object, App]) -> None:
    """Adds the apps of one run of code to ``found``, by what identifies them."""
    for event in events:
        if isinstance(event, Called) and not is_ruled_out(event.when):
            _made(run, event, found)


def _made(run: Run, event: Called, found: dict[object, App]) -> None:
    made = event.made
    last = made.name.rpartition(".")[2]
    first = made.args[0] if made.args else None
    if made.name in _APPS:
        app = found[made] = App(_variable(run, made), made.at)
        listed = simple(made.named.get("middleware"))[0]
        if isinstance(listed, Items):
            for item in reversed(listed.items):
                if isinstance(item, Made) and item.args:
                    _add(run, app, item.args[0], item.args[1:], item.named, item)
    elif last == "add_middleware" and first is not None:
        app = _app_of(made, found)
        _add(run, app, first, made.args[1:], made.named, made)
    elif _is_cors(made):
        inner = made.arg(0, "app")
        if inner is not None:
            app = found.get(_key(inner)) or App(_variable(run, inner), made.at)
            found[_key(inner)] = found[made] = app
            named = {name: value for name, value in made.named.items() if name != "app"}
            _cors(run, app, made.args[1:], named, made, outermost=True)
    elif isinstance(made.of, Made) and isinstance(first, Closure):
        _decorated(run, made.of, first, found)


def _decorated(run: Run, decorator: Made, function: Closure, found: dict[object, App]) -> None:
    """``@app.middleware("http")``."""
    kind = decorator.args[0] if decorator.args else None
    if decorator.name.rpartition(".")[2] == "middleware" and as_text(kind) == "http":
        _by_hand(run, _app_of(decorator, found), function)


def _key(value: Value | None) -> object:
    if isinstance(value, Thing):
        return value.name.partition(".")[0]
    return value


def _app_of(made: Made, found: dict[object, App]) -> App:
    """The app whose method was called; one that only a name is known of is made up."""
    owner: object = made.of if made.of is not None else made.name.rpartition(".")[0]
    if owner not in found:
        name = made.of.name if isinstance(made.of, Made) else made.name.rpartition(".")[0]
        found[owner] = App(name.rpartition(".")[2] or "app", made.at)
    return found[owner]


def _variable(run: Run, value: Value) -> str:
    for name, bound in run.names.own.items():
        if bound is value:
            return name
    return value.name.partition(".")[0] if isinstance(value, Thing) else "app"


def is_cors_class(value: Value | None) -> bool:
    """Whether a value is Starlette's class, by any of the names it is imported by."""
    return (
        isinstance(value, Thing)
        and value.imported
        and value.name.endswith(".CORSMiddleware")
        and value.name.partition(".")[0] in ("fastapi", "starlette")
    )


def _is_cors(made: Made) -> bool:
    return (
        made.of is None
        and made.name.endswith(".CORSMiddleware")
        and made.name.partition(".")[0] in ("fastapi", "starlette")
    )


def _add(
    run: Run,
    app: App,
    kind: Value,
    args: Sequence[Value],
    named: dict[str, Value],
    made: Made,
) -> None:
    if is_cors_class(kind):
        _cors(run, app, args, named, made, outermost=False)
    elif isinstance(kind, Klass):
        method = kind.names.own.get("dispatch") or kind.names.own.get("__call__")
        if isinstance(method, Closure):
            this = Made(kind.at, kind.definition.name, klass=kind)
            _by_hand(run, app, Closure(method.at, method.function, method.names, this))
    elif isinstance(kind, Thing) and (guard := guards(kind.name)):
        app.layers.append(Layer(made.at, login_first, guard=guard))


def _by_hand(run: Run, app: App, function: Closure) -> None:
    events = run.handler(function)
    hand = by_hand(events, "after")
    at = function.function.at
    app.denied += origin_guards(run.module, hand)
    if hand.is_cors:
        grant = grant_of(run.module, hand)
        hop = _but_not_crashes(hand.hop)
        app.layers.append(Layer(at, hop, grant, product="the app's own middleware"))
    elif guard := _guards(function, hand):
        app.layers.append(Layer(at, login_first, guard=guard))


def _but_not_crashes(hop: Hop) -> Hop:
    """The 500 of an unhandled exception is made outside of all that is added to an app."""

    def wrapped(request: WireRequest, service: Server) -> Response | None:
        crashed: list[Response] = []

        def noted(asked: WireRequest) -> Response | None:
            response = service(asked)
            if response is not None and response.status == 500:
                crashed.append(response)
            return response

        response = hop(request, noted)
        return crashed[0] if crashed else response

    return wrapped


def _guards(function: Closure, hand: ByHand) -> str:
    """Whether a function refuses requests that are not logged in, preflights among them."""
    return function.function.name if refuses_preflight(hand) else ""


def _cors(
    run: Run,
    app: App,
    args: Sequence[Value],
    named: dict[str, Value],
    made: Made,
    *,
    outermost: bool,
) -> None:
    given = dict(zip(_NAMES, args, strict=False)) | named
    rest = given.pop("**", None)
    why = rest.why if isinstance(rest, Unknown) else ("it unpacks a dict" if rest else "")
    options = Options(run.module, made.at, given, why)
    entries, any_origin = _origins(options, app.slips)
    methods = options.texts("allow_methods", "allow_methods", default=("GET",)) or ()
    headers = options.texts("allow_headers", "allow_headers", default=()) or ()
    credentials = options.flag("allow_credentials", "allow_credentials")
    exposed = options.texts("expose_headers", "expose_headers", default=()) or ()
    max_age = options.number("max_age", "max_age", default=600)
    behaviour = StarletteCors(
        origins=union(entries),
        any_origin=any_origin,
        methods=methods,
        headers=headers,
        credentials=credentials,
        exposed=exposed,
        max_age=max_age,
        outermost=outermost,
    )
    grant = Grant(
        entries=entries,
        credentials=credentials,
        methods=ALL_METHODS if "*" in methods else methods,
        headers=None if "*" in headers else headers,
        exposed=exposed,
        max_age=max_age,
        settings=tuple(options.settings),
        unknown=tuple(options.unknown),
    )
    app.layers.append(Layer(made.at, behaviour.hop, grant))


def _origins(options: Options, slips: list[Slip]) -> tuple[tuple[OriginEntry, ...], bool]:
    module = options.module
    value = options.value("allow_origins", "allow_origins")
    options.show("allow_origins", value, "none")
    entries: list[OriginEntry] = []
    is_text = isinstance(value, Const)
    for item in listed(options, value):
        text = str(item.value)
        if is_text:
            # ``origin in "https://..."``: any part of the text passes.
            entries.append(entry(module, item.at, text, _parts(text)))
        elif text == "*":
            entries.append(everybody(module, item.at))
        else:
            entries.append(exact(module, item.at, text))
            slips += never_matching(module, PRODUCT, item)
    pattern = options.value("allow_origins", "allow_origin_regex")
    expression = pattern.text if isinstance(pattern, Pattern) else as_text(pattern)
    if pattern is not None and expression is not None:
        try:
            language = regex(expression, "python", "full")
        except (UnsupportedPattern, Undecided) as error:
            options.note("allow_origins", pattern, str(error))
            language = nothing()
        entries.append(entry(module, pattern.at, expression, language))
    return tuple(entries), any("*" in one.text and one.text.strip("*") == "" for one in entries)


def _parts(text: str) -> OriginLanguage:
    if "*" in text:
        return anything()
    ends = range(1, min(len(text), 200) + 1)
    return exactly(*{text[start:end] for end in ends for start in range(end)})


def listed(options: Options, value: Value | None) -> Iterator[Const]:
    """The known texts of a list of origins; what is not known of it is noted."""
    if isinstance(value, Const) and isinstance(value.value, str):
        yield value  # for one text, its letters: nobody means that
        return
    if isinstance(value, Fields):
        value = Items(value.at, tuple(key for key, _ in value.pairs))
    if not isinstance(value, Items):
        return
    for item in value.items:
        plain, notes = simple(item)
        for why in notes:
            options.note("allow_origins", item, why)
        if isinstance(plain, Const) and plain.value is not None:
            yield plain
        elif not isinstance(plain, Const):
            why = plain.why if isinstance(plain, Unknown) else "an entry is not known"
            options.note("allow_origins", item, why)


def instance(run: Run, app: App, *, prefix: str = "/") -> Instance | None:
    """The app as an instance; None where nothing in it is about CORS."""
    module = run.module
    granting = [layer for layer in app.layers if layer.grant is not None]
    if not granting:
        return None
    hop = _composed(app.layers)
    outer = granting[-1]
    site = Site(
        product="FastAPI",
        name=app.name,
        where=module.where(outer.at),
        match=Match(path=prefix, kind="segments"),
        hop=hop,
        grant=outer.grant,
        example=prefix,
    )
    return Instance("FastAPI", app.name, module.where(outer.at), (site,), lambda _request: site)


def _composed(layers: Sequence[Layer]) -> Hop:
    """The layers as one hop; the last is the outermost."""

    def hop(request: WireRequest, service: Server) -> Response | None:
        def inside(number: int, asked: WireRequest) -> Response | None:
            if number < 0:
                return service(asked)
            return layers[number].hop(asked, lambda below: inside(number - 1, below))

        return inside(len(layers) - 1, request)

    return hop


def order_slips(module: tree.Module, app: App) -> Iterator[Slip]:
    """Guards that stand outside of CORS, and origin checks that are the only guard."""
    if not any(layer.guard for layer in app.layers):
        yield from app.denied
    granting = [n for n, layer in enumerate(app.layers) if layer.grant is not None]
    for number, layer in enumerate(app.layers):
        if layer.guard and granting and number > granting[-1]:
            cors = app.layers[granting[-1]]
            yield Slip(
                rules.MIDDLEWARE_ORDER,
                f"{layer.guard} is added after CORS, so it is asked first",
                module.where(cors.at),
                "The middleware that is added last stands outermost. A preflight brings no login: "
                "it is refused before CORS sees it, and so are the errors that pages want to read.",
                "add CORSMiddleware last",
            )
            return
