"""Express apps: middlewares in the order in which they are used, mounted routers among them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers import rules
from corsage.layers.apps import tree
from corsage.layers.apps.by_hand import ByHand, by_hand, grant_of
from corsage.layers.apps.conditions import (
    Condition,
    asks_origin,
    both,
    is_ruled_out,
    negated,
)
from corsage.layers.apps.events import Called, Event
from corsage.layers.apps.guards import (
    guards,
    login_first,
    origin_guards,
    refuses_preflight,
)
from corsage.layers.apps.options import Options, fields_of
from corsage.layers.apps.requests import automatic_options, path_of
from corsage.layers.apps.run import Run, simple
from corsage.layers.apps.values import (
    Closure,
    Const,
    Either,
    Items,
    Made,
    Pattern,
    Thing,
    Value,
    as_text,
)
from corsage.layers.javascript_apps.express_cors import METHODS, ExpressCors
from corsage.layers.javascript_apps.origins import CALLBACK, Origins, decisions
from corsage.layers.site import Grant, Instance, Match, Site, Slip
from corsage.layers.target import Hop

PRODUCT = "cors"
_VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "all"}
_ROUTERS = {"express.Router", "Router", "express.express.Router"}
# What no page reads by fetch, and often stands first on purpose.
_NOT_FOR_PAGES = re.compile(
    "health|webhook|hook|metric|static|public|assets|upload|docs|ping|ready|live|status|bull",
    re.IGNORECASE,
)
_ROUTER_NAME = re.compile("rout|api|controller", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One function that an app uses. ``kind``: ``use`` is for a path and all below it, ``route``
    for the path alone. ``guard``: it refuses whoever is not logged in. ``ends``: whatever gets
    here is answered here."""

    at: tree.At
    path: str
    kind: Literal["use", "route"]
    methods: tuple[str, ...] = ()
    hop: Hop | None = None
    grant: Grant | None = None
    guard: str = ""
    ends: bool = False
    router: object | None = None
    product: str = PRODUCT
    denies: ByHand | None = None


@dataclass(slots=True, eq=False)
class Container:
    """An app or a router, with what it uses in order."""

    name: str
    at: tree.At
    layers: list[Layer] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    is_mounted: bool = False


Containers = dict[object, Container]


def read(
    run: Run, events: Sequence[Event], found: Containers, others: Collection[object] = ()
) -> None:
    """Adds what one run of code does to apps and routers; ``others`` are no Express apps."""
    for event in events:
        if not isinstance(event, Called) or is_ruled_out(event.when):
            continue
        made = event.made
        last = made.name.rpartition(".")[2]
        if made.name in ("express", *_ROUTERS):
            found.setdefault(made, Container(_variable(run, made), made.at))
        elif _key(made)[0] in others:
            continue
        elif last == "use" or (last in _VERBS and _is_route(made)):
            _used(run, made, last, found)


def _is_route(made: Made) -> bool:
    """Whether it is ``app.get('/path', handler)``, and not ``app.get('setting')``."""
    of = made.of
    is_chain = isinstance(of, Made) and of.name.rpartition(".")[2] == "route"
    first = made.args[0] if made.args else None
    has_path = isinstance(first, Const | Pattern | Items) and len(made.args) > 1
    if of is None and "." in made.name:
        owner = made.name.rpartition(".")[0].rpartition(".")[2]
        is_app = re.search(r"app|router|server|routes|api", owner, re.IGNORECASE) is not None
        return has_path and is_app
    return has_path or is_chain


def _key(made: Made) -> tuple[object, str]:
    """What identifies the app whose method is called, and its name."""
    of = made.of
    while isinstance(of, Made) and of.name.rpartition(".")[2] in ("use", "route", *_VERBS):
        of = of.of or Thing(of.at, of.name.rpartition(".")[0])
    if isinstance(of, Made):
        return of, of.name
    name = of.name if isinstance(of, Thing) else made.name.rpartition(".")[0]
    return name, name


def _container(run: Run, made: Made, found: Containers) -> Container:
    key, name = _key(made)
    if key not in found:
        shown = _variable(run, key) if isinstance(key, Made) else name.rpartition(".")[2]
        found[key] = Container(shown, made.at)
    return found[key]


def _variable(run: Run, value: object) -> str:
    return next((name for name, bound in run.names.own.items() if bound is value), "app")


def _used(run: Run, made: Made, method: str, found: Containers) -> None:
    container = _container(run, made, found)
    args = list(made.args)
    paths = ["/"]
    of = made.of
    if isinstance(of, Made) and of.name.rpartition(".")[2] == "route" and of.args:
        paths = [as_text(of.args[0]) or "/"]
    elif args and (given := _paths(args[0])) is not None:
        paths, args = given, args[1:]
    elif method != "use":
        args = args[1:]
    kind: Literal["use", "route"] = "use" if method == "use" else "route"
    methods = () if method in ("use", "all") else (method.upper(),)
    for path in paths:
        layers = [
            layer
            for arg in args
            for layer in _layers(run, container, arg, path, kind, methods, found)
        ]
        container.layers += layers
        if kind == "route" and method != "options" and not any(one.ends for one in layers):
            container.layers.append(Layer(made.at, path, kind, methods, ends=True))


def _paths(value: Value) -> list[str] | None:
    value = simple(value)[0] or value
    if isinstance(value, Const) and isinstance(value.value, str):
        return [value.value]
    if isinstance(value, Items) and value.items and all(_paths(one) for one in value.items):
        return [path for one in value.items for path in _paths(one) or ()]
    if isinstance(value, Pattern):
        return ["*"]
    return None


def _layers(
    run: Run,
    container: Container,
    value: Value,
    path: str,
    kind: Literal["use", "route"],
    methods: tuple[str, ...],
    found: Containers,
) -> Iterator[Layer]:
    value = simple(value)[0] or value
    if isinstance(value, Items):
        for item in value.items:
            yield from _layers(run, container, item, path, kind, methods, found)
    elif is_cors(value):
        assert isinstance(value, Made)
        for behaviour, grant in configured(run, value, container.slips):
            yield Layer(value.at, path, kind, methods, behaviour.hop, grant)
    elif isinstance(value, Made) and value in found:
        found[value].is_mounted = True
        yield Layer(value.at, path, kind, methods, router=value)
    elif isinstance(value, Closure):
        yield from _function(run, container, value, path, kind, methods)
    elif isinstance(value, Made | Thing):
        name = value.name
        if guard := guards(name):
            yield Layer(value.at, path, kind, methods, login_first, guard=guard)
        elif kind == "use" and path not in ("/", "*") and _is_router(value):
            yield Layer(value.at, path, kind, methods, ends=True)


def _is_router(value: Made | Thing) -> bool:
    return isinstance(value, Thing) and _ROUTER_NAME.search(value.name) is not None


def is_cors(value: Value) -> bool:
    """Whether a value is what the `cors` package returned."""
    return isinstance(value, Made) and value.name in ("cors", "cors.cors") and value.of is None


def _function(
    run: Run,
    container: Container,
    closure: Closure,
    path: str,
    kind: Literal["use", "route"],
    methods: tuple[str, ...],
) -> Iterator[Layer]:
    function = closure.function
    at = function.at
    if len(function.params) > 3:
        return  # for errors
    names = ("req", "res", "next")[: max(len(function.params), 2)]
    events = run.handler(closure, *(Thing(at, name) for name in names))
    for event in events:
        # cors(options)(req, res, next)
        if isinstance(event, Called) and isinstance(event.made.of, Made) and is_cors(event.made.of):
            for behaviour, grant in configured(run, event.made.of, container.slips, event.when):
                yield Layer(event.at, path, kind, methods, behaviour.hop, grant)
            return
    hand = by_hand(events, "before")
    if hand.is_cors:
        own = "the app's own code"
        grant = grant_of(run.module, hand)
        is_end = kind == "route"
        yield Layer(at, path, kind, methods, hand.hop, grant, ends=is_end, product=own, denies=hand)
    elif refuses_preflight(hand):
        yield Layer(at, path, kind, methods, login_first, guard=function.name or "a middleware")
    elif kind == "use":
        yield Layer(at, path, kind, methods, denies=hand)


def configured(
    run: Run, made: Made, slips: list[Slip], when: Condition = True
) -> Iterator[tuple[ExpressCors, Grant]]:
    """What ``cors(options)`` is told; a function of the request may tell it several things."""
    given = simple(made.arg(0))[0]
    if isinstance(given, Closure):
        at = given.function.at
        events = run.handler(given, Thing(at, "req"), Thing(at, CALLBACK))
        for condition, error, value in decisions(events, returns=False):
            if not error and value is not None:
                yield from _alternatives(run, made, value, both(when, condition), slips)
        return
    yield from _alternatives(run, made, given, when, slips)


def _alternatives(
    run: Run, made: Made, value: Value | None, when: Condition, slips: list[Slip]
) -> Iterator[tuple[ExpressCors, Grant]]:
    value = simple(value)[0]
    if isinstance(value, Either):
        yield from _alternatives(run, made, value.yes, both(when, value.condition), slips)
        yield from _alternatives(run, made, value.no, both(when, negated(value.condition)), slips)
        return
    yield express_cors(run, made.at, value, slips, when)


def express_cors(
    run: Run, at: tree.At, value: Value | None, slips: list[Slip], when: Condition = True
) -> tuple[ExpressCors, Grant]:
    """The behaviour and the grant of one set of options."""
    given, rest = fields_of(value)
    options = Options(run.module, at, given, rest)
    origins = Origins(run, options, PRODUCT)
    raw = options.get("origin")
    options.show("allow_origins", simple(raw)[0] if raw is not None else None, "*")
    outcomes = origins.read(raw)
    by_default = raw is None and not rest
    methods = _joined(options, "allow_methods", "methods", default=METHODS)
    headers = _allowed_headers(options)
    exposed = _joined(options, "expose_headers", "exposedHeaders") or ""
    credentials = options.flag("allow_credentials", "credentials")
    max_age = options.number("max_age", "maxAge")
    status = simple(options.get("optionsSuccessStatus"))[0]
    continues = simple(options.get("preflightContinue"))[0]
    behaviour = ExpressCors(
        origins=outcomes,
        methods=methods or "",
        headers=headers,
        exposed=exposed,
        credentials=credentials,
        max_age="" if max_age is None else str(max_age),
        preflight_continue=isinstance(continues, Const) and bool(continues.value),
        status=status.value if isinstance(status, Const) and isinstance(status.value, int) else 204,
        when=when,
    )
    entries = origins.entries
    if asks_origin(when):
        entries = [one for one in entries if one.text not in ("true", "any Origin")]
        origins.entries.clear()
        origins._reflected(when, at, "true")  # noqa: SLF001 -- the same list, by the delegate
        entries += origins.entries
    slips += origins.slips
    grant = Grant(
        entries=tuple(entries),
        credentials=credentials,
        methods=_split(methods) or (),
        headers=None if headers is None else _split(headers) or (),
        exposed=_split(exposed) or (),
        max_age=max_age,
        settings=tuple(options.settings),
        unknown=tuple(options.unknown),
        by_default=by_default,
    )
    return behaviour, grant


def _joined(options: Options, clause: object, *names: str, default: str = "") -> str | None:
    texts = options.texts(clause, *names, default=None)  # type: ignore[arg-type]  # a clause
    if texts is None:
        return default
    return ",".join(texts)


def _allowed_headers(options: Options) -> str | None:
    """None where what is asked for is reflected; an empty list is not reflected."""
    value = simple(options.get("allowedHeaders", "headers"))[0]
    texts = options.texts("allow_headers", "allowedHeaders", "headers")
    if texts is None or (isinstance(value, Const) and not value.value):
        return None
    return ",".join(texts)


def _split(text: str | None) -> tuple[str, ...] | None:
    if not text:
        return None
    return tuple(part.strip() for part in text.split(",") if part.strip())


# Flat chains


def flattened(
    container: Container, found: Containers, prefix: str = "", depth: int = 0
) -> list[Layer]:
    """The layers of an app with those of its routers in their places."""
    flat: list[Layer] = []
    for layer in container.layers:
        path = _under(prefix, layer.path)
        if layer.router is not None and depth < 8:
            router = found.get(layer.router)
            if router is not None:
                flat += flattened(router, found, path, depth + 1)
            if path not in ("/", "*"):
                flat.append(Layer(layer.at, path, "use", ends=True))
            continue
        flat.append(
            Layer(
                layer.at,
                path,
                layer.kind,
                layer.methods,
                layer.hop,
                layer.grant,
                layer.guard,
                layer.ends,
                product=layer.product,
                denies=layer.denies,
            )
        )
    return flat


def _under(prefix: str, path: str) -> str:
    if path in ("*", "/*", "(.*)", "/(.*)", "/{*splat}") or re.fullmatch(r"/?\{?\*\w*\}?", path):
        return prefix or "*"
    if not prefix or prefix == "/":
        return path if path.startswith("/") else f"/{path}"
    return prefix.rstrip("/") + ("" if path == "/" else path)


def takes(layer: Layer, request: WireRequest) -> bool:
    """Whether a request gets to a layer."""
    if layer.methods and request.method not in layer.methods:
        return layer.methods == ("GET",) and request.method == "HEAD"
    return takes_path(layer, path_of(request))


def takes_path(layer: Layer, path: str) -> bool:
    """Whether a layer is for a path, as Express compares paths."""
    if layer.path in ("*", "/") and (layer.kind == "use" or layer.path == "*"):
        return True
    pattern = _pattern(layer.path.rstrip("/") or "/")
    end = r"(?:/.*)?" if layer.kind == "use" else "/?"
    return re.fullmatch(f"{pattern.rstrip('/')}{end}", path, re.IGNORECASE | re.DOTALL) is not None


def _pattern(path: str) -> str:
    parts = re.split(r"(\{?/?\*\w*\}?|:\w+(?:\([^)]*\))?[?+*]?|\(\.\*\))", path)
    made = []
    for part in parts:
        if part.startswith(":"):
            made.append("[^/]+")
        elif "*" in part:
            made.append(".*")
        else:
            made.append(re.escape(part))
    return "".join(made)


def instance(
    run: Run, container: Container, found: Containers, product: str = "Express"
) -> Instance | None:
    """An app as an instance; None where nothing in it is about CORS."""
    layers = flattened(container, found)
    granting = [layer for layer in layers if layer.grant is not None]
    if not granting:
        return None
    module = run.module
    hop = composed(layers)
    if product not in ("Koa", "Node.js"):
        hop = _answering_options(hop)
    shown = _of_requests(granting)
    sites = tuple(
        Site(
            product=product,
            name=container.name if layer.path in ("*", "/") else f"{container.name} {layer.path}",
            where=module.where(layer.at),
            match=Match(
                path="/" if layer.path == "*" else layer.path,
                kind="exact" if layer.kind == "route" and layer.path != "*" else "segments",
            ),
            hop=hop,
            grant=layer.grant,
            example=example(layer.path),
        )
        for layer in shown
    )

    def route(request: WireRequest) -> Site | None:
        path = path_of(request)
        best: tuple[int, Site] | None = None
        for layer, site in zip(shown, sites, strict=True):
            if takes_path(layer, path) and (best is None or len(layer.path) > best[0]):
                best = len(layer.path), site
        return best[1] if best is not None else None

    def unrouted(request: WireRequest, service: Server) -> Response | None:
        return hop(request, service)

    where = module.where(container.at)
    return Instance(product, container.name, where, sites, route, unrouted=unrouted)


def _answering_options(hop: Hop) -> Hop:
    return lambda request, service: hop(request, automatic_options(service))


def _of_requests(granting: list[Layer]) -> list[Layer]:
    """Those that say who may read; ``app.options('*', cors())`` beside them says nothing new."""
    others = [layer for layer in granting if layer.methods != ("OPTIONS",)]
    return others or granting


def example(path: str) -> str:
    """A path that a pattern takes."""
    if path == "*":
        return "/"
    return re.sub(r"\{?\*\w*\}?", "x", re.sub(r":(\w+)(?:\([^)]*\))?[?+*]?", "1", path)) or "/"


def composed(layers: Sequence[Layer]) -> Hop:
    """The layers as one hop, the first outermost."""

    def hop(request: WireRequest, service: Server) -> Response | None:
        def inside(number: int, asked: WireRequest) -> Response | None:
            while number < len(layers):
                layer = layers[number]
                number += 1
                if not takes(layer, asked):
                    continue
                if layer.ends or layer.hop is None:
                    if layer.ends:
                        return service(asked) if layer.hop is None else layer.hop(asked, service)
                    continue
                return layer.hop(asked, partial(inside, number))
            return service(asked)

        return inside(0, request)

    return hop


def order_slips(module: tree.Module, layers: Sequence[Layer]) -> Iterator[Slip]:
    """What stands before CORS and should not."""
    for number, layer in enumerate(layers):
        if layer.grant is None or layer.kind != "use":
            continue
        before = [one for one in layers[:number] if _covers(one, layer)]
        guard = next((one for one in before if one.guard), None)
        if any(one.grant is not None and not one.methods for one in before):
            return
        if guard is not None and not _answered_before(layers, guard):
            yield Slip(
                rules.MIDDLEWARE_ORDER,
                f"{guard.guard} is used before CORS, so it is asked first",
                module.where(layer.at),
                "A preflight brings no login: it is refused before CORS sees it, and so are the "
                "errors that pages want to read.",
                "use cors() before everything that may refuse a request",
            )
            return
        routes = [
            one
            for one in layers[:number]
            if one.ends and one.kind == "use" and not _NOT_FOR_PAGES.search(one.path)
        ]
        if routes and layer.path in ("/", "*"):
            yield Slip(
                rules.MIDDLEWARE_ORDER,
                f"{routes[0].path} is mounted before CORS, and answers without it",
                module.where(layer.at),
                "Express asks middlewares in the order in which they are used.",
                "use cors() before the routes",
            )
            return


def _covers(one: Layer, other: Layer) -> bool:
    return one.kind == "use" and takes_path(one, example(other.path))


def _answered_before(layers: Sequence[Layer], guard: Layer) -> bool:
    """Whether preflights are answered before a guard: ``app.options('*', cors())``."""
    for layer in layers:
        if layer is guard:
            return False
        if layer.grant is not None and layer.methods in ((), ("OPTIONS",)):
            return True
    return False


def access_slips(module: tree.Module, layers: Sequence[Layer]) -> Iterator[Slip]:
    """Code that refuses requests by their Origin, where nothing else guards them."""
    if any(layer.guard for layer in layers):
        return
    for layer in layers:
        found = list(origin_guards(module, layer.denies)) if layer.denies is not None else []
        if found:
            yield found[0]
            return
