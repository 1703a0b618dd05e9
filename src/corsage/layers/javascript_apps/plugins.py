"""Fastify and Koa apps, Nest on Fastify, and socket.io: one CORS layer each."""

from __future__ import annotations

from collections.abc import Sequence

from corsage.layers.apps import tree
from corsage.layers.apps.by_hand import by_hand, grant_of
from corsage.layers.apps.conditions import is_ruled_out
from corsage.layers.apps.events import Called, Event
from corsage.layers.apps.guards import guards, login_first, refuses_preflight
from corsage.layers.apps.options import Options, fields_of
from corsage.layers.apps.run import Run, simple
from corsage.layers.apps.values import (
    Closure,
    Const,
    Fields,
    Made,
    Thing,
    Value,
    as_text,
)
from corsage.layers.javascript_apps.express import (
    Container,
    Containers,
    Layer,
    configured,
    express_cors,
)
from corsage.layers.javascript_apps.fastify_cors import METHODS as FASTIFY_METHODS
from corsage.layers.javascript_apps.fastify_cors import FastifyCors
from corsage.layers.javascript_apps.koa_cors import METHODS as KOA_METHODS
from corsage.layers.javascript_apps.koa_cors import KoaCors
from corsage.layers.javascript_apps.origins import Origins
from corsage.layers.site import Grant, OriginEntry, Slip

_FASTIFY = {"@fastify/cors", "fastify-cors", "@fastify/cors.fastifyCors"}
_KOA = {"@koa/cors", "kcors", "koa2-cors", "koa-cors"}


def read(run: Run, events: Sequence[Event], found: Containers, products: dict[object, str]) -> None:
    """Adds what one run of code registers."""
    for event in events:
        if not isinstance(event, Called) or is_ruled_out(event.when):
            continue
        made = event.made
        last = made.name.rpartition(".")[2]
        first = made.args[0] if made.args else None
        if last == "register" and isinstance(first, Thing) and first.name in _FASTIFY:
            _registered(run, made, found, products)
        elif last == "register" and isinstance(first, Closure) and len(made.args) <= 2:
            _scope(run, made, first, found, products)
        elif last == "use" and isinstance(first, Made) and first.name in _KOA:
            _koa(run, made, first, found, products)
        elif last == "use" and _is_koa(made, products):
            _koa_function(run, made, first, found)
        elif made.name in ("koa", "koa.Koa"):
            products[made] = "Koa"
            found.setdefault(made, Container(_variable(run, made), made.at))
        elif made.name.endswith("NestFactory.create"):
            _nest(run, made, found, products)
        elif last == "enableCors":
            _enabled(run, made, found, products)
        elif last == "addHook" and as_text(first) == "onRequest":
            _hook(run, made, found)
        elif _is_socket_server(made):
            _socket(run, made, found, products)


def _variable(run: Run, value: object) -> str:
    return next((name for name, bound in run.names.own.items() if bound is value), "app")


def _owner(run: Run, made: Made, found: Containers) -> tuple[object, Container]:
    key: object = made.of
    while isinstance(key, Made) and key.name.rpartition(".")[2] in ("register", "use"):
        key = key.of
    if key is None:
        key = made.name.rpartition(".")[0]
    if key not in found:
        name = _variable(run, key) if isinstance(key, Made) else str(key)
        found[key] = Container(name.rpartition(".")[2] or "app", made.at)
    return key, found[key]


def _registered(
    run: Run, made: Made, found: Containers, products: dict[object, str], prefix: str = "/"
) -> None:
    key, container = _owner(run, made, found)
    products[key] = "Fastify"
    given = simple(made.arg(1))[0]
    behaviour, grant = fastify_cors(run, made.at, given, container.slips)
    container.layers.append(
        Layer(made.at, prefix, "use", (), behaviour.hop, grant, product="@fastify/cors")
    )


def _scope(
    run: Run, made: Made, closure: Closure, found: Containers, products: dict[object, str]
) -> None:
    """``app.register(async (instance) => { instance.register(cors) }, { prefix: '/api' })``."""
    given = simple(made.arg(1))[0]
    prefix = as_text(given.get("prefix")) if isinstance(given, Fields) else None
    at = closure.function.at
    inner = run.handler(closure, Thing(at, "instance"))
    for event in inner:
        if not isinstance(event, Called):
            continue
        first = event.made.args[0] if event.made.args else None
        name = event.made.name
        if name != "instance.register" or not isinstance(first, Thing):
            continue
        if first.name in _FASTIFY:
            key, container = _owner(run, made, found)
            products[key] = "Fastify"
            options = simple(event.made.arg(1))[0]
            behaviour, grant = fastify_cors(run, event.at, options, container.slips)
            path = prefix or "/"
            layer = Layer(event.at, path, "use", (), behaviour.hop, grant, product="@fastify/cors")
            container.layers.append(layer)


def fastify_cors(
    run: Run, at: tree.At, value: Value | None, slips: list[Slip]
) -> tuple[FastifyCors, Grant]:
    """The behaviour and the grant of @fastify/cors with some options."""
    given, rest = fields_of(value)
    options = Options(run.module, at, given, rest)
    origins = Origins(run, options, "@fastify/cors", star_in_list=True, returns=True)
    raw = options.get("origin")
    options.show("allow_origins", simple(raw)[0] if raw is not None else None, "*")
    plain = simple(raw)[0]
    outcomes = origins.read(raw)
    is_fixed = plain is None or (isinstance(plain, Const) and isinstance(plain.value, str))
    is_fixed = is_fixed or any(one.any_origin and one.when is True for one in outcomes)
    is_off = isinstance(plain, Const) and plain.value is False
    methods = options.texts("allow_methods", "methods")
    headers = options.texts("allow_headers", "allowedHeaders")
    exposed = options.texts("expose_headers", "exposedHeaders")
    credentials = options.flag("allow_credentials", "credentials")
    max_age = options.number("max_age", "maxAge")
    status = _plain(options, "optionsSuccessStatus", 204)
    behaviour = FastifyCors(
        origins=outcomes,
        varies=not (is_fixed or is_off),
        methods=_joined(options, "methods", methods) or FASTIFY_METHODS,
        headers=_joined(options, "allowedHeaders", headers),
        exposed=_joined(options, "exposedHeaders", exposed),
        credentials=credentials,
        max_age=None if max_age is None else str(max_age),
        preflight=bool(_plain(options, "preflight", True)),
        strict=bool(_plain(options, "strictPreflight", True)),
        preflight_continue=bool(_plain(options, "preflightContinue", False)),
        status=status if isinstance(status, int) else 204,
    )
    slips += origins.slips
    by_default = raw is None and not rest
    grant = _grant(options, origins.entries, methods, FASTIFY_METHODS, headers, exposed)
    return behaviour, _with(grant, credentials, max_age, by_default=by_default)


def _plain(options: Options, name: str, default: object) -> object:
    value = simple(options.get(name))[0]
    return value.value if isinstance(value, Const) and value.value is not None else default


def _joined(options: Options, name: str, texts: tuple[str, ...] | None) -> str | None:
    if texts is None:
        return None
    value = simple(options.get(name))[0]
    return texts[0] if isinstance(value, Const) and texts else ", ".join(texts)


def _grant(
    options: Options,
    entries: list[OriginEntry],
    methods: tuple[str, ...] | None,
    default: str,
    headers: tuple[str, ...] | None,
    exposed: tuple[str, ...] | None,
) -> Grant:
    return Grant(
        entries=tuple(entries),
        methods=_names(methods if methods is not None else (default,)),
        headers=None if headers is None else _names(headers),
        exposed=_names(exposed or ()),
        settings=tuple(options.settings),
        unknown=tuple(options.unknown),
    )


def _with(grant: Grant, credentials: bool, max_age: int | None, *, by_default: bool) -> Grant:
    return Grant(
        grant.entries,
        credentials,
        grant.methods,
        grant.headers,
        grant.exposed,
        max_age,
        grant.settings,
        grant.unknown,
        by_default,
    )


def _names(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())


def _koa(run: Run, made: Made, cors: Made, found: Containers, products: dict[object, str]) -> None:
    key, container = _owner(run, made, found)
    products[key] = "Koa"
    behaviour, grant = koa_cors(run, cors.at, simple(cors.arg(0))[0], container.slips)
    container.layers.append(
        Layer(cors.at, "/", "use", (), behaviour.hop, grant, product="@koa/cors")
    )


def _is_koa(made: Made, products: dict[object, str]) -> bool:
    of = made.of
    while isinstance(of, Made) and of.name.rpartition(".")[2] == "use":
        of = of.of
    return of is not None and products.get(of) == "Koa"


def _koa_function(run: Run, made: Made, value: Value | None, found: Containers) -> None:
    """A middleware of the app's own, or a guard."""
    _, container = _owner(run, made, found)
    if isinstance(value, Closure):
        at = value.function.at
        events = run.handler(value, Thing(at, "ctx"), Thing(at, "next"))
        hand = by_hand(events, "before", by_context=True)
        if hand.is_cors:
            grant = grant_of(run.module, hand)
            own = "the app's own code"
            container.layers.append(Layer(at, "/", "use", (), hand.hop, grant, product=own))
        elif refuses_preflight(hand):
            container.layers.append(Layer(at, "/", "use", (), login_first, guard="a middleware"))
    elif isinstance(value, Made | Thing) and (guard := guards(value.name)):
        container.layers.append(Layer(value.at, "/", "use", (), login_first, guard=guard))


def koa_cors(
    run: Run, at: tree.At, value: Value | None, slips: list[Slip]
) -> tuple[KoaCors, Grant]:
    """The behaviour and the grant of @koa/cors with some options."""
    given, rest = fields_of(value)
    options = Options(run.module, at, given, rest)
    origins = _KoaOrigins(run, options, "@koa/cors", returns=True)
    raw = options.get("origin")
    if isinstance(raw, Const) and not raw.value:
        raw = None
    options.show("allow_origins", simple(raw)[0] if raw is not None else None, "*")
    outcomes = origins.read(raw)
    methods = options.texts("allow_methods", "allowMethods")
    headers = options.texts("allow_headers", "allowHeaders")
    exposed = options.texts("expose_headers", "exposeHeaders")
    credentials = options.flag("allow_credentials", "credentials")
    max_age = options.number("max_age", "maxAge")
    behaviour = KoaCors(
        origins=outcomes,
        methods=",".join(methods) if methods is not None else KOA_METHODS,
        headers=",".join(headers) if headers else None,
        exposed=",".join(exposed or ()),
        credentials=credentials,
        max_age=str(max_age) if max_age else "",
    )
    slips += origins.slips
    grant = _grant(options, origins.entries, methods, KOA_METHODS, headers, exposed)
    by_default = raw is None and not rest
    return behaviour, _with(grant, credentials, max_age, by_default=by_default)


class _KoaOrigins(Origins):
    """The function gets the context, and returns what is sent."""

    def arguments(self, at: tree.At) -> tuple[Value, ...]:
        """What the function is called with."""
        return (Thing(at, "ctx"),)


def _nest(run: Run, made: Made, found: Containers, products: dict[object, str]) -> None:
    """``NestFactory.create(AppModule, { cors: true })``; ``enableCors`` is a call of its own."""
    products[made] = "Nest"
    container = found.setdefault(made, Container(_variable(run, made), made.at))
    is_fastify = any(isinstance(arg, Made) and "FastifyAdapter" in arg.name for arg in made.args)
    if is_fastify:
        products[made] = "Nest on Fastify"
    given = next((arg for arg in map(_simple, made.args) if isinstance(arg, Fields)), None)
    cors = _simple(given.get("cors")) if given is not None else None
    if cors is None or (isinstance(cors, Const) and not cors.value):
        return
    enable_cors(run, made.at, None if isinstance(cors, Const) else cors, container, products[made])


def _simple(value: Value | None) -> Value | None:
    return simple(value)[0]


def _enabled(run: Run, made: Made, found: Containers, products: dict[object, str]) -> None:
    """Nest's ``app.enableCors(options)``."""
    key, container = _owner(run, made, found)
    product = products.setdefault(key, "Nest")
    first = _simple(made.arg(0))
    if isinstance(first, Closure):
        renamed = Made(made.at, "cors", made.args)
        for behaviour, grant in configured(run, renamed, container.slips):
            container.layers.append(Layer(made.at, "/", "use", (), behaviour.hop, grant))
        return
    enable_cors(run, made.at, first, container, product)


def _hook(run: Run, made: Made, found: Containers) -> None:
    """A hook of a Fastify app that refuses whoever is not logged in."""
    value = _simple(made.arg(1))
    name = ""
    if isinstance(value, Closure):
        at = value.function.at
        hand = by_hand(run.handler(value, Thing(at, "req"), Thing(at, "reply")), "before")
        name = "an onRequest hook" if refuses_preflight(hand) else ""
    elif isinstance(value, Made | Thing):
        name = guards(value.name)
    if name:
        _, container = _owner(run, made, found)
        container.layers.append(Layer(made.at, "/", "use", (), login_first, guard=name))


def enable_cors(
    run: Run, at: tree.At, value: Value | None, container: Container, product: str
) -> None:
    """What Nest hands to the package of its platform."""
    if product == "Nest on Fastify":
        fastify, grant = fastify_cors(run, at, value, container.slips)
        layer = Layer(at, "/", "use", (), fastify.hop, grant, product="@fastify/cors")
    else:
        express, grant = express_cors(run, at, value, container.slips)
        layer = Layer(at, "/", "use", (), express.hop, grant)
    container.layers.append(layer)


def _is_socket_server(made: Made) -> bool:
    return made.name in ("socket.io.Server", "socket.io", "Server") and any(
        isinstance(simple(arg)[0], Fields) and _cors_of(arg) is not None for arg in made.args
    )


def _cors_of(value: Value) -> Value | None:
    fields = simple(value)[0]
    cors = simple(fields.get("cors"))[0] if isinstance(fields, Fields) else None
    return None if isinstance(cors, Const) and not cors.value else cors


def _socket(run: Run, made: Made, found: Containers, products: dict[object, str]) -> None:
    cors = next(one for arg in made.args if (one := _cors_of(arg)) is not None)
    container = found.setdefault(made, Container(_variable(run, made), made.at))
    products[made] = "socket.io"
    behaviour, grant = express_cors(run, made.at, simple(cors)[0], container.slips)
    container.layers.append(
        Layer(made.at, "/socket.io", "use", (), behaviour.hop, grant, product="socket.io")
    )
