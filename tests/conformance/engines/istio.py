"""Istio: Envoy, configured as istiod (1.31) translates the VirtualServices of a gateway.

The control plane itself needs a cluster. Its translation is said here once more: routes in their
order, prefixes as text, lists joined with a bare comma, regexes as they are (RE2, matched as a
whole), and preflights of other origins forwarded unless the policy says IGNORE.
"""

from __future__ import annotations

import re
from typing import Any

from tests.conformance.engines import envoy_static
from tests.conformance.engines.envoy_static import FILTERS, Json

_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"}
_DURATION = re.compile(r"([0-9]+)s")


def bootstrap(services: list[Json], port: int) -> Json:
    """Envoy's configuration for VirtualServices whose destinations are ports of this machine."""
    ports: set[int] = set()
    hosts: dict[str, list[Json]] = {}
    for each in services:
        (host,) = each["spec"]["hosts"]
        assert host not in hosts, "VirtualServices of one host are merged in no certain order"
        hosts[host] = []
        for route in each["spec"]["http"]:
            (to,) = route["route"]
            ports.add(to["destination"]["port"]["number"])
            for match in route["match"]:
                hosts[host].append(_route(match["uri"], route))
    virtual_hosts = [
        {"name": host, "domains": [host], "routes": led} for host, led in hosts.items()
    ]
    return envoy_static.bootstrap(virtual_hosts, ports, port)


def _route(uri: Json, route: Json) -> Json:
    ((kind, value),) = uri.items()
    (to,) = route["route"]
    entry: Json = {
        "match": {{"exact": "path", "prefix": "prefix"}[kind]: value},
        "route": {"cluster": str(to["destination"]["port"]["number"])},
    }
    if "corsPolicy" in route:
        entry["typed_per_filter_config"] = {"envoy.filters.http.cors": _cors(route["corsPolicy"])}
    response = route.get("headers", {}).get("response", {})
    entry["response_headers_to_add"] = [
        *_headers(response.get("set", {}), "OVERWRITE_IF_EXISTS_OR_ADD"),
        *_headers(response.get("add", {}), "APPEND_IF_EXISTS_OR_ADD"),
    ]
    entry["response_headers_to_remove"] = response.get("remove", [])
    return entry


def _headers(values: dict[str, str], action: str) -> list[Json]:
    return [
        {"header": {"key": name, "value": value}, "append_action": action}
        for name, value in values.items()
    ]


def _cors(cors: Json) -> Json:
    found: dict[str, Any] = {
        "@type": f"{FILTERS}.cors.v3.CorsPolicy",
        "allow_origin_string_match": [_origin(each) for each in cors["allowOrigins"]],
        "allow_credentials": cors["allowCredentials"],
        "forward_not_matching_preflights": cors.get("unmatchedPreflights") != "IGNORE",
    }
    assert _METHODS.issuperset(cors.get("allowMethods", ())), "Istio refuses other methods"
    for field, name in (
        ("allow_methods", "allowMethods"),
        ("allow_headers", "allowHeaders"),
        ("expose_headers", "exposeHeaders"),
    ):
        if name in cors:
            found[field] = ",".join(cors[name])
    if "maxAge" in cors:
        seconds = _DURATION.fullmatch(cors["maxAge"])
        assert seconds is not None, "Istio refuses parts of seconds"
        assert int(seconds[1]) > 0, "Istio refuses durations below a millisecond"
        found["max_age"] = seconds[1]
    return found


def _origin(match: Json) -> Json:
    ((kind, value),) = match.items()
    return {"exact": value} if kind == "exact" else {"safe_regex": {"regex": value}}


start = envoy_static.starter(bootstrap)
