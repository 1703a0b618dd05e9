"""What the configuration of every gateway is made of, in whatever language it is written.

For products whose rules are tried one after another; nginx and Envoy have better tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.target import Hop
from corsage.policy.decide import PREFLIGHT_VARY, serve
from corsage.policy.model import CorsPolicy, Gateway, Policy, Route, Service
from corsage.policy.origins import DEFAULT_PORTS

NOTE = "Written by Corsage from a policy; edit that, not this."
TRUSTED_CA = "/etc/ssl/certs/ca-certificates.crt"

_LISTEN = re.compile(r"([A-Za-z0-9_.-]+|\*|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_UPSTREAM = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()+,;=:@/-]*")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_EXACT = re.compile(r"null|[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_FILE = re.compile(r"[A-Za-z0-9._/@+=,:-]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


class GatewayWriteError(ValueError):
    """A value that a gateway's configuration cannot hold; the message names it and why."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service is; an IPv6 ``host`` has its brackets."""

    scheme: str
    host: str
    port: int


def checked(policy: Policy) -> Policy:
    """The policy, every value of which is what the policy file promises of it.

    Policies that were read from a file always are; one that was made by hand may hold anything,
    and no value may become configuration. Raises GatewayWriteError.
    """
    for route in policy.routes:
        _expect(_PATH, route.path, "a path")
        if route.host is not None:
            _expect(_HOST, route.host, "a host name")
    for rules in policy.policies.values():
        for word in (*rules.allow_methods, *rules.allow_headers, *rules.expose_headers):
            _expect(_TOKEN, word, "the name of a method or header")
        for origin in rules.allow_origins.exact:
            _expect(_EXACT, origin, "an origin as a browser sends it")
        for pattern in rules.allow_origins.patterns:
            _expect(_SCHEME, pattern.scheme, "the scheme of an origin")
            _expect(_UPSTREAM, pattern.host, "the host of an origin")
    if (tls := policy.gateway.tls) is not None:
        _expect(_FILE, tls.certificate, "a plain file name")
        _expect(_FILE, tls.key, "a plain file name")
    for log in (policy.gateway.access_log, policy.gateway.error_log):
        _expect(_FILE, log or "-", "a plain file name")
    return policy


def _expect(shape: re.Pattern[str], text: str, what: str) -> None:
    if not shape.fullmatch(text):
        shown = repr(text) if len(text) < 80 else f"{text[:60]!r}..."
        raise GatewayWriteError(f"{shown} is not {what}")


def by_precedence(routes: Iterable[Route]) -> list[Route]:
    """The routes in an order in which the first that takes a request is the right one: a named
    host's before those of every host, an exact path before prefixes, and long prefixes first."""
    return sorted(
        routes,
        key=lambda route: (
            route.host is None,
            route.host or "",
            route.match == "prefix",
            -len(route.path.rstrip("/")),
        ),
    )


def unrouted(policy: Policy) -> list[CorsPolicy]:
    """Who answers where no route does: the first of these that admits the origin. One that
    admits every origin is the last."""
    owned = dict.fromkeys(r.cors for r in policy.routes if r.owner == "gateway" and r.cors)
    found: list[CorsPolicy] = []
    candidates = [policy.policies[name] for name in owned if name is not None]
    for rules in sorted(candidates, key=lambda rules: not rules.allow_credentials):
        found.append(rules)
        if rules.allow_origins.any_origin:
            break
    return found


def owning(policy: Policy) -> list[CorsPolicy]:
    """The policies that the gateway enforces on some route, in the file's order."""
    owned = {route.cors for route in policy.routes if route.owner == "gateway"}
    return [rules for name, rules in policy.policies.items() if name in owned]


def preflight_headers(rules: CorsPolicy, origin: str) -> dict[str, str]:
    """The headers of an allowed preflight; ``origin`` stands for the one that asked."""
    lists = {
        "Access-Control-Allow-Methods": ", ".join(rules.allow_methods),
        "Access-Control-Allow-Headers": ", ".join(rules.allow_headers),
        "Access-Control-Max-Age": "" if rules.max_age is None else str(rules.max_age),
    }
    return {**_shared(rules, origin), **_told(lists), "Vary": PREFLIGHT_VARY}


def actual_headers(rules: CorsPolicy, origin: str) -> dict[str, str]:
    """The headers of every other response to an allowed origin, but for ``Vary``."""
    exposed = {"Access-Control-Expose-Headers": ", ".join(rules.expose_headers)}
    return {**_shared(rules, origin), **_told(exposed)}


def _shared(rules: CorsPolicy, origin: str) -> dict[str, str]:
    value = "*" if rules.allow_origins.any_origin else origin
    return _told(
        {
            "Access-Control-Allow-Origin": value,
            "Timing-Allow-Origin": value if rules.allow_timing else "",
            "Access-Control-Allow-Credentials": "true" if rules.allow_credentials else "",
        }
    )


def _told(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if value}


def behave(policy: Policy) -> Hop:
    """What a gateway does that keeps every clause to the letter: what the policy says, and a 502
    for a silent service."""

    def hop(request: WireRequest, service: Server) -> Response | None:
        return serve(policy, lambda forwarded: service(forwarded) or Response(502))(request)

    return hop


def listen_of(gateway: Gateway) -> tuple[str, int]:
    """Host (``*`` for all, IPv6 in brackets) and port on which the gateway listens."""
    parts = _LISTEN.fullmatch(gateway.listen)
    if parts is None:
        raise GatewayWriteError(f"listen {gateway.listen!r} is not host:port")
    return parts[1], int(parts[2])


def address_of(service: Service) -> Address:
    """The address in a service's URL; nothing but scheme, host and port may stand in it."""
    url = urlsplit(service.url)
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname or ""
    rest = (url.path.rstrip("/"), url.query, url.fragment, url.username, url.password)
    if url.scheme not in DEFAULT_PORTS or not _UPSTREAM.fullmatch(host) or any(rest):
        raise GatewayWriteError(
            f"service {service.name!r}: {service.url!r} is not http(s)://host[:port]"
        )
    return Address(url.scheme, host, url.port or DEFAULT_PORTS[url.scheme])


def public_scheme(gateway: Gateway) -> str:
    """The scheme under which browsers reach the gateway."""
    return "https" if gateway.public_origin.startswith("https:") else "http"


def identifiers(names: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """Names of the policy as words of lower-case letters, digits and underscores, unique and
    still readable; none of ``reserved``."""
    taken = set(reserved)
    found: dict[str, str] = {}
    for name in names:
        base = re.sub(r"[^a-z0-9]+", "_", name.lower())[:32].strip("_") or "unnamed"
        word, number = base, 1
        while word in taken:
            number += 1
            word = f"{base}__{number}"
        taken.add(word)
        found[name] = word
    return found
