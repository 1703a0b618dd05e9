"""What a gateway on Envoy (Envoy Gateway, Istio) does with the HTTPRoutes, header for header."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.gateway_api.write import NO_MAX_AGE, allowed_methods, answering
from corsage.layers.target import Hop
from corsage.policy.decide import UPSTREAM_CORS_HEADERS, Decisions
from corsage.policy.model import ANY, CorsPolicy, Policy
from corsage.policy.paths import requested_path

_STRIPPED = frozenset(name.lower() for name in UPSTREAM_CORS_HEADERS)


def behave(policy: Policy) -> Hop:
    """The HTTPRoutes as a hop; a path of none of them is a bare 404, a silent service a 503."""
    decisions = Decisions(policy)

    def hop(request: WireRequest, service: Server) -> Response | None:
        url = urlsplit(request.url)
        route = decisions.route(url.netloc, requested_path(url.path))
        if route is None:
            return Response(404)
        headers = {name.lower(): value for name, value in request.headers}
        rules = answering(policy, route)
        origin = headers.get("origin", "")
        asked = headers.get("access-control-request-method", "")
        if rules is not None and request.method == "OPTIONS" and origin and asked:
            return Response(200, _preflight(rules, origin, asked))
        response = service(request) or Response(503)
        if route.owner == "service":
            return response
        kept = [line for line in response.headers if line[0].lower() not in _STRIPPED]
        if rules is not None:
            kept += [*_timing(rules), ("Vary", "Origin"), *_granted(rules, origin)]
        return Response(response.status, tuple(kept))

    return hop


def _preflight(rules: CorsPolicy, origin: str, asked: str) -> Headers:
    methods = allowed_methods(rules)
    age = NO_MAX_AGE if rules.max_age is None else rules.max_age
    lists = {
        "Access-Control-Allow-Methods": asked if methods == (ANY,) else ", ".join(methods),
        "Access-Control-Allow-Headers": ", ".join(rules.allow_headers),
        "Access-Control-Max-Age": str(age),
    }
    told = tuple((name, value) for name, value in lists.items() if value)
    granted = _granted(rules, origin)
    # Whoever asks is told everything but the one header that counts.
    return (*(granted or _credentials(rules)), *told)


def _granted(rules: CorsPolicy, origin: str) -> Headers:
    if not origin or not _admits(rules, origin):
        return ()
    exposed = (("Access-Control-Expose-Headers", ", ".join(rules.expose_headers)),)
    return (
        ("Access-Control-Allow-Origin", origin),
        *_credentials(rules),
        *(exposed if rules.expose_headers else ()),
    )


def _credentials(rules: CorsPolicy) -> Headers:
    return (("Access-Control-Allow-Credentials", "true"),) if rules.allow_credentials else ()


def _timing(rules: CorsPolicy) -> Headers:
    return (("Timing-Allow-Origin", ANY),) if rules.allow_timing else ()


def _admits(rules: CorsPolicy, origin: str) -> bool:
    origins = rules.allow_origins
    wildcards = (re.escape(str(p)).replace(r"\*", ".*") for p in origins.patterns)
    return (
        origins.any_origin
        or origin in origins.exact
        or any(re.fullmatch(wildcard, origin) for wildcard in wildcards)
    )
