"""From the text of a policy file to a :class:`Policy`, or to everything that is wrong with it.

Nothing here opens files: text in, values out. First the structure is checked against
:mod:`corsage.policy.format`, then every value is read by its own small reader; what cannot be
read is reported and left out, so that one run finds everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from corsage.policy import addresses, names, paths, quantities, rules, shapes
from corsage.policy.expectations import read_expectations
from corsage.policy.format import FILE
from corsage.policy.model import ANY, CorsPolicy, Gateway, Policy, Route, Service, Tls
from corsage.policy.nodes import Mapping, Node, Scalar, Sequence
from corsage.policy.origin_groups import Groups, ReadFile
from corsage.policy.origin_text import is_loopback
from corsage.policy.origins import split_origin
from corsage.policy.problems import Fault, PolicyError, Problem, quoted
from corsage.policy.report import Reporter

T = TypeVar("T")

NO_POLICY = "none"
"""The reserved word of ``cors:`` for routes that no browser may read."""

LONGEST_CACHED = 7200
"""Seconds. Chromium caps Access-Control-Max-Age at two hours, Firefox at a day, Safari at ten
minutes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: the policy (None when it is refused) and everything found."""

    policy: Policy | None
    problems: tuple[Problem, ...]


def load_policy(
    source: str | bytes, name: str = "cors.yaml", read_file: ReadFile | None = None
) -> Policy:
    """The policy that ``source``, the content of a policy file, means.

    ``name`` is how the file is called in messages. ``read_file`` returns the content of a list
    of origins that the policy names (``{file: tenants.txt}``); it raises OSError when it cannot.

    Raises :class:`PolicyError` with all that is wrong, if the policy must be refused.
    """
    reading = read_policy_text(source, name, read_file)
    if reading.policy is None:
        raise PolicyError(p for p in reading.problems if p.severity == "error")
    return reading.policy


def read_policy_text(
    source: str | bytes, name: str = "cors.yaml", read_file: ReadFile | None = None
) -> Reading:
    """Like :func:`load_policy`, but returns what is wrong, warnings and notes included."""
    # Here and not above: the compiled decision and its middleware run without PyYAML.
    from corsage.policy.yaml_nodes import compose

    reporter = Reporter(name)
    root = compose(source, reporter.report)
    return _read(root, reporter, read_file)


def read_nodes(root: Node, name: str) -> Reading:
    """Like :func:`read_policy_text`, of a file's nodes made elsewhere (by the middleware, of
    keywords): the same rules without YAML."""
    return _read(root, Reporter(name), None)


def _read(root: Node | None, reporter: Reporter, read_file: ReadFile | None) -> Reading:
    policy = None
    if root is not None:
        shapes.check(root, FILE, reporter.report)
        policy = _Loader(reporter, read_file).policy(root)
    problems = reporter.sorted()
    refused = any(problem.severity == "error" for problem in problems)
    return Reading(None if refused else policy, problems)


class _Loader:
    """Reads the sections of one file."""

    def __init__(self, reporter: Reporter, read_file: ReadFile | None) -> None:
        self._reporter = reporter
        self._read_file = read_file

    def policy(self, root: Node) -> Policy:
        top = shapes.fields(root)
        gateway = self._gateway(top.get("gateway"))
        services = self._services(top.get("services"))
        groups = Groups(top.get("origins"), self._reporter, self._read_file)
        policies = self._policies(top.get("policies"), groups)
        routes = self._routes(top.get("routes"), services, policies)
        self._check_mixed_content(top.get("gateway"), gateway, policies)
        self._unused("service", top.get("services"), {route.service for route in routes})
        self._unused("policy", top.get("policies"), {route.cors for route in routes})
        expectations = read_expectations(top.get("expect"), groups, self._reporter)
        groups.report_unused()
        return Policy(gateway, services, policies, routes, groups.sets, expectations)

    def _value(self, node: Node | None, read: Callable[[str], T]) -> T | None:
        """What ``read`` makes of a text; its fault is reported where the text stands."""
        word = shapes.text(node)
        if word is None or node is None:
            return None
        try:
            return read(word)
        except Fault as fault:
            self._reporter.fault(node, fault)
            return None

    def _gateway(self, node: Node | None) -> Gateway:
        given = shapes.fields(node)
        tls = shapes.fields(given.get("tls"))
        certificate, key = shapes.text(tls.get("certificate")), shapes.text(tls.get("key"))
        listen = self._value(given.get("listen"), addresses.listen)
        public = self._value(given.get("public"), addresses.public)
        gateway = Gateway(
            listen=listen or Gateway().listen,
            public=public,
            tls=Tls(certificate, key) if certificate and key else None,
            max_body=self._size(given.get("max_body"), Gateway().max_body),
            access_log=shapes.text(given.get("access_log")),
            error_log=shapes.text(given.get("error_log")),
        )
        where = given.get("listen")
        if where is not None and "public" not in given and addresses.is_unspecified(gateway.listen):
            message = f"the gateway listens on every address ({gateway.listen})"
            why = "Without `public`, browsers are taken to call it by that address."
            self._reporter.at(
                where, rules.PUBLIC_UNKNOWN, message, why, "public: https://api.example.com"
            )
        return gateway

    def _check_mixed_content(
        self, node: Node | None, gateway: Gateway, policies: dict[str, CorsPolicy]
    ) -> None:
        where = shapes.fields(node).get("public")
        scheme, _, host = gateway.public_origin.partition("://")
        if where is None or scheme != "http" or is_loopback(split_origin(gateway.public_origin)[1]):
            return
        listed = (origin for rules in policies.values() for origin in rules.allow_origins)
        secure = next((origin for origin in listed if origin.startswith("https://")), None)
        if secure is not None:
            message = f"pages of {secure} cannot call {gateway.public_origin}"
            why = "Browsers block what a secure page asks of plain http, before CORS is asked."
            self._reporter.at(where, rules.MIXED_CONTENT, message, why, f"https://{host}")

    def _size(self, node: Node | None, default: T) -> int | T:
        number = shapes.integer(node)
        if number is None:
            number = self._value(node, quantities.size)
        return default if number is None else number

    def _duration(self, node: Node | None) -> int | None:
        number = shapes.integer(node)
        return self._value(node, quantities.duration) if number is None else number

    def _services(self, node: Node | None) -> dict[str, Service]:
        services = {}
        for key, value in self._named(node, "service"):
            url = self._value(value, addresses.service_url)
            # A service that is wrong is still known by name.
            services[key.text] = Service(key.text, url or "http://invalid")
        return services

    def _named(self, node: Node | None, what: str) -> list[tuple[Scalar, Node]]:
        pairs = node.pairs if isinstance(node, Mapping) else ()
        for key, _ in pairs:
            self._reporter.name(key, what)
        return list(pairs)

    def _policies(self, node: Node | None, groups: Groups) -> dict[str, CorsPolicy]:
        policies = {}
        for key, value in self._named(node, "policy"):
            if key.text == NO_POLICY:
                why = "`cors: none` means that no browser may read the route."
                message = f"{quoted(key.text)} is a reserved word"
                self._reporter.at(key, rules.BAD_NAME, message, why, None)
            policies[key.text] = self._one_policy(key.text, value, groups)
        return policies

    def _one_policy(self, name: str, node: Node, groups: Groups) -> CorsPolicy:
        given = shapes.fields(node)
        credentials = shapes.boolean(given.get("allow_credentials"))
        allowed = groups.allowed(name, given.get("allow_origins"), credentials, given)
        max_age = shapes.integer(given.get("max_age"))
        if max_age is not None and LONGEST_CACHED < max_age <= 86400:
            message = f"Chromium remembers a preflight for {LONGEST_CACHED} seconds at most"
            why = "Safari takes 600, Firefox 86400: after that a browser asks again."
            self._reporter.at(
                given["max_age"], rules.MAX_AGE_CAPPED, message, why, str(LONGEST_CACHED)
            )
        return CorsPolicy(
            name,
            allowed,
            allow_methods=self._list(given.get("allow_methods"), names.method, credentials),
            allow_headers=self._headers(given.get("allow_headers"), credentials),
            expose_headers=self._list(
                given.get("expose_headers"), names.response_header, credentials
            ),
            allow_credentials=credentials,
            max_age=max_age,
            allow_timing=shapes.boolean(given.get("allow_timing")),
        )

    def _headers(self, node: Node | None, credentials: bool) -> tuple[str, ...]:
        listed = self._list(node, names.request_header, credentials)
        named = {name.lower() for name in listed}
        if ANY in named and "authorization" not in named and not credentials and node is not None:
            why = "The standard wants it named; today's Chromium and Firefox still let it pass."
            message = 'allow_headers: "*" does not cover Authorization'
            self._reporter.at(
                node, rules.AUTHORIZATION_NOT_NAMED, message, why, '["*", Authorization]'
            )
        return listed

    def _list(
        self, node: Node | None, read: Callable[[str], str], credentials: bool
    ) -> tuple[str, ...]:
        listed: dict[str, str] = {}
        for item in shapes.scalars(node):
            if item.text == ANY:
                if credentials:
                    why = "With credentials a browser takes * for a header or method of that name."
                    message = "a wildcard means nothing where credentials are allowed"
                    self._reporter.at(item, rules.WILDCARD_WITH_CREDENTIALS, message, why, None)
                name: str | None = item.text
            else:
                name = self._value(item, read)
            if name is None:
                continue
            # Header names are the same in any case; methods were found to be in upper case.
            if name.lower() in listed:
                message = f"{name} is listed twice"
                self._reporter.at(item, rules.REPEATED_NAME, message, "", None)
            listed.setdefault(name.lower(), name)
        return tuple(listed.values())

    def _routes(
        self,
        node: Node | None,
        services: dict[str, Service],
        policies: dict[str, CorsPolicy],
    ) -> tuple[Route, ...]:
        routes = []
        taken: dict[tuple[str | None, str, str], Node] = {}
        for item in node.items if isinstance(node, Sequence) else ():
            route = self._route(item, services, policies)
            if route is None:
                continue
            path = route.path.rstrip("/") if route.match == "prefix" else route.path
            first = taken.setdefault((route.host, route.match, path), item)
            if first is not item:
                message = f"the route on line {first.line} takes the same requests"
                why = "Which of the two a gateway takes would be chance."
                self._reporter.at(item, rules.COLLIDING_ROUTES, message, why, None)
            routes.append(route)
        return tuple(routes)

    def _route(
        self, node: Node, services: dict[str, Service], policies: dict[str, CorsPolicy]
    ) -> Route | None:
        given = shapes.fields(node)
        exact = "exact" in given
        where = given.get("exact" if exact else "path")
        path = self._value(where, paths.route_path)
        service = self._reference(given.get("service"), "service", services)
        cors = shapes.text(given.get("cors"))
        if cors is not None and cors != NO_POLICY:
            self._reference(given["cors"], "policy", [*policies, NO_POLICY])
        owner = shapes.text(given.get("owner"))
        if cors == NO_POLICY and owner == "service":
            message = "the service answers for CORS, but the route has no policy"
            why = (
                "`cors: none` promises that no browser reads the route; only the gateway keeps it."
            )
            self._reporter.at(given["owner"], rules.OWNED_BY_NOBODY, message, why, None)
        host = self._value(given.get("host"), addresses.route_host)
        route = Route(
            path=path or "/",
            service=service or "",
            cors=None if cors == NO_POLICY else cors,
            match="exact" if exact else "prefix",
            host=host,
            owner="service" if owner == "service" else "gateway",
            max_body=self._size(given.get("max_body"), None),
            rate_limit=self._value(given.get("rate_limit"), quantities.rate),
            timeout=self._duration(given.get("timeout")),
        )
        return route if path is not None else None

    def _reference(self, node: Node | None, what: str, known: object) -> str | None:
        word = shapes.text(node)
        assert isinstance(known, (dict, list))
        if word is not None and node is not None and word not in known:
            message = f"there is no {what} named {quoted(word)}"
            self._reporter.at(
                node, rules.UNKNOWN_NAME, message, "", self._reporter.nearest(word, known)
            )
        return word

    def _unused(self, what: str, node: Node | None, used: set[str | None]) -> None:
        for key, _ in node.pairs if isinstance(node, Mapping) else ():
            if key.text not in used:
                message = f"the {what} {quoted(key.text)} is not used by any route"
                self._reporter.at(key, rules.UNUSED, message, "", None)
