"""Ingress objects: nothing is written that the controller would take for something wider."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginPattern, OriginSet, Policy, Route, Service
from tests.conformance.engines.ingress_nginx import cors

TARGET = load_target("ingress-nginx")
APP = OriginSet(("https://app.example.com",))


def policy(rules: CorsPolicy, route: Route | None = None, url: str = "http://api:3000") -> Policy:
    """A policy of one route."""
    return Policy(
        Gateway(),
        {"api": Service("api", url)},
        {rules.name: rules},
        (route or Route("/api", "api", rules.name),),
    )


def objects(meant: Policy) -> list[Any]:
    return list(yaml.safe_load_all(TARGET.files(meant)[0].text))


def annotations(meant: Policy) -> dict[str, str]:
    found: dict[str, str] = objects(meant)[-1]["metadata"]["annotations"]
    return {name.rpartition("/")[2]: value for name, value in found.items()}


def lost(meant: Policy) -> set[str]:
    with pytest.raises(FidelityError, match="ingress-nginx cannot enforce") as refused:
        TARGET.files(meant)
    return {row.clause for row in refused.value.clauses}


def test_credentials_are_refused_in_words_because_the_controller_allows_them() -> None:
    assert annotations(policy(CorsPolicy("public", APP)))["cors-allow-credentials"] == "false"


def test_an_empty_list_is_not_left_to_the_controllers_defaults() -> None:
    """Without a value the controller would allow PUT, DELETE and Authorization for 20 days."""
    written = annotations(policy(CorsPolicy("public", APP)))
    assert written["cors-allow-methods"] == "GET, HEAD, POST"
    assert written["cors-allow-headers"] == "Accept"
    assert written["cors-max-age"] == "5"


def test_a_policy_without_origins_admits_nobody() -> None:
    """An empty annotation would mean every origin."""
    assert "enable-cors" not in annotations(policy(CorsPolicy("nobody", OriginSet())))


@pytest.mark.parametrize(
    "origin",
    ["null", "https://my_host.example", "http://[::1]:3000", "chrome-extension://abc", "app.x://h"],
)
def test_an_origin_that_the_controller_would_misread_is_lost(origin: str) -> None:
    assert lost(policy(CorsPolicy("p", OriginSet((origin,))))) == {"exact origins"}


def test_a_wildcard_is_lost_since_the_controllers_is_one_label() -> None:
    pattern = OriginPattern("https", "example.com", subdomains=True)
    assert lost(policy(CorsPolicy("p", OriginSet(patterns=(pattern,))))) == {"origin patterns"}


def test_a_wildcard_of_a_service_is_the_services_business() -> None:
    pattern = OriginPattern("https", "example.com", subdomains=True)
    rules = CorsPolicy("p", OriginSet(patterns=(pattern,)))
    meant = policy(rules, Route("/api", "api", "p", owner="service"))
    written = annotations(meant)
    assert "enable-cors" not in written
    assert "custom-headers" not in written
    assert all(row.fate != "lost" for row in TARGET.fidelity(meant))


@pytest.mark.parametrize(
    ("rules", "clause"),
    [
        (CorsPolicy("p", APP, allow_methods=("*",)), "allowed methods"),
        (CorsPolicy("p", APP, allow_methods=("M-SEARCH",)), "allowed methods"),
        (CorsPolicy("p", APP, allow_headers=("*",)), "allowed headers"),
        (CorsPolicy("p", APP, allow_headers=("X.Dotted",)), "allowed headers"),
        (CorsPolicy("p", APP, expose_headers=("X!",)), "exposed headers"),
        (CorsPolicy("p", APP, allow_timing=True), "timing"),
    ],
)
def test_a_value_that_the_controller_would_replace_is_lost(rules: CorsPolicy, clause: str) -> None:
    assert lost(policy(rules)) == {clause}


def test_a_list_of_origins_is_never_longer_than_nginx_reads() -> None:
    many = OriginSet(tuple(f"https://app{n}.example.com" for n in range(200)))
    assert lost(policy(CorsPolicy("p", many))) == {"exact origins"}


def test_paths_hosts_and_services_are_those_that_kubernetes_takes() -> None:
    rules = CorsPolicy("p", APP)
    assert lost(policy(rules, Route("/a b", "api", "p"))) == {"routes"}
    assert lost(policy(rules, Route("/a~b", "api", "p"))) == {"routes"}
    assert lost(policy(rules, Route("/", "api", "p", host="my_host.example"))) == {"hosts"}
    plain = policy(rules)
    odd = replace(plain, services={"api": Service("My_Api", "http://127.0.0.1:1")})
    assert lost(odd) == {"routes"}


def test_no_value_of_a_policy_becomes_yaml() -> None:
    rules = CorsPolicy('"\n- evil: {', APP)
    (settings, ingress) = objects(policy(rules))
    assert settings["kind"] == "ConfigMap"
    assert ingress["metadata"]["name"] == "cors-evil"


def test_a_cluster_address_names_the_service_and_its_namespace() -> None:
    meant = policy(CorsPolicy("p", APP), url="https://billing.shop.svc.cluster.local:8443")
    (settings, ingress) = objects(meant)
    assert settings["metadata"]["namespace"] == ingress["metadata"]["namespace"] == "shop"
    (path,) = ingress["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"]["service"] == {"name": "billing", "port": {"number": 8443}}
    assert annotations(meant)["backend-protocol"] == "HTTPS"


def test_limits_of_a_route_are_annotations() -> None:
    route = Route("/api", "api", "p", max_body=5, rate_limit=7, timeout=9)
    written = annotations(policy(CorsPolicy("p", APP), route))
    assert written["proxy-body-size"] == "5"
    assert written["limit-rps"] == "7"
    assert written["proxy-read-timeout"] == "9"


def test_the_same_policy_gives_the_same_bytes() -> None:
    meant = policy(CorsPolicy("p", APP))
    assert TARGET.files(meant) == TARGET.files(meant)


@pytest.mark.parametrize(
    ("annotation", "match"),
    [
        ("https://a.com/", "set $http_origin *;"),
        ("https://my_host.com", "set $http_origin *;"),
        ("https://a.com;https://b.com", "set $http_origin *;"),
        ("", "set $http_origin *;"),
        ("https://a.com, *", "set $http_origin *;"),
        ("https://a.com", r"if ($http_origin ~* ((https://a\.com))$ ) { set $cors 'true'; }"),
        (
            "https://*.a.com",
            r"if ($http_origin ~* ((https://[A-Za-z0-9\-]+\.a\.com))$ ) { set $cors 'true'; }",
        ),
        ("a.com", "if ($request_method = 'OPTIONS') { set $cors ${cors}options; }"),
    ],
)
def test_the_engine_of_the_suite_reads_origins_as_the_controller_does(
    annotation: str, match: str
) -> None:
    """What it rejects becomes every origin; what it drops leaves CORS off."""
    assert cors({"enable-cors": "true", "cors-allow-origin": annotation})[0] == match
