"""SecurityPolicies: what the API server takes, attached to the routes that they are meant for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jsonschema
import pytest
import yaml

from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.layers.versions import for_release
from corsage.policy import CorsPolicy, Gateway, OriginPattern, OriginSet, Policy, Route, Service
from tests.conformance.policies import POLICIES, REFUSED
from tests.layers.envoy_gateway.schema import CORS, SECURITY_POLICY
from tests.layers.gateway_api.schema import HTTP_ROUTE, broken_rules

TARGET = load_target("envoy-gateway")
APP = OriginSet(("https://app.example.com",))
ANY_PORT = OriginPattern("http", "a.example", port=OriginPattern.ANY_PORT)
WRITABLE = [name for name in POLICIES if name not in REFUSED["envoy-gateway"]]


def policy(rules: CorsPolicy, *routes: Route) -> Policy:
    services = {"api": Service("api", "http://api:3000")}
    return Policy(
        Gateway(), services, {rules.name: rules}, routes or (Route("/api", "api", rules.name),)
    )


def objects(meant: Policy, kind: str) -> list[Any]:
    written = yaml.load_all(TARGET.files(meant)[0].text, yaml.CSafeLoader)
    return [each for each in written if each["kind"] == kind]


def lost(meant: Policy) -> set[str]:
    with pytest.raises(FidelityError, match="envoy-gateway cannot enforce") as refused:
        TARGET.files(meant)
    return {row.clause for row in refused.value.clauses}


def check(meant: Policy) -> None:
    for each in objects(meant, "SecurityPolicy"):
        jsonschema.validate(each, SECURITY_POLICY)
    for each in objects(meant, "HTTPRoute"):
        jsonschema.validate(each, HTTP_ROUTE)
        assert not list(broken_rules(each))


@pytest.mark.parametrize("name", WRITABLE)
def test_what_is_written_for_a_policy_is_what_the_api_server_takes(name: str) -> None:
    check(POLICIES[name])


def test_everything_that_it_can_say_at_once_is_what_the_api_server_takes() -> None:
    origins = OriginSet(
        (*(f"https://app{n}.example.com:8443" for n in range(1000)), "moz-extension://abc_d"),
        (OriginPattern("https", "preview.example.com", subdomains=True),),
    )
    names = tuple(f"X-{n}" for n in range(100))
    check(policy(CorsPolicy("p", origins, ("get", "PUT"), names, names, True, 604_800)))


def test_thousands_of_routes_are_targeted_by_policies_of_sixteen() -> None:
    rules = CorsPolicy("p", APP)
    meant = policy(rules, *(Route(f"/p{number}", "api", "p") for number in range(2100)))
    check(meant)
    attached = objects(meant, "SecurityPolicy")
    targets = [ref for each in attached for ref in each["spec"]["targetRefs"]]
    routes = [each["metadata"]["name"] for each in objects(meant, "HTTPRoute")]
    assert sorted(ref["name"] for ref in targets) == sorted(routes)
    assert len(attached) > 1


def test_names_of_policies_that_look_like_numbers_of_routes_stay_apart() -> None:
    rules = {name: CorsPolicy(name, APP) for name in ("p", "p-2", "p.2", "P")}
    routes = (
        *(Route(f"/p{number}", "api", "p") for number in range(200)),
        *(Route(f"/{name}/x", "api", name, host="2.example") for name in rules),
        *(Route(f"/{name}/y", "api", name) for name in rules),
    )
    meant = replace(policy(rules["p"], *routes), policies=rules)
    for kind in ("HTTPRoute", "SecurityPolicy"):
        names = [each["metadata"]["name"] for each in objects(meant, kind)]
        assert len(names) == len(set(names))
    check(meant)


def test_a_route_without_a_policy_is_targeted_by_none() -> None:
    routes = (
        Route("/own", "api", "p", owner="service"),
        Route("/never", "api", None),
        Route("/api", "api", "p"),
    )
    (attached,) = objects(policy(CorsPolicy("p", APP), *routes), "SecurityPolicy")
    (target,) = attached["spec"]["targetRefs"]
    assert target["name"] == "cors-p"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (99_999, "99999s"), (100_800, "28h"), (604_801, "168h1s")]
)
def test_seconds_are_a_duration_of_at_most_five_digits(seconds: int, text: str) -> None:
    (attached,) = objects(policy(CorsPolicy("p", APP, max_age=seconds)), "SecurityPolicy")
    assert attached["spec"]["cors"]["maxAge"] == text


@pytest.mark.parametrize(
    ("rules", "clause"),
    [
        (CorsPolicy("p", OriginSet(("null",))), "exact origins"),
        (CorsPolicy("p", OriginSet(("http://[::1]:3000",))), "exact origins"),
        (CorsPolicy("p", OriginSet(patterns=(ANY_PORT,))), "origin patterns"),
        (CorsPolicy("p", APP, allow_headers=("*",)), "allowed headers"),
        (CorsPolicy("p", APP, max_age=-1), "max age"),
        (CorsPolicy("p", APP, allow_timing=True), "timing"),
    ],
)
def test_a_value_that_it_cannot_hold_is_lost(rules: CorsPolicy, clause: str) -> None:
    assert lost(policy(rules)) == {clause}


def test_other_schemes_need_the_release_that_takes_them() -> None:
    meant = policy(CorsPolicy("p", OriginSet(("capacitor://localhost",))))
    check(meant)
    with pytest.raises(FidelityError, match=r"before Envoy Gateway 1\.9"):
        for_release(TARGET, "1.8", meant).files(meant)


def test_names_that_no_object_can_have_are_refused() -> None:
    odd = replace(
        policy(CorsPolicy("p", APP)), services={"api": Service("My_Api", "http://127.0.0.1:1")}
    )
    assert lost(odd) == {"routes"}


@pytest.mark.parametrize(
    "value", [{"allowOrigins": ["null"]}, {"allowOrigins": ["https://a.com/"]}, {"maxAge": "-1s"}]
)
def test_the_schema_of_these_tests_refuses_what_the_crd_refuses(value: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, CORS)
