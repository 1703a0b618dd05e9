"""HTTPRoutes: what the API server takes, and nothing that a gateway would read more widely."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jsonschema
import pytest
import yaml

from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginPattern, OriginSet, Policy, Route, Service
from tests.conformance.policies import POLICIES, REFUSED
from tests.layers.gateway_api.schema import CORS, HTTP_ROUTE, broken_rules

TARGET = load_target("gateway-api")
APP = OriginSet(("https://app.example.com",))
MANY = tuple(f"https://a{number}.example" for number in range(65))
ANY_PORT = OriginPattern("http", "a.example", port=OriginPattern.ANY_PORT)
WRITABLE = [name for name in POLICIES if name not in REFUSED["gateway-api"]]


def policy(rules: CorsPolicy, *routes: Route) -> Policy:
    services = {"api": Service("api", "http://api:3000")}
    return Policy(
        Gateway(), services, {rules.name: rules}, routes or (Route("/api", "api", rules.name),)
    )


def objects(meant: Policy) -> list[Any]:
    return list(yaml.safe_load_all(TARGET.files(meant)[0].text))


def filters(meant: Policy) -> dict[str, Any]:
    """The filters of the one rule, by their kind."""
    (route,) = objects(meant)
    (rule,) = route["spec"]["rules"]
    return {
        each["type"]: next(v for k, v in each.items() if k != "type") for each in rule["filters"]
    }


def lost(meant: Policy) -> set[str]:
    with pytest.raises(FidelityError, match="gateway-api cannot enforce") as refused:
        TARGET.files(meant)
    return {row.clause for row in refused.value.clauses}


def check(routes: list[Any]) -> None:
    for route in routes:
        jsonschema.validate(route, HTTP_ROUTE)
        assert not list(broken_rules(route))


@pytest.mark.parametrize("name", WRITABLE)
def test_what_is_written_for_a_policy_is_what_the_api_server_takes(name: str) -> None:
    check(objects(POLICIES[name]))


def test_everything_that_the_filter_can_say_at_once_is_what_the_api_server_takes() -> None:
    origins = OriginSet(
        tuple(f"https://app{n}.example.com:8443" for n in range(63)),
        (OriginPattern("https", "preview.example.com", subdomains=True),),
    )
    names = tuple(f"X-{n}" for n in range(64))
    rules = CorsPolicy("p", origins, ("GET", "PUT"), names, names, True, 2**31 - 1)
    check(objects(policy(rules)))


def test_many_paths_are_spread_over_rules_and_routes() -> None:
    rules = CorsPolicy("p", APP)
    routes = [Route(f"/p{number}", "api", "p") for number in range(300)]
    written = objects(policy(rules, *routes))
    check(written)
    assert len({route["metadata"]["name"] for route in written}) == len(written) == 3


def test_a_wildcard_for_methods_stands_alone() -> None:
    rules = CorsPolicy("p", APP, allow_methods=("*", "PATCH"))
    assert filters(policy(rules))["CORS"]["allowMethods"] == ["*"]


def test_every_owned_answer_names_the_origin_for_caches() -> None:
    edit = filters(policy(CorsPolicy("p", APP)))["ResponseHeaderModifier"]
    assert edit["add"] == [{"name": "Vary", "value": "Origin"}]
    assert "Access-Control-Allow-Origin" in edit["remove"]


def test_the_services_own_routes_have_no_filter() -> None:
    (route,) = objects(policy(CorsPolicy("p", APP), Route("/api", "api", "p", owner="service")))
    assert "filters" not in route["spec"]["rules"][0]


def test_a_route_that_is_never_for_browsers_only_loses_the_services_headers() -> None:
    found = filters(policy(CorsPolicy("p", APP), Route("/api", "api", None)))
    assert set(found) == {"ResponseHeaderModifier"}
    assert set(found["ResponseHeaderModifier"]) == {"remove"}


def test_max_age_is_said_even_where_the_policy_leaves_it_out() -> None:
    assert filters(policy(CorsPolicy("p", APP)))["CORS"]["maxAge"] == 5


@pytest.mark.parametrize(
    ("rules", "clause"),
    [
        (CorsPolicy("p", OriginSet(("null",))), "exact origins"),
        (CorsPolicy("p", OriginSet(("capacitor://localhost",))), "exact origins"),
        (CorsPolicy("p", OriginSet(("https://my_host.example",))), "exact origins"),
        (CorsPolicy("p", OriginSet(("http://[::1]:3000",))), "exact origins"),
        (CorsPolicy("p", OriginSet(MANY)), "exact origins"),
        (CorsPolicy("p", OriginSet(patterns=(ANY_PORT,))), "origin patterns"),
        (CorsPolicy("p", APP, allow_methods=("patch",)), "allowed methods"),
        (CorsPolicy("p", APP, allow_headers=("*",)), "allowed headers"),
        (CorsPolicy("p", APP, allow_headers=tuple(f"X-{n}" for n in range(65))), "allowed headers"),
        (CorsPolicy("p", APP, expose_headers=("X" * 257,)), "exposed headers"),
        (CorsPolicy("p", APP, max_age=0), "max age"),
        (CorsPolicy("p", APP, allow_timing=True), "timing"),
    ],
)
def test_a_value_that_the_filter_cannot_hold_is_lost(rules: CorsPolicy, clause: str) -> None:
    assert lost(policy(rules)) == {clause}


def test_paths_and_hosts_are_those_that_a_route_takes() -> None:
    rules = CorsPolicy("p", APP)
    assert lost(policy(rules, Route("/a//b", "api", "p"))) == {"routes"}
    assert lost(policy(rules, Route("/a b", "api", "p"))) == {"routes"}
    assert lost(policy(rules, Route("/", "api", "p", host="my_host.example"))) == {"hosts"}
    odd = replace(policy(rules), services={"api": Service("My_Api", "http://127.0.0.1:1")})
    assert lost(odd) == {"routes"}


@pytest.mark.parametrize(
    "value",
    [
        {"allowOrigins": ["null"]},
        {"allowOrigins": ["https://a.com/"]},
        {"allowOrigins": ["https://foo.*.com"]},
        {"allowOrigins": ["HTTPS://a.com"]},
        {"allowMethods": ["get"]},
        {"maxAge": 0},
        {"maxAge": -1},
    ],
)
def test_the_schema_of_these_tests_refuses_what_the_crd_refuses(value: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, CORS)
