"""IngressRoutes and Middlewares: what the API server takes, in the namespaces of the Services."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
import yaml

from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service
from tests.conformance.policies import POLICIES, REFUSED
from tests.layers.gateway_api.schema import NAME, a_list, an_object

TARGET = load_target("traefik-crd")
WRITABLE = [name for name in POLICIES if name not in REFUSED["traefik-crd"]]
APP = "https://app.example.com"
POLICY = Policy(
    Gateway(public="https://api.example.com"),
    {
        "api": Service("api", "http://api.shop.svc:3000"),
        "pay": Service("pay", "https://pay.money.svc:8443"),
    },
    {"the_session": CorsPolicy("the_session", OriginSet((APP,)), allow_credentials=True)},
    (Route("/a", "api", "the_session", timeout=5), Route("/pay", "pay", "the_session")),
)

_STRINGS = {"type": "array", "items": {"type": "string"}}
_COUNT = {"type": "integer", "minimum": 0}
_TIME = {"pattern": "^([0-9]+(ns|us|ms|s|m|h)?)+$"}
# As the CRDs of Traefik 3.7 have them.
SPECS: dict[str, Any] = {
    "Middleware": an_object(
        [],
        headers=an_object(
            [],
            customResponseHeaders={"type": "object", "additionalProperties": {"type": "string"}},
            accessControlAllowOriginList=_STRINGS,
            accessControlAllowOriginListRegex=_STRINGS,
        ),
        ipAllowList=an_object([], sourceRange=_STRINGS, rejectStatusCode=_COUNT),
        rateLimit=an_object([], average=_COUNT, burst=_COUNT),
        buffering=an_object([], maxRequestBodyBytes=_COUNT),
    ),
    "ServersTransport": an_object(
        [], forwardingTimeouts=an_object([], dialTimeout=_TIME, responseHeaderTimeout=_TIME)
    ),
    "IngressRoute": an_object(
        ["routes"],
        routes=a_list(
            an_object(
                ["match"],
                match={"type": "string"},
                kind={"const": "Rule"},
                priority={"type": "integer", "maximum": 2**31 - 1, "minimum": 1},
                middlewares=a_list(an_object(["name"], name=NAME), 1000),
                services=a_list(
                    an_object(
                        ["name"],
                        name={"type": "string"},
                        kind={"enum": ["Service", "TraefikService"]},
                        port={"type": "integer"},
                        scheme={"const": "https"},
                        serversTransport=NAME,
                    ),
                    1,
                ),
            ),
            100_000,
        ),
    ),
}


def objects(policy: Policy) -> list[Any]:
    return list(yaml.load_all(TARGET.files(policy)[0].text, yaml.CSafeLoader))


def check(policy: Policy) -> None:
    written = objects(policy)
    names = [(o["kind"], o["metadata"]["namespace"], o["metadata"]["name"]) for o in written]
    assert len(names) == len(set(names))
    for each in written:
        assert each["apiVersion"] == "traefik.io/v1alpha1"
        jsonschema.validate(each["metadata"], an_object(["name"], name=NAME, namespace=NAME))
        jsonschema.validate(each["spec"], SPECS[each["kind"]])
        for route in each["spec"].get("routes", ()):
            for used in route.get("middlewares", ()):
                assert ("Middleware", each["metadata"]["namespace"], used["name"]) in names


@pytest.mark.parametrize("name", WRITABLE)
def test_what_is_written_for_a_policy_is_what_the_api_server_takes(name: str) -> None:
    check(POLICIES[name])


def test_services_of_two_namespaces_have_their_routes_there() -> None:
    """Traefik lets no object name one of another namespace, unless it is told to."""
    check(POLICY)
    routes = [each for each in objects(POLICY) if each["kind"] == "IngressRoute"]
    assert {each["metadata"]["namespace"] for each in routes} == {"shop", "money", "default"}


def test_a_service_behind_tls_says_so() -> None:
    assert 'scheme: "https"' in TARGET.files(POLICY)[0].text


def test_thousands_of_routes_are_spread_over_objects_that_fit() -> None:
    origins = OriginSet(tuple(f"https://tenant{number}.example.com" for number in range(40)))
    routes = tuple(Route(f"/r{number}", "api", "many") for number in range(500))
    policy = replace(POLICY, policies={"many": CorsPolicy("many", origins)}, routes=routes)
    (file,) = TARGET.files(policy)
    assert all(len(text) < 1_000_000 for text in file.text.split("\n---\n"))
    assert len(re.findall('kind: "IngressRoute"', file.text)) > 2


def test_a_rule_that_no_object_can_hold_is_refused() -> None:
    origins = OriginSet(tuple(f"https://tenant{number}.example.com" for number in range(40_000)))
    policy = replace(
        POLICY,
        policies={"many": CorsPolicy("many", origins)},
        routes=(Route("/", "api", "many"),),
    )
    with pytest.raises(FidelityError, match="too many origins"):
        TARGET.files(policy)


def test_a_name_that_no_service_of_a_cluster_has_is_refused() -> None:
    policy = replace(
        POLICY,
        services={"My_Api": Service("My_Api", "http://127.0.0.1:1")},
        routes=(Route("/", "My_Api", None),),
    )
    with pytest.raises(FidelityError, match="My_Api"):
        TARGET.files(policy)
