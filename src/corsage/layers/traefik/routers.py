"""The policy as Traefik's routers and middlewares, in whatever way they are handed to it.

Its ``headers`` middleware answers every preflight alike and tells strangers of credentials, so
who asks is found by routers: one for preflights from admitted origins, one for those that are
refused, one for admitted origins and one for everybody else. What is constant is set by
``customResponseHeaders``; the middleware's own list does nothing but name the origin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from corsage.layers.gateways import (
    GatewayWriteError,
    actual_headers,
    by_precedence,
    checked,
    identifiers,
    owning,
    preflight_headers,
    unrouted,
)
from corsage.layers.origin_regex import origin_regex
from corsage.layers.yaml_text import Value
from corsage.policy.decide import PREFLIGHT_VARY, UPSTREAM_CORS_HEADERS
from corsage.policy.model import CorsPolicy, Policy, Route, Service

_PREFLIGHT = (
    "Method(`OPTIONS`) && HeaderRegexp(`Origin`, `.`)"
    " && HeaderRegexp(`Access-Control-Request-Method`, `.`)"
)
_NOBODY = ["255.255.255.255/32"]
_MOST_BYTES = 8 * 1024 * 1024
_ORIGIN = ""  # the middleware's list names it


@dataclass(frozen=True, slots=True)
class Router:
    """``backend`` None: the middlewares answer. ``route`` None: for what no route takes."""

    name: str
    rule: str
    priority: int
    middlewares: tuple[str, ...]
    backend: Backend | None
    route: Route | None


@dataclass(frozen=True, slots=True)
class Backend:
    """A service of the policy; ``timeout`` in seconds."""

    name: str
    service: Service
    timeout: int | None


class Routing:
    """The routers of a policy, first to last, and the middlewares that they name.

    Raises GatewayWriteError where a value cannot be said in Traefik's language.
    """

    def __init__(self, policy: Policy) -> None:
        self.routers: list[Router] = []
        self.middlewares: dict[str, Mapping[str, Value]] = {}
        self._policy = checked(policy)
        self._names = identifiers(policy.policies)
        self._services = identifiers(policy.services)
        self._priority = 8 * (len(policy.routes) + len(policy.policies) + 1)
        self._regexes = {rules.name: _regex(rules) for rules in owning(policy)}
        self._check_size()
        self._common()
        for rules in owning(policy):
            self._of_policy(rules)
        for number, route in enumerate(by_precedence(policy.routes), 1):
            self._of_route(route, f"route{number}")
        self._unrouted()

    def _check_size(self) -> None:
        owned = [route.cors for route in self._policy.routes if route.owner == "gateway"]
        sizes = {name: owned.count(name) * len(regex) for name, regex in self._regexes.items()}
        largest = max(sizes, key=sizes.__getitem__, default="")
        if sizes.get(largest, 0) > _MOST_BYTES:
            raise GatewayWriteError(
                f"policy {largest!r} has too many origins for its routes: Traefik needs them in "
                "the rule of every route; use HAProxy, Envoy or nginx"
            )

    def _common(self) -> None:
        for status in (204, 403, 404):
            # Nobody has this address: everybody is answered with the status.
            deny: Value = {"sourceRange": _NOBODY, "rejectStatusCode": status}
            self.middlewares[f"answer-{status}"] = {"ipAllowList": deny}
        self._headers("refused", {"Vary": PREFLIGHT_VARY})
        self._headers("none", _stripped({}))
        self._headers("strangers", _stripped({"Vary": "*"}))

    def _headers(self, name: str, custom: dict[str, str]) -> None:
        self.middlewares[name] = {"headers": {"customResponseHeaders": custom}}

    def _of_policy(self, rules: CorsPolicy) -> None:
        name = self._names[rules.name]
        varies = {} if rules.allow_origins.any_origin else {"Vary": "*"}
        self._headers(f"{name}-preflight", preflight_headers(rules, _ORIGIN))
        self._headers(f"{name}-actual", _stripped({**actual_headers(rules, _ORIGIN), **varies}))
        origins = rules.allow_origins
        if not origins.any_origin:
            lists: dict[str, Value] = {}
            if origins.exact:
                lists["accessControlAllowOriginList"] = list(dict.fromkeys(origins.exact))
            if origins.patterns:
                lists["accessControlAllowOriginListRegex"] = [
                    f"^{origin_regex(pattern)}$" for pattern in origins.patterns
                ]
            self.middlewares[f"{name}-origin"] = {"headers": lists}

    def _of_route(self, route: Route, name: str) -> None:
        rule = f"PathRegexp(`{_path(route)}`)"
        if route.host is not None:
            rule = f"Host(`{route.host}`) && {rule}"
        limits = self._limits(route, name)
        if route.owner == "service":
            self._router(name, rule, limits, route)
            return
        if route.cors is None:
            self._refused(name, rule, route)
            self._router(name, rule, ["none", *limits], route)
            return
        rules = self._policy.policies[route.cors]
        self._admitted(rules, name, rule, limits, route)
        if not rules.allow_origins.any_origin:
            self._refused(name, rule, route)
            self._router(name, rule, ["strangers", *limits], route)

    def _admitted(
        self, rules: CorsPolicy, name: str, rule: str, limits: list[str], route: Route | None
    ) -> None:
        policy = self._names[rules.name]
        if rules.allow_origins.any_origin:
            answer = [f"{policy}-preflight", "answer-204"]
            self._answer(f"{name}-preflight", f"{rule} && {_PREFLIGHT}", answer, route)
            self._router(name, rule, [f"{policy}-actual", *limits], route)
            return
        rule = f"{rule} && HeaderRegexp(`Origin`, `{self._regexes[rules.name]}`)"
        answer = [f"{policy}-preflight", f"{policy}-origin"]
        self._answer(f"{name}-{policy}-preflight", f"{rule} && {_PREFLIGHT}", answer, route)
        passing = [f"{policy}-origin", f"{policy}-actual", *limits]
        self._router(f"{name}-{policy}", rule, passing, route)

    def _refused(self, name: str, rule: str, route: Route | None) -> None:
        answer = ["refused", "answer-403"]
        self._answer(f"{name}-refused", f"{rule} && {_PREFLIGHT}", answer, route)

    def _unrouted(self) -> None:
        rule = "PathRegexp(`^`)"
        candidates = unrouted(self._policy)
        for rules in candidates:
            if rules.allow_origins.any_origin and len(candidates) > 1:
                # Others were asked before it, so that the answer depends on the origin.
                varying = _stripped({**actual_headers(rules, _ORIGIN), "Vary": "*"})
                self._headers("unrouted", varying)
                answer = [f"{self._names[rules.name]}-preflight", "answer-204"]
                self._answer("unrouted-preflight", f"{rule} && {_PREFLIGHT}", answer, None)
                self._router("unrouted", rule, ["unrouted", "answer-404"], None)
                return
            self._admitted(rules, "unrouted", rule, ["answer-404"], None)
            if rules.allow_origins.any_origin:
                return
        self._refused("unrouted", rule, None)
        others = "strangers" if candidates else "none"
        self._router("unrouted", rule, [others, "answer-404"], None)

    def _answer(self, name: str, rule: str, middlewares: list[str], route: Route | None) -> None:
        self._priority -= 1
        chain = tuple(middlewares)
        self.routers.append(Router(name, rule, self._priority, chain, None, route))

    def _router(self, name: str, rule: str, middlewares: list[str], route: Route | None) -> None:
        self._priority -= 1
        backend = None if route is None else self._backend(route)
        chain = tuple(middlewares)
        self.routers.append(Router(name, rule, self._priority, chain, backend, route))

    def _limits(self, route: Route, name: str) -> list[str]:
        found = []
        if (rate := route.rate_limit) is not None:
            self.middlewares[f"{name}-rate"] = {"rateLimit": {"average": rate, "burst": rate}}
            found.append(f"{name}-rate")
        limit = self._policy.gateway.max_body if route.max_body is None else route.max_body
        if limit:
            self.middlewares[f"body-{limit}"] = {"buffering": {"maxRequestBodyBytes": limit}}
            found.append(f"body-{limit}")
        return found

    def _backend(self, route: Route) -> Backend:
        name = self._services[route.service]
        if route.timeout is not None:
            name = f"{name}-{route.timeout}s"
        return Backend(name, self._policy.services[route.service], route.timeout)


def _stripped(headers: dict[str, str]) -> dict[str, str]:
    """The headers, and none of those of the service: an empty value removes a header."""
    return {**dict.fromkeys(UPSTREAM_CORS_HEADERS, ""), **headers}


def _regex(rules: CorsPolicy) -> str:
    origins = rules.allow_origins
    literals = [_literal(origin) for origin in dict.fromkeys(origins.exact)]
    return f"^(?:{'|'.join([*literals, *map(origin_regex, origins.patterns)])})$"


def _path(route: Route) -> str:
    if route.match == "exact":
        return f"^{_spelled(route.path)}$"
    return f"^{_spelled(route.path.rstrip('/'))}(?:/|$)"


def _spelled(path: str) -> str:
    """The path, with everything that Traefik leaves percent-encoded in either spelling."""
    return "".join(
        character
        if re.fullmatch(r"[A-Za-z0-9_~/-]", character)
        else r"\."
        if character == "."
        else f"(?:{_literal(character)}|(?i:%{ord(character):02X}))"
        for character in path
    )


def _literal(text: str) -> str:
    return re.sub(r"[.+*?()\[\]|^$]", r"\\\g<0>", text)
