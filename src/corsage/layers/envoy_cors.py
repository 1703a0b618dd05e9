"""What Envoy's CORS filter does where a controller configures it (Envoy 1.40).

Preflights of any origin are answered by the filter (``forward_not_matching_preflights: false``),
always with 200; the router removes the service's CORS headers and adds ``Vary`` before the filter
sets its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.target import Hop
from corsage.layers.urls import split_url
from corsage.policy.decide import UPSTREAM_CORS_HEADERS, Decisions
from corsage.policy.model import ANY, CorsPolicy, Policy, Route
from corsage.policy.paths import requested_path

_STRIPPED = frozenset(name.lower() for name in UPSTREAM_CORS_HEADERS)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a controller translates: ``separator`` joins lists, ``max_age`` (seconds) is sent where
    the policy says none, ``admits`` says whether the origins of a policy match one."""

    separator: str
    max_age: int | None
    admits: Callable[[CorsPolicy, str], bool]


def answering(policy: Policy, route: Route) -> CorsPolicy | None:
    """The policy that the gateway answers for on a route. One without origins is none: Envoy
    takes an empty list for one that is inherited."""
    if route.owner != "gateway" or route.cors is None:
        return None
    rules = policy.policies[route.cors]
    return rules if rules.allow_origins else None


def allowed_methods(rules: CorsPolicy) -> tuple[str, ...]:
    """The list as it may stand in the filter: ``*`` is alone, or it would be a name."""
    return (ANY,) if ANY in rules.allow_methods else rules.allow_methods


def behave(policy: Policy, dialect: Dialect) -> Hop:
    """The routes as a hop; a path of none of them is a bare 404, a silent service a 503."""
    decisions = Decisions(policy)

    def hop(request: WireRequest, service: Server) -> Response | None:
        url = split_url(request.url)
        route = decisions.route(url.netloc, requested_path(url.path))
        if route is None:
            return Response(404)
        headers = {name.lower(): value for name, value in request.headers}
        rules = answering(policy, route)
        origin = headers.get("origin", "")
        asked = headers.get("access-control-request-method", "")
        if rules is not None and request.method == "OPTIONS" and origin and asked:
            return Response(200, _preflight(rules, dialect, origin, asked))
        response = service(request) or Response(503)
        if route.owner == "service":
            return response
        kept = [line for line in response.headers if line[0].lower() not in _STRIPPED]
        if rules is not None:
            kept += [*_timing(rules), ("Vary", "Origin"), *_granted(rules, dialect, origin)]
        return Response(response.status, tuple(kept))

    return hop


def _preflight(rules: CorsPolicy, dialect: Dialect, origin: str, asked: str) -> Headers:
    methods = allowed_methods(rules)
    age = dialect.max_age if rules.max_age is None else rules.max_age
    lists = {
        "Access-Control-Allow-Methods": (
            asked if methods == (ANY,) else dialect.separator.join(methods)
        ),
        "Access-Control-Allow-Headers": dialect.separator.join(rules.allow_headers),
        "Access-Control-Max-Age": "" if age is None else str(age),
    }
    told = tuple((name, value) for name, value in lists.items() if value)
    granted = _granted(rules, dialect, origin)
    # Whoever asks is told everything but the one header that counts.
    return (*(granted or _credentials(rules)), *told)


def _granted(rules: CorsPolicy, dialect: Dialect, origin: str) -> Headers:
    if not origin or not dialect.admits(rules, origin):
        return ()
    exposed = dialect.separator.join(rules.expose_headers)
    return (
        ("Access-Control-Allow-Origin", origin),
        *_credentials(rules),
        *((("Access-Control-Expose-Headers", exposed),) if exposed else ()),
    )


def _credentials(rules: CorsPolicy) -> Headers:
    return (("Access-Control-Allow-Credentials", "true"),) if rules.allow_credentials else ()


def _timing(rules: CorsPolicy) -> Headers:
    return (("Timing-Allow-Origin", ANY),) if rules.allow_timing else ()
