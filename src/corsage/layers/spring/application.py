"""A Spring application: which configurations it has, and in which order requests meet them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.apps import tree
from corsage.layers.apps.by_hand import ByHand, by_hand, grant_of
from corsage.layers.apps.events import Called, Event, Left
from corsage.layers.apps.requests import header, path_of, values
from corsage.layers.apps.run import Run, simple
from corsage.layers.apps.values import (
    Closure,
    Const,
    Items,
    Made,
    Thing,
    Value,
    as_text,
)
from corsage.layers.rules import PREFLIGHT_NOT_ROUTED
from corsage.layers.site import Cookie, Grant, Instance, Match, Site, Slip
from corsage.layers.spring.configuration import Cors, after, is_preflight, path_regex, processed
from corsage.layers.spring.properties import Setting, resolved
from corsage.layers.spring.settings import Draft, Text
from corsage.layers.target import Hop
from corsage.layers.where import Where

_SETS = {
    "setAllowedOrigins": "origins",
    "setAllowedOriginPatterns": "patterns",
    "setAllowedMethods": "methods",
    "setAllowedHeaders": "headers",
    "setExposedHeaders": "exposed",
    "setAllowCredentials": "credentials",
    "setMaxAge": "max_age",
    "allowedOrigins": "origins",
    "allowedOriginPatterns": "patterns",
    "allowedMethods": "methods",
    "allowedHeaders": "headers",
    "exposedHeaders": "exposed",
    "allowCredentials": "credentials",
    "maxAge": "max_age",
}
_ADDS = {
    "addAllowedOrigin": "origins",
    "addAllowedOriginPattern": "patterns",
    "addAllowedMethod": "methods",
    "addAllowedHeader": "headers",
    "addExposedHeader": "exposed",
}
_ANNOTATED = {
    "origins": "origins",
    "value": "origins",
    "originPatterns": "patterns",
    "methods": "methods",
    "allowedHeaders": "headers",
    "exposedHeaders": "exposed",
    "allowCredentials": "credentials",
    "maxAge": "max_age",
}
_SETTINGS = {
    "allowedorigins": "origins",
    "allowedoriginpatterns": "patterns",
    "allowedmethods": "methods",
    "allowedheaders": "headers",
    "exposedheaders": "exposed",
    "allowcredentials": "credentials",
    "maxage": "max_age",
}
_GATEWAYS = (
    ("spring", "cloud", "gateway", "globalcors", "corsConfigurations"),
    ("spring", "cloud", "gateway", "server", "webflux", "globalcors", "corsConfigurations"),
)
_METHOD_PREDICATE = re.compile(r"\s*Method\s*=")
_MAPPINGS = {
    "RequestMapping": "",
    "GetMapping": "GET",
    "PostMapping": "POST",
    "PutMapping": "PUT",
    "PatchMapping": "PATCH",
    "DeleteMapping": "DELETE",
}
_SOURCES = ("UrlBasedCorsConfigurationSource",)
_ASKS = (
    "authenticated",
    "hasRole",
    "hasAuthority",
    "hasAnyRole",
    "hasAnyAuthority",
    "fullyAuthenticated",
)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A configuration for a path pattern; ``methods`` are those of a handler, none: any."""

    pattern: str
    draft: Draft
    methods: tuple[str, ...] = ()

    def handles(self, request: WireRequest) -> bool:
        """Whether a handler is for a request, or for the one that a preflight asks about."""
        method = request.method
        if is_preflight(request):
            method = header(request, "access-control-request-method") or method
        return self.takes(path_of(request)) and (not self.methods or method in self.methods)

    def takes(self, path: str) -> bool:
        """Whether it is for a path."""
        return re.fullmatch(path_regex(self.pattern), path, re.DOTALL) is not None


@dataclass(slots=True, eq=False)
class Security:
    """A chain of Spring Security. ``cors``: it answers preflights; ``rules`` None: by whatever
    the application has."""

    cors: bool = False
    is_off: bool = False
    rules: list[Rule] | None = None
    asks: bool = False
    spares_options: bool = False
    status: int = 403


@dataclass(slots=True, eq=False)
class Application:
    """Gathers what the files of one application say."""

    name: str
    mvc: list[Rule] = field(default_factory=list)
    handlers: list[Rule] = field(default_factory=list)
    beans: list[Rule] = field(default_factory=list)
    bean_type: str = ""
    early: list[Rule] = field(default_factory=list)
    late: list[Rule] = field(default_factory=list)
    security: list[Security] = field(default_factory=list)
    gateway: list[Rule] = field(default_factory=list)
    written: list[tuple[ByHand, Grant, Where]] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    cookies: list[Cookie] = field(default_factory=list)

    # Java

    def read(self, run: Run) -> None:
        """Adds what one class says."""
        for node in tree.walk(*run.module.body):
            if isinstance(node, tree.ClassDef):
                self._annotations(run, node)
        for closure, events in run.functions():
            self._function(run, closure, list(_deep(run, events)))

    def _function(self, run: Run, closure: Closure, events: list[Event]) -> None:
        function = closure.function
        drafts = _drafts(run, events)
        sources: dict[int, list[Rule]] = {}
        mapped: list[Rule] = []
        for event in events:
            if not isinstance(event, Called):
                continue
            made = event.made
            last = made.name.rpartition(".")[2]
            if last == "registerCorsConfiguration" and len(made.args) > 1:
                draft = _draft_of(made.args[1], drafts)
                if draft is not None:
                    rule = Rule(as_text(made.args[0]) or "/**", draft)
                    sources.setdefault(_identity(made.of), []).append(rule)
            elif last == "addMapping" and id(made) in drafts:
                mapped.append(Rule(as_text(made.arg(0)) or "/**", drafts[id(made)]))
        if function.name in ("addCorsMappings", "") or mapped:
            self.mvc += [rule for rule in mapped if rule not in self.mvc]
        if _returns(function) in ("SecurityFilterChain", "SecurityWebFilterChain") or (
            function.name == "configure" and _mentions(events, ("authorize", "configurationSource"))
        ):
            self.security.append(_security(events, sources, drafts))
            return
        if not sources and "CorsConfigurationSource" in _returns(function):
            # request -> configuration, whatever the path
            sources = {0: [Rule("/**", draft) for draft in drafts.values()]}
        self._bean(function, events, sources)
        if function.name in ("doFilterInternal", "doFilter", "preHandle", "filter"):
            self._by_hand(run, closure)

    def _bean(
        self,
        function: tree.Function,
        events: Sequence[Event],
        sources: dict[int, list[Rule]],
    ) -> None:
        returned = [one.value for one in events if isinstance(one, Left) and one.value is not None]
        kind = _returns(function)
        all_rules = [rule for rules in sources.values() for rule in rules]
        if not all_rules:
            return
        if kind in ("CorsFilter", "CorsWebFilter"):
            self.late += all_rules
        elif kind == "FilterRegistrationBean":
            is_first = any(
                isinstance(event, Called) and event.made.name.rpartition(".")[2] == "setOrder"
                for event in events
            )
            (self.early if is_first else self.late).extend(all_rules)
        elif "CorsConfigurationSource" in kind or any(
            isinstance(value, Made) and value.name in _SOURCES for value in returned
        ):
            self.beans += all_rules
            self.bean_type = kind

    def _by_hand(self, run: Run, closure: Closure) -> None:
        at = closure.function.at
        names = [Thing(at, name) for name in ("request", "response", "chain")]
        hand = by_hand(run.handler(closure, *names), "before", by_context=True, status=200)
        if hand.is_cors:
            grant = grant_of(run.module, hand)
            self.written.append((hand, grant, run.module.where(at)))

    def _annotations(self, run: Run, node: tree.ClassDef) -> None:
        whole = _annotation(node.decorators, "CrossOrigin")
        prefixes = _paths(run, _mapping(node.decorators)) or [""]
        for member in node.body:
            if not isinstance(member, tree.Function):
                continue
            mapping = _mapping(member.decorators)
            own = _annotation(member.decorators, "CrossOrigin")
            if mapping is None or (own is None and whole is None):
                continue
            verb = _MAPPINGS[getattr(mapping.function, "name", "")]
            drafts = [self._annotated(run, one, verb) for one in (whole, own) if one is not None]
            draft = drafts[0] if len(drafts) == 1 else drafts[0].combined(drafts[1])
            draft.permits = True
            for prefix in prefixes:
                for path in _paths(run, mapping) or [""]:
                    methods = {"": (), "GET": ("GET", "HEAD")}.get(verb, (verb,))
                    self.handlers.append(Rule(_joined(prefix, path), draft, methods))

    def _annotated(self, run: Run, call: tree.Call, verb: str) -> Draft:
        draft = Draft(run.module.where(call), run.module)
        values_of = {name: run.value(node, run.names, True) for name, node in call.named}
        if call.args:
            values_of["value"] = run.value(call.args[0], run.names, True)
        for name, value in values_of.items():
            what = _ANNOTATED.get(name)
            if what == "credentials":
                draft.credentials = as_text(value) == "true"
                draft.places[what] = draft.where
            elif what is not None:
                draft.add(run.module, what, [value], run.module.where(value.at))
        age = values_of.get("maxAge")
        if isinstance(age, Const) and isinstance(age.value, int):
            draft.max_age = age.value
        if verb and draft.methods is None:
            draft.methods = [Text(verb, draft.where)]
        return draft

    # Settings

    def configure(self, top: Setting) -> None:
        """Adds what one document of settings says."""
        for names in _GATEWAYS:
            found = top.get(*names)
            for pattern, below in found.parts.items() if found is not None else ():
                self.gateway.append(Rule(pattern, _of_settings(below)))
            self.slips += _unrouted_preflights(top.get(*names[:-2]))
        management = top.get("management", "endpoints", "web", "cors")
        if management is not None:
            base = top.get("management", "endpoints", "web", "basePath")
            path = base.text if base is not None and base.text else "/actuator"
            self.handlers.append(Rule(f"{path}/**", _of_settings(management, permits=True)))
        graphql = top.get("spring", "graphql", "cors")
        if graphql is not None:
            path_setting = top.get("spring", "graphql", "path")
            path = (
                path_setting.text if path_setting is not None and path_setting.text else "/graphql"
            )
            self.handlers.append(Rule(path, _of_settings(graphql, permits=True)))
        cookie = top.get("server", "servlet", "session", "cookie") or top.get(
            "server", "reactive", "session", "cookie"
        )
        same_site = cookie.get("sameSite") if cookie is not None else None
        if cookie is not None and same_site is not None and same_site.text:
            secure = cookie.get("secure")
            name = cookie.get("name")
            self.cookies.append(
                Cookie(
                    name.text if name is not None and name.text else "JSESSIONID",
                    same_site.where,
                    same_site.text,
                    secure is not None and secure.text == "true",
                )
            )

    # What it comes to

    def instances(self) -> Iterator[Instance]:
        """The application, if anything in it is about CORS."""
        rules = self._all_rules()
        for rule in rules:
            self.slips += rule.draft.slips()
        if not rules and not self.written:
            return
        hop = self._hop()
        sites = [_site(self.name, rule, hop) for rule in rules]
        sites += [
            Site("Spring", f"{self.name} filter", where, Match(), hop, grant)
            for _, grant, where in self.written
        ]
        where = sites[0].where
        routed = [*zip(rules, sites, strict=False)]

        def route(request: WireRequest) -> Site | None:
            path = path_of(request)
            found = [(rule, site) for rule, site in routed if rule.takes(path)]
            if found:
                return max(found, key=lambda pair: len(pair[0].pattern.rstrip("*")))[1]
            return sites[-1] if self.written else None

        def unrouted(request: WireRequest, service: Server) -> Response | None:
            return hop(request, service)

        yield Instance("Spring", self.name, where, tuple(sites), route, unrouted=unrouted)

    def _all_rules(self) -> list[Rule]:
        found: list[Rule] = []
        own = [rule for chain in self.security for rule in chain.rules or ()]
        lists = (self.early, own, self.beans, self.late, self.mvc, self.handlers, self.gateway)
        for rules in lists:
            found += [rule for rule in rules if rule not in found]
        return found

    def _hop(self) -> Hop:
        early, late = _compiled(self.early), _compiled(self.late)
        mvc = _compiled(self.mvc)
        gateway = _compiled(self.gateway)
        chain = self._chain()
        secured = _compiled(self._secured(chain)) if chain is not None and chain.cors else None

        def handled(request: WireRequest) -> tuple[Cors | None, bool]:
            """The configuration of the handler, and whether there is any to ask."""
            path = path_of(request)
            found = next((rule for rule in self.handlers if rule.handles(request)), None)
            general = _first(mvc, path)
            if found is not None and general is not None:
                return general.draft.combined(found.draft).cors(), True
            if found is not None:
                return found.draft.cors(), True
            if general is not None:
                return general.draft.cors(), True
            return None, bool(self.mvc)

        def answer(request: WireRequest, service: Server) -> Response | None:
            lines: Headers = ()
            if early:
                refused, more = _filtered(early, request)
                lines = _more(lines, more)
                if refused is not None:
                    return Response(refused.status, _more(lines, refused.headers))
            if chain is not None:
                if secured is not None:
                    configured = bool(self._secured(chain))
                    if configured or self.mvc or self.handlers:
                        refused, more = (
                            _filtered(secured, request)
                            if configured
                            else _processed(handled(request)[0], request)
                        )
                        lines = _more(lines, more)
                        if refused is not None:
                            return Response(refused.status, _more(lines, refused.headers))
                elif chain.asks and not chain.spares_options and is_preflight(request):
                    return Response(chain.status, lines)
            if chain is not None and chain.asks and not is_preflight(request):
                response = service(request)
                if response is not None and response.status == 401:
                    return after(lines, response)  # refused before any handler
            # A gateway's own configuration belongs to its handler mapping, behind all filters.
            for rules in filter(None, (gateway, late)):
                refused, more = _filtered(rules, request, lines)
                lines = _more(lines, more)
                if refused is not None:
                    return Response(refused.status, _more(lines, refused.headers))
            cors, asked = handled(request)
            if (asked or is_preflight(request)) and not self.gateway:
                refused, more = _processed(cors, request, lines)
                lines = _more(lines, more)
                if refused is not None:
                    return Response(refused.status, _more(lines, refused.headers))
            response = service(request)
            return response and after(lines, response)

        hop: Hop = answer
        for hand, _, _ in self.written:
            hop = _around(hand, hop)
        return hop

    def _chain(self) -> Security | None:
        return self.security[0] if self.security else None

    def _secured(self, chain: Security) -> list[Rule]:
        if chain.rules:
            return chain.rules
        return self.late or self.beans


def _around(hand: ByHand, inner: Hop) -> Hop:
    return lambda request, service: hand.hop(request, lambda asked: inner(asked, service))


Compiled = list[tuple[Rule, Cors]]


def _compiled(rules: list[Rule]) -> Compiled:
    return [(rule, rule.draft.cors()) for rule in rules]


def _first(rules: Compiled, path: str) -> Rule | None:
    return next((rule for rule, _ in rules if rule.takes(path)), None)


def _filtered(
    rules: Compiled, request: WireRequest, before: Headers = ()
) -> tuple[Response | None, Headers]:
    """A CorsFilter: a preflight ends here, granted or not."""
    path = path_of(request)
    cors = next((cors for rule, cors in rules if rule.takes(path)), None)
    return _processed(cors, request, before)


def _processed(
    cors: Cors | None, request: WireRequest, before: Headers = ()
) -> tuple[Response | None, Headers]:
    if values(before, "access-control-allow-origin"):
        return (Response(200) if is_preflight(request) else None), ()
    refused, lines = processed(cors, request)
    if refused is None and is_preflight(request):
        return Response(200, lines), lines
    return refused, lines


def _more(lines: Headers, more: Headers) -> Headers:
    """Both; names of ``Vary`` and other headers stand once."""
    known = {(name.lower(), value.lower()) for name, value in lines}
    return (*lines, *(one for one in more if (one[0].lower(), one[1].lower()) not in known))


def _site(name: str, rule: Rule, hop: Hop) -> Site:
    pattern = rule.pattern
    prefix = pattern.partition("*")[0].partition("{")[0].rstrip("/") or "/"
    is_whole = pattern.endswith("/**") or pattern in ("/**", "**")
    is_exact = "*" not in pattern and "{" not in pattern
    match = Match(path=pattern, kind="regex")
    if is_whole and "*" not in pattern[:-2]:
        match = Match(path=prefix, kind="segments")
    elif is_exact:
        match = Match(path=pattern, kind="exact")
    example = re.sub(r"\{[^}]*\}", "1", pattern.replace("/**", "")).replace("*", "x") or "/"
    shown = name if pattern == "/**" else f"{name} {pattern}"
    grant = rule.draft.grant()
    return Site("Spring", shown, rule.draft.where, match, hop, grant, example=example)


def _deep(run: Run, events: Sequence[Event], depth: int = 0) -> Iterator[Event]:
    """The events, and those of the functions that are handed on."""
    for event in events:
        if isinstance(event, Called) and depth < 6:
            for arg in event.made.args:
                if isinstance(arg, Closure) and id(arg.function) not in run.seen:
                    yield from _deep(run, run.handler(arg), depth + 1)
        elif isinstance(event, Left) and isinstance(event.value, Closure) and depth < 6:
            yield from _deep(run, run.handler(event.value), depth + 1)
        yield event


def _identity(value: Value | None) -> int:
    return 0 if value is None else id(value)


def _root(made: Made) -> Made:
    """The call that a chain of calls began with."""
    while isinstance(made.of, Made):
        made = made.of
    return made


def _drafts(run: Run, events: Sequence[Event]) -> dict[int, Draft]:
    """The configurations that events put together, by the call that made each."""
    found: dict[int, Draft] = {}
    module = run.module
    for event in events:
        if not isinstance(event, Called):
            continue
        made = event.made
        last = made.name.rpartition(".")[2]
        root = _root(made)
        if last == "CorsConfiguration":
            found[id(made)] = Draft(module.where(made.at), module)
        elif last == "addMapping":
            found[id(made)] = Draft(module.where(made.at), module, permits=True)
        draft = _chain_draft(made, found) or found.get(id(root))
        if draft is None:
            continue
        if last in _SETS:
            draft.set(module, _SETS[last], made.args, module.where(made.at))
        elif last in _ADDS:
            draft.add(module, _ADDS[last], made.args, module.where(made.at))
        elif last == "applyPermitDefaultValues":
            draft.permits = True
    return found


def _chain_draft(made: Made, found: dict[int, Draft]) -> Draft | None:
    of: Value | None = made.of
    while isinstance(of, Made):
        if id(of) in found:
            return found[id(of)]
        of = of.of
    return None


def _draft_of(value: Value, drafts: dict[int, Draft]) -> Draft | None:
    value = simple(value)[0] or value
    if not isinstance(value, Made):
        return None
    return drafts.get(id(value)) or _chain_draft(value, drafts) or drafts.get(id(_root(value)))


def _security(
    events: Sequence[Event], sources: dict[int, list[Rule]], drafts: dict[int, Draft]
) -> Security:
    chain = Security()
    chained = [event.made for event in events if isinstance(event, Called)]
    names = [made.name.rpartition(".")[2] for made in chained]
    chain.asks = any(name in _ASKS for name in names)
    if "httpBasic" in names or "oauth2ResourceServer" in names:
        chain.status = 401
    elif "formLogin" in names or "oauth2Login" in names:
        chain.status = 302
    for made in chained:
        last = made.name.rpartition(".")[2]
        if last == "cors":
            chain.cors = not any(_disables(arg) for arg in made.args)
        elif last == "disable" and _is_cors_call(made):
            chain.cors = False
        elif last in ("requestMatchers", "antMatchers", "mvcMatchers", "pathMatchers"):
            if any(_names_options(arg) for arg in made.args) and "permitAll" in names:
                chain.spares_options = True
        elif last == "configurationSource":
            chain.rules = _given(made, sources, drafts, events) or chain.rules
    return chain


def _given(
    made: Made,
    sources: dict[int, list[Rule]],
    drafts: dict[int, Draft],
    events: Sequence[Event],
) -> list[Rule]:
    first = made.args[0] if made.args else None
    if isinstance(first, Made) and id(first) in sources:
        return sources[id(first)]
    if isinstance(first, Closure):
        # request -> configuration, whatever the path
        for event in events:
            if isinstance(event, Left) and isinstance(event.value, Made):
                draft = _draft_of(event.value, drafts)
                if draft is not None:
                    return [Rule("/**", draft)]
    return [rule for rules in sources.values() for rule in rules]


def _disables(value: Value) -> bool:
    if isinstance(value, Thing):
        return value.name.endswith(".disable")
    if isinstance(value, Closure):
        body = value.function.body
        last = body[-1] if body else None
        called = last.value if isinstance(last, tree.Return) else last
        return isinstance(called, tree.Call) and getattr(called.function, "name", "") == "disable"
    return False


def _is_cors_call(made: Made) -> bool:
    of = made.of
    return isinstance(of, Made) and of.name.rpartition(".")[2] == "cors"


def _names_options(value: Value) -> bool:
    if isinstance(value, Thing):
        return value.name.endswith(("HttpMethod.OPTIONS", "isPreFlightRequest"))
    if isinstance(value, Items):
        return any(map(_names_options, value.items))
    return False


def _mentions(events: Sequence[Event], names: tuple[str, ...]) -> bool:
    return any(
        isinstance(event, Called) and event.made.name.rpartition(".")[2].startswith(names)
        for event in events
    )


def _returns(function: tree.Function) -> str:
    """The type that a method is declared to return, which is its last decorator."""
    last = function.decorators[-1] if function.decorators else None
    return str(last.value) if isinstance(last, tree.Literal) else ""


def _annotation(decorators: Sequence[tree.Node], name: str) -> tree.Call | None:
    for one in decorators:
        if isinstance(one, tree.Call) and getattr(one.function, "name", "") == name:
            return one
    return None


def _mapping(decorators: Sequence[tree.Node]) -> tree.Call | None:
    for one in decorators:
        if isinstance(one, tree.Call) and getattr(one.function, "name", "") in _MAPPINGS:
            return one
    return None


def _paths(run: Run, mapping: tree.Call | None) -> list[str]:
    if mapping is None:
        return []
    named = dict(mapping.named)
    node = named.get("value") or named.get("path") or (mapping.args[0] if mapping.args else None)
    if node is None:
        return []
    value = simple(run.value(node, run.names, True))[0]
    items = value.items if isinstance(value, Items) else (value,)
    return [text for item in items if (text := as_text(item)) is not None]


def _joined(prefix: str, path: str) -> str:
    parts = [part.strip("/") for part in (prefix, path) if part.strip("/")]
    return "/" + "/".join(parts)


def _unrouted_preflights(gateway: Setting | None) -> Iterator[Slip]:
    """Routes by method, whose preflights no handler mapping takes: global CORS has no effect."""
    cors = gateway.get("globalcors") if gateway is not None else None
    if gateway is None or cors is None:
        return
    added = cors.get("addToSimpleUrlHandlerMapping")
    if added is not None and added.text == "true":
        return
    routes = gateway.get("routes")
    predicates = [
        found
        for route in (routes.parts.values() if routes is not None else ())
        for found in (route.get("predicates") or route).texts()
    ]
    for text, where in predicates:
        if _METHOD_PREDICATE.match(text) and "OPTIONS" not in text.upper():
            yield Slip(
                PREFLIGHT_NOT_ROUTED,
                f"a route with {text} takes no preflight",
                where,
                why="globalcors is asked by the mapping that found a route, and none is found for "
                "OPTIONS.",
                fix="spring.cloud.gateway.globalcors.add-to-simple-url-handler-mapping: true",
            )


def _of_settings(setting: Setting, *, permits: bool = False) -> Draft:
    draft = Draft(setting.where, permits=permits)
    for name, below in setting.parts.items():
        what = _SETTINGS.get(name)
        if what is None:
            continue
        draft.places[what] = below.where
        if what in ("credentials", "max_age"):
            text, variable = resolved(below.text or "")
            if variable:
                draft.note(what, below.where, f"{variable} may say otherwise")
            if what == "credentials":
                draft.credentials = text == "true"
            else:
                draft.max_age = _duration(text)
            continue
        texts: list[Text] = []
        for text, where in below.texts():
            known, variable = resolved(text)
            if variable:
                draft.note(what, where, f"{variable} may say otherwise")
            texts += [Text(one.strip(), where) for one in known.split(",") if one.strip()]
        setattr(draft, what, texts)
    return draft


def _duration(text: str) -> int | None:
    found = re.fullmatch(r"(\d+)\s*(ms|s|m|h|d)?", text.strip())
    if found is None:
        return None
    factor = {"s": 1, "m": 60, "h": 3600, "d": 86400, None: 1}
    return int(found[1]) * factor.get(found[2], 0) if found[2] != "ms" else int(found[1]) // 1000
