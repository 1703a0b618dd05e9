"""What the gateway does with the file, header for header (Spring Framework 7.0)."""

from __future__ import annotations

import re

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.spring_cloud_gateway.write import allowed_methods, origin_pattern
from corsage.layers.target import Hop
from corsage.layers.urls import split_url
from corsage.policy.decide import UPSTREAM_CORS_HEADERS, Decisions
from corsage.policy.model import ANY, CorsPolicy, Policy
from corsage.policy.origins import DEFAULT_PORTS
from corsage.policy.paths import requested_path

_STRIPPED = frozenset(name.lower() for name in UPSTREAM_CORS_HEADERS)
_VARY: Headers = (
    ("Vary", "Origin"),
    ("Vary", "Access-Control-Request-Method"),
    ("Vary", "Access-Control-Request-Headers"),
)


def behave(policy: Policy) -> Hop:
    """The file as a hop: a path of no route is a bare 404, a silent service a 500."""
    decisions = Decisions(policy)
    scheme = "http" if policy.gateway.tls is None else "https"

    def hop(request: WireRequest, service: Server) -> Response | None:
        url = split_url(request.url)
        route = decisions.route(url.netloc, requested_path(url.path))
        headers = {name.lower(): value for name, value in request.headers}
        origin = headers.get("origin", "")
        asked = headers.get("access-control-request-method", "")
        preflight = request.method == "OPTIONS" and bool(origin) and bool(asked)
        if route is None:
            # Static files, of which there are none, have a handler for every path.
            return Response(200 if preflight else 404)
        rules = None if route.cors is None else policy.policies[route.cors]
        granted: Headers = ()
        if origin and not _same(origin, scheme, url.netloc):
            method = asked if preflight else request.method
            if rules is None or not _admits(rules, origin) or not _allows(rules, method):
                return Response(403, _VARY)
            if preflight:
                return _preflight(rules, origin, asked, headers)
            granted = _granted(rules, origin)
        response = service(request) or Response(500)
        kept = tuple(line for line in response.headers if line[0].lower() not in _STRIPPED)
        return Response(response.status, (*_VARY, *granted, *kept, *_timing(rules)))

    return hop


def _preflight(rules: CorsPolicy, origin: str, asked: str, headers: dict[str, str]) -> Response:
    names = [name.strip() for name in headers.get("access-control-request-headers", "").split(",")]
    wanted = [name for name in names if name]
    listed = {name.lower() for name in rules.allow_headers}
    allowed = [name for name in wanted if name.lower() in listed]
    if wanted and not allowed:
        return Response(403, _VARY)
    methods = allowed_methods(rules)
    lists = {
        "Access-Control-Allow-Methods": asked if methods == (ANY,) else ",".join(methods),
        "Access-Control-Allow-Headers": ", ".join(allowed),
        "Access-Control-Max-Age": "" if rules.max_age is None else str(rules.max_age),
    }
    told = tuple((name, value) for name, value in lists.items() if value)
    return Response(200, (*_VARY, *_granted(rules, origin), *told))


def _granted(rules: CorsPolicy, origin: str) -> Headers:
    values = {
        "Access-Control-Allow-Origin": ANY if rules.allow_origins.any_origin else origin,
        "Access-Control-Expose-Headers": ", ".join(rules.expose_headers),
        "Access-Control-Allow-Credentials": "true" if rules.allow_credentials else "",
    }
    return tuple((name, value) for name, value in values.items() if value)


def _timing(rules: CorsPolicy | None) -> Headers:
    return (("Timing-Allow-Origin", ANY),) if rules is not None and rules.allow_timing else ()


def _admits(rules: CorsPolicy, origin: str) -> bool:
    """Exact origins in any case, patterns by any text in place of a star."""
    origins = rules.allow_origins
    bare = origin.removesuffix("/")
    return (
        origins.any_origin
        or bare.lower() in {each.lower() for each in origins.exact}
        or any(_regex(origin_pattern(each)).fullmatch(bare) for each in origins.patterns)
    )


def _regex(pattern: str) -> re.Pattern[str]:
    host, _, port = pattern.partition(":[")
    regex = re.escape(host).replace(r"\*", ".*")
    if port:
        regex += r"(:\d+)?" if port == "*]" else f":{port[:-1]}"
    return re.compile(regex)


def _allows(rules: CorsPolicy, method: str) -> bool:
    methods = allowed_methods(rules)
    return methods == (ANY,) or method in methods


def _same(origin: str, scheme: str, netloc: str) -> bool:
    """Whether Spring takes the request for one of the gateway's own pages."""
    try:
        here, there = split_url(f"{scheme}://{netloc}"), split_url(origin)
        ports = [url.port or DEFAULT_PORTS.get(url.scheme) for url in (here, there)]
    except ValueError:
        return False
    return (here.scheme, here.hostname, ports[0]) == (there.scheme, there.hostname, ports[1])
