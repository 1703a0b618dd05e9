"""The policy as a Caddyfile: a snippet for each policy, and a route for each route.

Headers are set at once, not deferred, so that they are there when Caddy itself answers (a 502);
what the service says of CORS is removed by its ``reverse_proxy``, so that nothing is said twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from corsage.layers.gateways import (
    NOTE,
    actual_headers,
    address_of,
    by_precedence,
    checked,
    identifiers,
    listen_of,
    owning,
    preflight_headers,
    public_scheme,
    unrouted,
)
from corsage.layers.origin_regex import origin_regex
from corsage.policy.decide import PREFLIGHT_VARY
from corsage.policy.model import CorsPolicy, Policy, Route

_NONE = "none"

_VARY = [
    "# Vary as it leaves: Origin, which is there already, and what the service sent, unless that",
    "# names Origin or * itself.",
    "map {http.response.header.Vary} {cors_vary} {",
    r'    "~(?i)^Origin,((?:.*,)?\s*(?:origin|\*)\s*(?:,.*)?)$" ${1}',
    "    default {http.response.header.Vary}",
    "}",
]
_SITE = [
    "@preflight {",
    "    method OPTIONS",
    "    header Origin *",
    "    header Access-Control-Request-Method *",
    "}",
    "# WebSockets pass; no other upgrade does (h2c would tunnel past these rules).",
    "@upgrade {",
    "    header Upgrade *",
    "    not header_regexp Upgrade (?i)^websocket$",
    "}",
]
_REFUSE = [
    "handle @preflight {",
    f'    header Vary "{PREFLIGHT_VARY}"',
    "    respond 403",
    "}",
]
_VARIES = ["header Vary Origin", "header >Vary {cors_vary}"]


def write(policy: Policy) -> str:
    """The Caddyfile, the same text for the same policy.

    Raises GatewayWriteError where a value cannot be said in Caddy's language.
    """
    lines = _Writer(checked(policy)).lines()
    return "".join(f"{_tabs(line)}\n" for line in lines)


class _Writer:
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._owning = owning(policy)
        self._names = identifiers(policy.policies, (_NONE,))
        self._routes = by_precedence(policy.routes)

    def lines(self) -> Iterator[str]:
        yield f"# {NOTE}"
        options = self._options()
        if options:
            yield from ("{", *_indented(options), "}")
        yield ""
        yield from (f"({_NONE}) {{", *_indented(_REFUSE), "}")
        for rules in self._owning:
            yield ""
            yield from self._snippets(rules)
        yield ""
        host, port = listen_of(self._policy.gateway)
        yield f"{'http' if self._policy.gateway.tls is None else 'https'}://:{port} {{"
        yield from _indented(self._site(host))
        yield "}"

    def _options(self) -> list[str]:
        gateway = self._policy.gateway
        options = [] if gateway.tls is None else ["auto_https disable_redirects"]
        if gateway.error_log is not None:
            options += ["log {", f"    output file {gateway.error_log}", "}"]
        return options

    def _snippets(self, rules: CorsPolicy) -> Iterator[str]:
        name = self._names[rules.name]
        if rules.allow_origins.any_origin:
            yield from (f"({name}) {{", *_indented(self._allow(rules)), "}")
            return
        yield from (f"(allow_{name}) {{", *_indented(self._allow(rules)), "}", "")
        body = [*self._if_admitted(rules), *_REFUSE, *_VARIES]
        yield from (f"({name}) {{", *_indented(body), "}")

    def _allow(self, rules: CorsPolicy) -> list[str]:
        origin = f"{{cors_{self._names[rules.name]}}}"
        preflight = [*_set(preflight_headers(rules, origin), origin), "respond 204"]
        body = ["handle @preflight {", *_indented(preflight), "}"]
        # In a `route` things happen in the order in which they are written.
        return ["route {", *_indented([*body, *_set(actual_headers(rules, origin), origin)]), "}"]

    def _if_admitted(self, rules: CorsPolicy) -> list[str]:
        name = self._names[rules.name]
        return [
            f'@{name} not vars {{cors_{name}}} ""',
            f"handle @{name} {{",
            f"    import allow_{name}",
            "}",
        ]

    def _site(self, host: str) -> Iterator[str]:
        gateway = self._policy.gateway
        if host != "*":
            yield f"bind {host.strip('[]')}"
        if gateway.tls is not None:
            yield f"tls {gateway.tls.certificate} {gateway.tls.key}"
        if gateway.access_log is not None:
            yield from ("log {", f"    output file {gateway.access_log}", "}")
        echoing = [rules for rules in self._owning if not rules.allow_origins.any_origin]
        for rules in echoing:
            yield from ("", *self._origins(rules))
        if echoing:
            yield from ("", *_VARY)
        yield from ("", *_SITE, "", "# The first that matches answers.", "route {")
        yield "    request_header @upgrade -Upgrade"
        for number, route in enumerate(self._routes, 1):
            yield from ("", *_indented(self._route(route, f"@route{number}")))
        yield from ("", *_indented(self._unrouted()))
        yield "}"

    def _origins(self, rules: CorsPolicy) -> Iterator[str]:
        name, origins = self._names[rules.name], rules.allow_origins
        yield f"# The origin, if the policy {name} admits it."
        yield f"map {{header.Origin}} {{cors_{name}}} {{"
        yield from (f"    {origin} {origin}" for origin in origins.exact)
        yield from (f'    "~^{origin_regex(p)}$" ${{0}}' for p in origins.patterns)
        yield from ('    default ""', "}")

    def _route(self, route: Route, matcher: str) -> Iterator[str]:
        # `path` would ignore case.
        end = "$" if route.match == "exact" else "(?:/|$)"
        path = route.path if route.match == "exact" else route.path.rstrip("/")
        takes = f'path_regexp "^{_literal(path)}{end}"'
        if route.host is None:
            yield f"{matcher} {takes}"
        else:
            yield from (f"{matcher} {{", f"    host {route.host}", f"    {takes}", "}")
        body = []
        if route.owner == "gateway":
            body.append(f"import {self._names[route.cors] if route.cors else _NONE}")
        limit = self._policy.gateway.max_body if route.max_body is None else route.max_body
        if limit:
            body += ["request_body {", f"    max_size {limit}", "}"]
        yield from (f"route {matcher} {{", *_indented([*body, *self._proxy(route)]), "}")

    def _proxy(self, route: Route) -> Iterator[str]:
        address = address_of(self._policy.services[route.service])
        options = []
        if route.owner == "gateway":
            options += ["header_down -Access-Control-*", "header_down -Timing-Allow-Origin"]
        if address.scheme == "https":
            options.append("header_up Host {hostport}")
        tls = self._policy.gateway.tls is not None
        if (public := public_scheme(self._policy.gateway)) != ("https" if tls else "http"):
            options.append(f"header_up X-Forwarded-Proto {public}")
        if (seconds := route.timeout) is not None:
            times = ("dial_timeout", "response_header_timeout", "read_timeout", "write_timeout")
            options += ["transport http {", *(f"    {time} {seconds}s" for time in times), "}"]
        target = f"reverse_proxy {address.scheme}://{address.host}:{address.port}"
        if not options:
            yield target
            return
        yield from (f"{target} {{", *_indented(options), "}")

    def _unrouted(self) -> Iterator[str]:
        candidates = unrouted(self._policy)
        body: list[str] = []
        for rules in candidates:
            if rules.allow_origins.any_origin:
                body += ["handle {", f"    import {self._names[rules.name]}", "}"]
            else:
                body += self._if_admitted(rules)
        if all(not rules.allow_origins.any_origin for rules in candidates):
            body += _REFUSE
        if any(not rules.allow_origins.any_origin for rules in candidates):
            body += _VARIES
        yield "# Where no route is, the first policy that admits the origin answers."
        yield from ("route {", *_indented([*body, "respond 404"]), "}")


def _set(headers: Mapping[str, str], origin: str) -> list[str]:
    lines = (
        f"    {name} {value if value == origin else _quoted(value)}"
        for name, value in headers.items()
    )
    return ["header {", *lines, "}"]


def _quoted(text: str) -> str:
    # Names of methods and headers hold neither quotes nor braces, which alone are special here.
    return f'"{text}"'


def _literal(text: str) -> str:
    return re.sub(r"[.+*?()|^$]", r"\\\g<0>", text)


def _tabs(line: str) -> str:
    """The line as ``caddy fmt`` would have it."""
    text = line.lstrip(" ")
    return "\t" * ((len(line) - len(text)) // 4) + text


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]
