"""The ``services`` and ``routes`` of a policy file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from corsage.policy import addresses, paths, quantities, rules, shapes
from corsage.policy.model import CorsPolicy, Route, Service
from corsage.policy.nodes import Node, Sequence
from corsage.policy.problems import quoted
from corsage.policy.read_gateway import read_size
from corsage.policy.read_policies import NO_POLICY
from corsage.policy.report import Reporter


def read_services(node: Node | None, reporter: Reporter) -> dict[str, Service]:
    """The services by name; one whose URL is wrong is still known."""
    services = {}
    for key, value in shapes.pairs(node):
        reporter.name(key, "service")
        url = reporter.value(value, addresses.service_url)
        services[key.text] = Service(key.text, url or "http://invalid")
    return services


class References:
    """Names that routes refer to: which are known, and which were used (or probably meant)."""

    def __init__(self, what: str, known: Iterable[str], reporter: Reporter) -> None:
        self._what = what
        self._known = frozenset(known)
        self._reporter = reporter
        self._used: set[str] = set()

    def read(self, node: Node | None) -> str:
        """The name that stands at a node; a name of nothing is reported."""
        word = shapes.text(node)
        if node is None or word is None:
            return ""
        self._used.add(word)
        if word not in self._known:
            near = self._reporter.nearest(word, sorted(self._known))
            self._used.add(near or word)
            message = f"there is no {self._what} named {quoted(word)}"
            self._reporter.at(node, rules.UNKNOWN_NAME, message, "", near)
        return word

    def report_unused(self, node: Node | None) -> None:
        """Warn of the names of the mapping at ``node`` that no route has used."""
        for key, _ in shapes.pairs(node):
            if key.text not in self._used:
                message = f"the {self._what} {quoted(key.text)} is not used by any route"
                self._reporter.at(key, rules.UNUSED, message, "", None)


def read_routes(
    top: Mapping[str, Node],
    services: Mapping[str, Service],
    policies: Mapping[str, CorsPolicy],
    reporter: Reporter,
) -> tuple[Route, ...]:
    """The routes of the file whose keys are ``top``."""
    service_names = References("service", services, reporter)
    policy_names = References("policy", policies, reporter)
    routes = []
    taken: dict[tuple[str | None, str, str], Node] = {}
    node = top.get("routes")
    for item in node.items if isinstance(node, Sequence) else ():
        route = _read_route(item, service_names, policy_names, reporter)
        if route is None:
            continue
        path = route.path.rstrip("/") if route.match == "prefix" else route.path
        first = taken.setdefault((route.host, route.match, path), item)
        if first is not item:
            message = f"the route on line {first.line} takes the same requests"
            why = "Which of the two a gateway takes would be chance."
            reporter.at(item, rules.COLLIDING_ROUTES, message, why, None)
        routes.append(route)
    service_names.report_unused(top.get("services"))
    policy_names.report_unused(top.get("policies"))
    return tuple(routes)


def _read_route(
    node: Node, services: References, policies: References, reporter: Reporter
) -> Route | None:
    """A route; None for one whose path cannot be read."""
    given = shapes.fields(node)
    exact = "exact" in given
    service = services.read(given.get("service"))
    cors = shapes.text(given.get("cors"))
    cors = None if cors == NO_POLICY else policies.read(given.get("cors"))
    owned_by_service = shapes.text(given.get("owner")) == "service"
    if cors is None and owned_by_service:
        message = "the service answers for CORS, but the route has no policy"
        why = "`cors: none` promises that no browser reads it, and only the gateway can keep that."
        reporter.at(given["owner"], rules.OWNED_BY_NOBODY, message, why, None)
    path = reporter.value(given.get("exact" if exact else "path"), paths.route_path)
    route = Route(
        path=path or "/",
        service=service,
        cors=cors,
        match="exact" if exact else "prefix",
        host=reporter.value(given.get("host"), addresses.route_host),
        owner="service" if owned_by_service else "gateway",
        max_body=read_size(given["max_body"], reporter, 0) if "max_body" in given else None,
        rate_limit=reporter.value(given.get("rate_limit"), quantities.rate),
        timeout=_read_duration(given.get("timeout"), reporter),
    )
    return None if path is None else route


def _read_duration(node: Node | None, reporter: Reporter) -> int | None:
    number = shapes.integer(node)
    return reporter.value(node, quantities.duration) if number is None else number
