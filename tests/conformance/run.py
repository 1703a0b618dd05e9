"""One target with one policy, running: everything that is asked of it, and what came back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from corsage.browser import Request, Response, Verdict, WireRequest, judge
from corsage.layers.target import Target
from corsage.live.client import Client
from corsage.policy import Decision, Decisions, Policy, Route, serve
from corsage.policy.cases import Case, cases
from corsage.policy.permits import permits
from tests.conformance import service
from tests.conformance.engines import Live
from tests.conformance.policies import meant

STRANGER = "https://stranger.example"


@dataclass(frozen=True)
class Exchange:
    """A request on the wire, what came back, and how often the service was reached by it."""

    request: WireRequest
    response: Response | None
    reached: int

    def __str__(self) -> str:
        asked = ", ".join(f"{name}: {value}" for name, value in self.request.headers)
        return f"{self.request.method} {self.request.url} ({asked})"


@dataclass(frozen=True)
class Asked:
    """A case: the verdict on what the target answered and the one on what the policy says."""

    case: Case
    verdict: Verdict
    expected: Verdict


def decide(decisions: Decisions, request: WireRequest) -> Decision:
    """The decision on a request as it is on the wire."""
    url = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers}
    return decisions.decide(request.method, url.hostname or "", url.path or "/", headers)


class Run:
    """A target with a policy. Requests are sent one at a time, and never twice."""

    def __init__(
        self,
        target: Target,
        policy: Policy,
        live: Live,
        requests: Sequence[Request] | None = None,
    ) -> None:
        """``requests`` are asked instead of the policy's cases, and nothing besides them."""
        self._requests = requests
        self.target = target
        self.policy = policy
        self.live = live
        self.meant = meant(policy, target)
        self.decisions = Decisions(self.meant)
        self._as_written = Decisions(policy)
        self.service = service.model(policy, target.family)
        self._weaker = {row.clause for row in target.fidelity(policy) if row.fate == "weaker"}
        self._exchanges: dict[WireRequest, Exchange] = {}

    def ask(self, request: WireRequest) -> Exchange:
        """Send a request to the product."""
        if request not in self._exchanges:
            url = urlsplit(request.url)
            origin = f"{url.scheme}://{url.netloc}"
            client = Client(
                [origin], resolve={origin: f"http://127.0.0.1:{self.live.port}"}, timeout=20
            )
            before = self.live.seen()
            response = client(request)
            self._exchanges[request] = Exchange(request, response, self.live.seen() - before)
        return self._exchanges[request]

    def get(
        self, path: str, origin: str | None, *, host: str | None = None, method: str = "GET"
    ) -> Exchange:
        """Ask for a path without a browser in between."""
        scheme, _, own_host = self.policy.gateway.public_origin.partition("://")
        headers = () if origin is None else (("Origin", origin),)
        url = f"{scheme}://{host or own_host}{path}"
        return self.ask(WireRequest("actual", method, url, headers))

    def left_to_the_gateway(self, request: WireRequest) -> bool:
        """Whether a gateway in front of the application answers for the request's route."""
        route = decide(self._as_written, request).route
        application = self.target.family == "application"
        return application and route is not None and route.owner == "gateway" and bool(route.cors)

    def unparsed(self, request: WireRequest) -> bool:
        """Whether the product's HTTP parser refuses the request's method."""
        return not self.live.parses(request.method)

    def weaker(self, clause: str) -> bool:
        """Whether the target says of itself that it keeps a clause less strictly."""
        return clause in self._weaker

    def unrouted(self, url: str) -> bool:
        """Whether no route of the policy takes a URL."""
        parts = urlsplit(url)
        return self.decisions.route(parts.hostname or "", parts.path or "/") is None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Everything that was asked so far."""
        return tuple(self._exchanges.values())

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """Every case of the policy, judged."""
        reference = serve(self.meant, self.service)
        return tuple(
            Asked(
                case,
                judge(case.request, lambda request: self.ask(request).response),
                judge(case.request, reference),
            )
            for case in self._cases()
        )

    def _cases(self) -> Iterator[Case]:
        if self._requests is None:
            yield from cases(self.meant)
            return
        for request in self._requests:
            yield Case("", request, "generated", permits(self.meant, request))

    @cached_property
    def origins(self) -> tuple[str | None, ...]:
        """No origin, a stranger, and two of each kind that the cases come from: origins that the
        same policies admit are of one kind."""
        kinds: dict[tuple[bool, ...], list[str]] = {}
        for origin in dict.fromkeys(asked.case.request.origin for asked in self.asked):
            admitted = [origin in rules.allow_origins for rules in self.meant.policies.values()]
            kinds.setdefault(tuple(admitted), []).append(origin)
        some = (origin for members in kinds.values() for origin in members[:2])
        return tuple(dict.fromkeys([None, *some, STRANGER]))

    def places(self) -> Iterator[tuple[Route | None, str | None, str]]:
        """Where to ask: the path of each route, with its host, and one that no route takes."""
        if self._requests is not None:
            return
        for route in self.policy.routes:
            yield route, route.host, route.path
        yield None, None, "/no/such/route"
