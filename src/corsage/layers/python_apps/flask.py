"""Flask apps: flask-cors, and hooks that write the headers themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.apps import tree
from corsage.layers.apps.by_hand import by_hand, grant_of
from corsage.layers.apps.conditions import is_ruled_out
from corsage.layers.apps.entries import entry, everybody, exact, never_matching, union
from corsage.layers.apps.events import Called, Event, Stored
from corsage.layers.apps.guards import origin_guards, refuses_preflight
from corsage.layers.apps.options import Options
from corsage.layers.apps.requests import automatic_options, path_of
from corsage.layers.apps.run import Run, simple
from corsage.layers.apps.values import (
    Closure,
    Const,
    Fields,
    Items,
    Made,
    Pattern,
    Thing,
    Unknown,
    Value,
    as_text,
)
from corsage.layers.python_apps.fastapi import listed
from corsage.layers.python_apps.flask_cors import (
    METHODS,
    Extension,
    FlaskCors,
    Resource,
    looks_like_regex,
)
from corsage.layers.site import Grant, Instance, Match, OriginEntry, Site, Slip
from corsage.layers.target import Hop
from corsage.patterns import Undecided, UnsupportedPattern, nothing, regex

PRODUCT = "flask-cors"
_EXTENSION = {"flask_cors.CORS", "flask_cors.extension.CORS"}
_VIEW = {"flask_cors.cross_origin", "flask_cors.decorator.cross_origin"}
_CONFIGURED = {
    "CORS_ORIGINS": "origins",
    "CORS_METHODS": "methods",
    "CORS_ALLOW_HEADERS": "allow_headers",
    "CORS_EXPOSE_HEADERS": "expose_headers",
    "CORS_SUPPORTS_CREDENTIALS": "supports_credentials",
    "CORS_MAX_AGE": "max_age",
    "CORS_SEND_WILDCARD": "send_wildcard",
    "CORS_VARY_HEADER": "vary_header",
    "CORS_RESOURCES": "resources",
    "CORS_ALWAYS_SEND": "always_send",
}
_PLAIN_PREFIX = re.compile(r"\^?(/[\w./-]*?)/?(?:\.\*|\*|/\*|/\.\*)?\$?")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What holds for some paths: a resource of flask-cors, a decorated view, or a hook."""

    path: str
    kind: str
    at: tree.At
    grant: Grant
    product: str = PRODUCT
    resource: Resource | None = None
    hop: Hop | None = None
    options: FlaskCors | None = None


@dataclass(slots=True, eq=False)
class FlaskApp:
    """The parts of an app, in their order."""

    parts: list[Part] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    denied: list[Slip] = field(default_factory=list)
    is_guarded: bool = False


def read(run: Run, events: Sequence[Event], app: FlaskApp) -> None:
    """Adds what one run of code says of flask-cors and of hooks."""
    configured = dict(_configured(events))
    deferred: dict[Made, dict[str, Value]] = {}
    for event in events:
        if not isinstance(event, Called) or is_ruled_out(event.when):
            continue
        made = event.made
        if made.name in _EXTENSION:
            if made.args or "app" in made.named:
                _extension(run, app, made, configured | made.named)
            else:
                deferred[made] = dict(made.named)
        elif made.name.rpartition(".")[2] == "init_app" and made.of in deferred:
            own = deferred[made.of] if isinstance(made.of, Made) else {}
            _extension(run, app, made, configured | own | made.named)
        elif isinstance(made.of, Made) and made.of.name in _VIEW:
            _view(run, app, made.of, made, events, configured)
        elif isinstance(made.of, Thing) and made.of.name in _VIEW:
            _view(run, app, made, made, events, configured)
        else:
            _hook(run, app, made)


def _configured(events: Sequence[Event]) -> Iterator[tuple[str, Value]]:
    """``app.config["CORS_ORIGINS"] = ...``, which flask-cors reads as well."""
    for event in events:
        if isinstance(event, Stored) and event.name in _CONFIGURED:
            yield _CONFIGURED[event.name], event.value


def _hook(run: Run, app: FlaskApp, made: Made) -> None:
    """``@app.after_request``."""
    of = made.of
    name = of.name if isinstance(of, Made | Thing) else made.name
    first = made.args[0] if made.args else None
    last = name.rpartition(".")[2]
    if not isinstance(first, Closure):
        return
    if last in ("before_request", "before_app_request"):
        hand = by_hand(run.handler(first), "before")
        app.denied += origin_guards(run.module, hand)
        app.is_guarded = app.is_guarded or refuses_preflight(hand)
    if last not in ("after_request", "after_app_request"):
        return
    response = first.function.params[0] if first.function.params else "response"
    hand = by_hand(run.handler(first, Thing(first.at, response)), "after")
    if hand.is_cors:
        at = first.function.at
        grant = grant_of(run.module, hand)
        product = "the app's own after_request"
        app.parts.append(Part("/", "prefix", at, grant, product, hop=hand.hop))


def _extension(run: Run, app: FlaskApp, made: Made, given: dict[str, Value]) -> None:
    given = {name: value for name, value in given.items() if name != "app"}
    rest = given.pop("**", None)
    why = rest.why if isinstance(rest, Unknown) else ("it unpacks a dict" if rest else "")
    resources = simple(given.pop("resources", None))[0]
    parts: list[Part] = []
    if isinstance(resources, Fields):
        for key, own in resources.pairs:
            own_options = simple(own)[0]
            fields = (
                {}
                if not isinstance(own_options, Fields)
                else {str(k.value): v for k, v in own_options.pairs if isinstance(k, Const)}
            )
            parts.append(_part(run, app, made, key, {**given, **fields}, why))
        parts.sort(key=lambda part: part.resource.order if part.resource else (0, 0, 0, 0))
    elif isinstance(resources, Items):
        parts += [_part(run, app, made, key, given, why) for key in resources.items]
    else:
        key = resources if isinstance(resources, Const | Pattern) else Const(made.at, "/*")
        parts.append(_part(run, app, made, key, given, why))
    app.parts += parts


def _part(
    run: Run, app: FlaskApp, made: Made, key: Value, given: dict[str, Value], why: str
) -> Part:
    pattern = key.text if isinstance(key, Pattern) else as_text(key) or ".*"
    options, grant = _options(run, app, made, given, why)
    resource = Resource(pattern, options, is_compiled=isinstance(key, Pattern))
    path, kind = _path(pattern, is_regex=looks_like_regex(pattern) or isinstance(key, Pattern))
    return Part(path, kind, made.at, grant, resource=resource)


def _path(pattern: str, *, is_regex: bool) -> tuple[str, str]:
    if not is_regex:
        return pattern, "exact"
    found = _PLAIN_PREFIX.fullmatch(pattern)
    if found is None or pattern in (".*", "*"):
        return ("/", "prefix") if pattern in (".*", "*", "^.*$") else (pattern, "regex")
    return found[1] or "/", "prefix"


def _options(
    run: Run, app: FlaskApp, made: Made, given: dict[str, Value], why: str
) -> tuple[FlaskCors, Grant]:
    module = run.module
    options = Options(module, made.at, given, why)
    value = options.value("allow_origins", "origins")
    options.show("allow_origins", value, "*")
    by_default = value is None and not why
    entries: list[OriginEntry] = []
    texts: list[str] = []
    has_regex = False
    for item in _origins(options, value):
        if isinstance(item, Const) and item.value in ("*", ".*"):
            entries.append(everybody(module, item.at, str(item.value)))
            has_regex = True  # the star is one, too
            continue
        text = item.text if isinstance(item, Pattern) else str(item.value)
        if isinstance(item, Pattern) or looks_like_regex(text):
            has_regex = True
            ignores = isinstance(item, Const) or "i" in item.flags.lower()
            entries.append(_regex(options, item.at, text, ignores=ignores))
        else:
            texts.append(text)
            lowered = exact(module, item.at, text.casefold())
            entries.append(replace(lowered, text=text))
            app.slips += never_matching(module, PRODUCT, replace_text(item, text.casefold()))
    if by_default:
        entries.append(everybody(module, made.at))
        has_regex = True
    any_origin = any(one.text in ("*", ".*") for one in entries)
    methods = options.texts("allow_methods", "methods", default=METHODS) or ()
    headers = options.texts("allow_headers", "allow_headers", default=("*",)) or ()
    credentials = options.flag("allow_credentials", "supports_credentials")
    exposed = options.texts("expose_headers", "expose_headers", default=()) or ()
    max_age = options.number("max_age", "max_age")
    behaviour = FlaskCors(
        origins=union(tuple(entries)),
        any_origin=any_origin,
        texts=tuple(texts),
        count=len(entries),
        has_regex=has_regex,
        methods=methods,
        headers=headers,
        credentials=credentials,
        exposed=exposed,
        max_age=None if max_age is None else str(max_age),
        send_wildcard=_flag(options, "send_wildcard"),
        always_send=_flag(options, "always_send", default=True),
        vary=_flag(options, "vary_header", default=True),
    )
    grant = Grant(
        entries=tuple(entries),
        credentials=credentials,
        methods=tuple(method.upper() for method in methods),
        headers=None if "*" in headers else headers,
        exposed=exposed,
        max_age=max_age,
        settings=tuple(options.settings),
        unknown=tuple(options.unknown),
        by_default=by_default,
    )
    return behaviour, grant


def replace_text(value: Const, text: str) -> Const:
    """The same place with another text."""
    return Const(value.at, text, value.assumed)


def _flag(options: Options, name: str, *, default: bool = False) -> bool:
    value = simple(options.get(name))[0]
    return bool(value.value) if isinstance(value, Const) else default


def _origins(options: Options, value: Value | None) -> Iterator[Const | Pattern]:
    if isinstance(value, Pattern):
        yield value
    elif isinstance(value, Items):
        for item in value.items:
            if isinstance(item, Pattern):
                yield item
            else:
                yield from listed(options, Items(value.at, (item,)))
    else:
        yield from listed(options, value)


def _regex(options: Options, at: tree.At, text: str, *, ignores: bool) -> OriginEntry:
    try:
        language = regex(text, "python", "prefix", ignore_case=ignores)
    except (UnsupportedPattern, Undecided) as error:
        options.note("allow_origins", at, str(error))
        language = nothing()
    return entry(options.module, at, text, language)


def _view(
    run: Run,
    app: FlaskApp,
    decorator: Made,
    applied: Made,
    events: Sequence[Event],
    configured: dict[str, Value],
) -> None:
    """``@cross_origin(...)`` on a view, whose path its ``@app.route(...)`` says."""
    view = applied.args[0] if applied.args else None
    if not isinstance(view, Closure):
        return
    given = configured | (decorator.named if decorator is not applied else {})
    options, grant = _options(run, app, decorator, given, "")
    for path in _routes_of(view, events):
        at = decorator.at
        exact_path = path if "<" not in path else path.partition("<")[0]
        kind = "exact" if "<" not in path else "prefix"
        app.parts.append(Part(exact_path, kind, at, grant, options=options))


def _routes_of(view: Closure, events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        if not isinstance(event, Called) or not isinstance(event.made.of, Made):
            continue
        given = event.made.args[0] if event.made.args else None
        route = event.made.of
        is_same = isinstance(given, Closure) and given.function is view.function
        name = route.name.rpartition(".")[2]
        if is_same and name in ("route", "get", "post", "put", "delete", "patch") and route.args:
            yield as_text(route.args[0]) or "/"


def instance(run: Run, app: FlaskApp) -> Instance | None:
    """The app; None where nothing is about CORS."""
    if not app.parts:
        return None
    module = run.module
    name = next(
        (n for n, v in run.names.own.items() if isinstance(v, Made) and v.name == "flask.Flask"),
        "app",
    )
    hop = _hop(app.parts)
    sites = tuple(
        Site(
            product="Flask",
            name=f"{name} {part.path}" if part.path != "/" else name,
            where=module.where(part.at),
            match=Match(path=part.path, kind=part.kind),  # type: ignore[arg-type]
            hop=hop,
            grant=part.grant,
            example=_example(part),
        )
        for part in app.parts
    )

    def route(request: WireRequest) -> Site | None:
        path = path_of(request)
        for part, site in sorted(
            zip(app.parts, sites, strict=True), key=lambda pair: pair[0].options is None
        ):
            if _takes(part, path):
                return site
        return None

    def unrouted(_request: WireRequest, service: Server) -> Response | None:
        return service(_request)

    return Instance("Flask", name, sites[0].where, sites, route, unrouted=unrouted)


def _takes(part: Part, path: str) -> bool:
    if part.resource is not None:
        return part.resource.takes(path)
    if part.kind == "exact":
        return path == part.path
    return path.startswith(part.path)


def _example(part: Part) -> str:
    if part.kind == "regex":
        return "/"
    return part.path if part.path.startswith("/") else "/"


def _hop(parts: Sequence[Part]) -> Hop:
    resources = tuple(part.resource for part in parts if part.resource is not None)
    extension = Extension(resources)
    views = [part for part in parts if part.options is not None]
    hooks = [part.hop for part in parts if part.hop is not None]

    def hop(request: WireRequest, service: Server) -> Response | None:
        path = path_of(request)
        handlers = automatic_options(service)

        def viewed(asked: WireRequest) -> Response | None:
            response = handlers(asked)
            if response is None:
                return None
            for part in views:
                if part.options is not None and _takes(part, path):
                    return part.options.applied(asked, response)
            return response

        server: Server = viewed
        if resources:
            inner = server
            server = lambda asked: extension.hop(asked, inner)  # noqa: E731 -- one layer more
        for hook in hooks:
            server = _around(hook, server)
        return server(request)

    return hop


def _around(hook: Hop, server: Server) -> Server:
    return lambda request: hook(request, server)
