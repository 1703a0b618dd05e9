"""VirtualServices: what Istio takes, and nothing that its Envoy would read more widely."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginPattern, OriginSet, Policy, Route, Service

TARGET = load_target("istio")
APP = OriginSet(("https://app.example.com",))


def policy(rules: CorsPolicy, *routes: Route) -> Policy:
    services = {"api": Service("api", "http://api:3000")}
    return Policy(
        Gateway(), services, {rules.name: rules}, routes or (Route("/api", "api", rules.name),)
    )


def spec(meant: Policy) -> Any:
    (service,) = yaml.safe_load_all(TARGET.files(meant)[0].text)
    assert service["apiVersion"] == "networking.istio.io/v1"
    return service["spec"]


def cors(rules: CorsPolicy) -> Any:
    return spec(policy(rules))["http"][0]["corsPolicy"]


def lost(meant: Policy) -> set[str]:
    with pytest.raises(FidelityError, match="istio cannot enforce") as refused:
        TARGET.files(meant)
    return {row.clause for row in refused.value.clauses}


def test_no_origin_is_a_prefix_since_a_stranger_may_register_what_follows() -> None:
    pattern = OriginPattern("https", "example.com", subdomains=True, port=OriginPattern.ANY_PORT)
    origins = OriginSet(("https://app.example.com",), (pattern,))
    exact, wildcard = cors(CorsPolicy("p", origins))["allowOrigins"]
    assert exact == {"exact": "https://app.example.com"}
    assert set(wildcard) == {"regex"}
    assert re.fullmatch(wildcard["regex"], "https://a.b.example.com:8443")
    assert not re.fullmatch(wildcard["regex"], "https://a.example.com.stranger.example")


def test_preflights_of_other_origins_are_not_forwarded() -> None:
    assert cors(CorsPolicy("p", APP))["unmatchedPreflights"] == "IGNORE"


def test_a_wildcard_for_methods_stands_alone() -> None:
    """Joined with others it would be a name."""
    assert cors(CorsPolicy("p", APP, allow_methods=("*", "PUT")))["allowMethods"] == ["*"]


def test_a_prefix_takes_whole_segments() -> None:
    (route,) = spec(policy(CorsPolicy("p", APP)))["http"]
    assert route["match"] == [{"uri": {"exact": "/api"}}, {"uri": {"prefix": "/api/"}}]


def test_the_most_specific_route_stands_first() -> None:
    routes = (
        Route("/", "api", "p"),
        Route("/a", "api", "p"),
        Route("/a/b", "api", "p"),
        Route("/a/b", "api", "p", match="exact"),
    )
    written = spec(policy(CorsPolicy("p", APP), *routes))["http"]
    firsts = [route["match"][0]["uri"] for route in written]
    assert firsts == [{"exact": "/a/b"}, {"exact": "/a/b"}, {"exact": "/a"}, {"prefix": "/"}]
    assert len(written[0]["match"]) == 1


def test_paths_that_are_answered_alike_share_a_route() -> None:
    routes = (Route("/a", "api", "p"), Route("/b", "api", None), Route("/c", "api", "p"))
    first, second = spec(policy(CorsPolicy("p", APP), *routes))["http"]
    assert [match["uri"]["exact"] for match in first["match"][::2]] == ["/a", "/c"]
    assert second["match"][0]["uri"] == {"exact": "/b"}


def test_every_owned_answer_names_the_origin_for_caches() -> None:
    (route,) = spec(policy(CorsPolicy("p", APP)))["http"]
    assert route["headers"]["response"]["add"] == {"Vary": "Origin"}


def test_the_services_own_routes_are_left_alone() -> None:
    (route,) = spec(policy(CorsPolicy("p", APP), Route("/a", "api", "p", owner="service")))["http"]
    assert set(route) == {"match", "route"}


def test_a_policy_without_origins_admits_nobody() -> None:
    (route,) = spec(policy(CorsPolicy("nobody", OriginSet())))["http"]
    assert "corsPolicy" not in route
    assert set(route["headers"]["response"]) == {"remove"}


@pytest.mark.parametrize(
    ("rules", "clause"),
    [
        (CorsPolicy("p", APP, allow_methods=("patch",)), "allowed methods"),
        (CorsPolicy("p", APP, allow_headers=("*",)), "allowed headers"),
        (CorsPolicy("p", APP, max_age=0), "max age"),
        (CorsPolicy("p", APP, allow_timing=True), "timing"),
    ],
)
def test_a_value_that_istio_would_refuse_or_widen_is_lost(rules: CorsPolicy, clause: str) -> None:
    assert lost(policy(rules)) == {clause}


def test_hosts_and_services_are_those_that_kubernetes_takes() -> None:
    rules = CorsPolicy("p", APP)
    assert lost(policy(rules, Route("/", "api", "p", host="my_host.example"))) == {"hosts"}
    odd = replace(policy(rules), services={"api": Service("My_Api", "http://127.0.0.1:1")})
    assert lost(odd) == {"routes"}


def test_a_cluster_address_names_the_destination() -> None:
    meant = policy(CorsPolicy("p", APP))
    inside = Service("api", "http://billing.shop.svc:8080")
    (route,) = spec(replace(meant, services={"api": inside}))["http"]
    assert route["route"][0]["destination"] == {
        "host": "billing.shop.svc.cluster.local",
        "port": {"number": 8080},
    }
