"""Gateway API: Envoy, configured as Envoy Gateway (1.9) translates HTTPRoutes.

The controller itself needs a cluster. Its translation is said here once more: the most specific
match first, exact origins as they are, wildcards as regexes, and preflights of other origins
answered rather than forwarded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.engines import envoy_static
from tests.conformance.engines.envoy_static import FILTERS, Json

CORS_FILTER = "envoy.filters.http.cors"


def bootstrap(
    routes: list[Json], port: int, policies: Mapping[tuple[str, str], Json] | None = None
) -> Json:
    """Envoy's configuration for HTTPRoutes whose backends are ports of this machine; ``policies``
    are CORS policies by the namespace and name of a route."""
    hosts: dict[str, list[tuple[tuple[bool, int], Json]]] = {}
    ports: set[int] = set()
    for route in routes:
        name = (route["metadata"]["namespace"], route["metadata"]["name"])
        attached = (policies or {}).get(name)
        for rule in route["spec"]["rules"]:
            (backend,) = rule["backendRefs"]
            ports.add(backend["port"])
            for match in rule["matches"]:
                for host in route["spec"].get("hostnames", ["*"]):
                    entry = _route(match["path"], rule, backend["port"])
                    if attached is not None:
                        entry[1]["typed_per_filter_config"] = {CORS_FILTER: attached}
                    hosts.setdefault(host, []).append(entry)
    virtual_hosts = [
        {
            "name": host,
            "domains": [host],
            "routes": [entry for _, entry in sorted(led, key=lambda pair: pair[0], reverse=True)],
        }
        for host, led in hosts.items()
    ]
    return envoy_static.bootstrap(virtual_hosts, ports, port)


def _route(path: Json, rule: Json, port: int) -> tuple[tuple[bool, int], Json]:
    value = path["value"]
    if path["type"] == "Exact":
        match = {"path": value}
    elif value == "/":
        match = {"prefix": "/"}
    else:
        match = {"path_separated_prefix": value}
    entry: Json = {"match": match, "route": {"cluster": str(port)}}
    for each in rule.get("filters", ()):
        if each["type"] == "CORS":
            entry["typed_per_filter_config"] = {CORS_FILTER: _cors(each["cors"])}
        else:
            assert each["type"] == "ResponseHeaderModifier"
            entry |= _edit(each["responseHeaderModifier"])
    return (path["type"] == "Exact", len(value)), entry


def _cors(cors: Json) -> Json:
    return cors_policy(cors, str(cors.get("maxAge", 5)))


def cors_policy(cors: Json, max_age: str) -> Json:
    """Envoy's CORS policy for the lists of a filter; an empty ``max_age`` is not sent."""
    lists = {
        field: ", ".join(cors[name])
        for field, name in (
            ("allow_methods", "allowMethods"),
            ("allow_headers", "allowHeaders"),
            ("expose_headers", "exposeHeaders"),
        )
        if cors.get(name)
    }
    return {
        "@type": f"{FILTERS}.cors.v3.CorsPolicy",
        "allow_origin_string_match": [_origin(each) for each in cors["allowOrigins"]],
        "allow_credentials": cors.get("allowCredentials", False),
        "max_age": max_age,
        "forward_not_matching_preflights": False,
        **lists,
    }


def _origin(origin: str) -> Json:
    if "*" not in origin:
        return {"exact": origin}
    return {"safe_regex": {"regex": re.escape(origin).replace(r"\*", ".*")}}


def _edit(edit: Mapping[str, Any]) -> Json:
    def written(field: str, action: str) -> list[Json]:
        return [
            {"header": {"key": each["name"], "value": each["value"]}, "append_action": action}
            for each in edit.get(field, ())
        ]

    return {
        "response_headers_to_add": [
            *written("set", "OVERWRITE_IF_EXISTS_OR_ADD"),
            *written("add", "APPEND_IF_EXISTS_OR_ADD"),
        ],
        "response_headers_to_remove": edit.get("remove", []),
    }


start = envoy_static.starter(bootstrap)
