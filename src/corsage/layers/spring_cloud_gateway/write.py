"""The policy as an application.yml: routes, and a CORS configuration for each of their paths.

Spring answers CORS before it looks for a route, by the first of ``cors-configurations`` whose path
matches, and then adds what the service sends. So the service's own headers are taken out where
hop-by-hop headers are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from corsage.layers.gateways import (
    address_of,
    by_precedence,
    checked,
    identifiers,
    listen_of,
    public_scheme,
)
from corsage.layers.target import File
from corsage.layers.yaml_text import Noted, Shared, Value, yaml_of
from corsage.policy.decide import UPSTREAM_CORS_HEADERS
from corsage.policy.model import ANY, CorsPolicy, Policy, Route
from corsage.policy.origins import OriginPattern

SAFELISTED = ("GET", "HEAD", "POST")
"""Methods that browsers need no leave for; Spring wants them listed, or refuses the request."""

_HOP_BY_HOP = (
    "connection",
    "keep-alive",
    "transfer-encoding",
    "te",
    "trailer",
    "proxy-authorization",
    "proxy-authenticate",
    "x-application-context",
    "upgrade",
)
"""What the gateway removes by default; a list in a file takes its place."""


def write(policy: Policy) -> tuple[File, ...]:
    """``application.yml``, the same text for the same policy."""
    checked(policy)
    hosts: dict[str, Value] = {}
    if any(route.host is not None for route in policy.routes):
        hosts["predicate"] = {"host": {"include-port": False}}
    webflux: Value = {
        "filter": {
            "remove-hop-by-hop": {
                "headers": Noted(
                    "The gateway's own list, and what services say of CORS.",
                    [*_HOP_BY_HOP, *(name.lower() for name in UPSTREAM_CORS_HEADERS)],
                )
            }
        },
        "globalcors": {
            "cors-configurations": Noted(
                "The first path that matches is taken. A request of an origin that is not listed\n"
                "gets 403, whatever it asks.",
                _configurations(policy),
            )
        },
        **hosts,
        "default-filters": ["PreserveHostHeader"],
        "routes": Noted("false: a slash at the end of a path counts.", _routes(policy)),
    }
    spring: Value = {"cloud": {"gateway": {"server": {"webflux": webflux}}}}
    return (File("application.yml", yaml_of({"server": _server(policy), "spring": spring})),)


def allowed_methods(rules: CorsPolicy) -> tuple[str, ...]:
    """The list as it is written and sent; ``*`` stands alone, or it would be a name."""
    if ANY in rules.allow_methods:
        return (ANY,)
    return tuple(dict.fromkeys([*SAFELISTED, *rules.allow_methods]))


def origin_pattern(pattern: OriginPattern) -> str:
    """A pattern as Spring writes it: ``[*]`` is any port, or none."""
    host = f"{pattern.scheme}://{'*.' if pattern.subdomains else ''}{pattern.host}"
    if pattern.port is None:
        return host
    return f"{host}:[{'*' if pattern.port == OriginPattern.ANY_PORT else pattern.port}]"


def pattern_of(route: Route) -> str:
    """The path as Spring's pattern: ``/a/**`` takes ``/a`` as well, and not ``/ab``."""
    return route.path if route.match == "exact" else f"{route.path.rstrip('/')}/**"


def _configurations(policy: Policy) -> dict[str, Value]:
    routes = by_precedence(policy.routes)
    found: dict[str | None, Value] = {None: {"allowed-origins": []}}
    words: dict[str | None, str] = {None: "nobody"}
    found.update((name, _configuration(rules)) for name, rules in policy.policies.items())
    words.update(identifiers(policy.policies, reserved=("nobody",)))
    for name, count in Counter(route.cors for route in routes).items():
        if count > 1:
            found[name] = Shared(words[name], found[name])
    # Hosts that share a path answer it alike.
    return {f"[{pattern_of(route)}]": found[route.cors] for route in routes}


def _configuration(rules: CorsPolicy) -> Mapping[str, Value]:
    origins = rules.allow_origins
    found: dict[str, Value] = {}
    if origins.any_origin:
        found["allowed-origins"] = [ANY]
    elif origins.exact or not origins.patterns:
        found["allowed-origins"] = list(dict.fromkeys(origins.exact))
    if origins.patterns:
        found["allowed-origin-patterns"] = [origin_pattern(each) for each in origins.patterns]
    found["allowed-methods"] = list(allowed_methods(rules))
    if rules.allow_headers:
        found["allowed-headers"] = list(rules.allow_headers)
    if rules.expose_headers:
        found["exposed-headers"] = list(rules.expose_headers)
    if rules.allow_credentials:
        found["allow-credentials"] = True
    if rules.max_age is not None:
        found["max-age"] = rules.max_age
    return found


@dataclass(frozen=True, slots=True)
class _Way:
    """What the paths of one route have in common."""

    service: str
    max_body: int
    timing: bool
    timeout: int | None


def _routes(policy: Policy) -> list[Value]:
    """Paths that lead the same way, together: the gateway tries one route after the other. No
    request is for two paths of one length."""
    words = identifiers(policy.services)
    found: list[Value] = []
    routes = by_precedence(policy.routes)
    for key, alike in groupby(routes, key=lambda r: (r.host, r.match, len(r.path.rstrip("/")))):
        ways: dict[_Way, list[Route]] = {}
        for route in alike:
            ways.setdefault(_way(policy, route), []).append(route)
        for way, led in ways.items():
            name = f"{words[way.service]}-{len(found) + 1}"
            found.append(_route(policy, way, name, [pattern_of(route) for route in led], key[0]))
    return found


def _way(policy: Policy, route: Route) -> _Way:
    return _Way(
        route.service,
        policy.gateway.max_body if route.max_body is None else route.max_body,
        route.cors is not None and policy.policies[route.cors].allow_timing,
        route.timeout,
    )


def _route(policy: Policy, way: _Way, name: str, paths: list[str], host: str | None) -> Value:
    address = address_of(policy.services[way.service])
    predicates = [f"Path={','.join(paths)},false"]
    if host is not None:
        predicates.append(f"Host={host}")
    found: dict[str, Value] = {
        "id": name,
        "uri": f"{address.scheme}://{address.host}:{address.port}",
        "predicates": predicates,
    }
    if filters := _filters(way):
        found["filters"] = filters
    if way.timeout is not None:
        milliseconds = way.timeout * 1000
        found["metadata"] = {"connect-timeout": milliseconds, "response-timeout": milliseconds}
    return found


def _filters(way: _Way) -> list[Value]:
    found: list[Value] = []
    if way.max_body:
        found.append({"name": "RequestSize", "args": {"maxSize": f"{way.max_body}B"}})
    if way.timing:
        found.append("SetResponseHeader=Timing-Allow-Origin, *")
    return found


def _server(policy: Policy) -> Mapping[str, Value]:
    host, port = listen_of(policy.gateway)
    found: dict[str, Value] = {"port": port}
    if host != "*":
        found["address"] = host.strip("[]")
    if policy.gateway.tls is None and public_scheme(policy.gateway) == "https":
        found["forward-headers-strategy"] = Noted(
            "A proxy in front ends TLS: without X-Forwarded-Proto the gateway would take pages\n"
            "of its own origin for strangers, and answer 403.",
            "framework",
        )
    if (tls := policy.gateway.tls) is not None:
        found["ssl"] = {
            "certificate": tls.certificate,
            "certificate-private-key": tls.key,
        }
    return found
