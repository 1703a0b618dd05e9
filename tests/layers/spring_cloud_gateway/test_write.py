"""What Spring Cloud Gateway cannot say is refused and named."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginPattern, OriginSet, Policy, Route, Service

APP = "https://app.example.com"
POLICY = Policy(
    Gateway(public="https://api.example.com"),
    {"api": Service("api", "http://127.0.0.1:3001")},
    {
        "session": CorsPolicy("session", OriginSet((APP,)), ("PUT",), allow_credentials=True),
        "public": CorsPolicy("public", OriginSet(any_origin=True)),
    },
    (Route("/a", "api", "session"), Route("/a/b", "api", "public"), Route("/", "api", None)),
)
TARGET = load_target("spring-cloud-gateway")


def refused(policy: Policy) -> str:
    with pytest.raises(FidelityError) as error:
        TARGET.files(policy)
    assert any(row.fate == "lost" for row in TARGET.fidelity(policy))
    return str(error.value)


def configurations(policy: Policy) -> dict[str, dict[str, list[str]]]:
    (file,) = TARGET.files(policy)
    gateway = yaml.safe_load(file.text)["spring"]["cloud"]["gateway"]["server"]["webflux"]
    return gateway["globalcors"]["cors-configurations"]


def test_the_most_specific_path_stands_first() -> None:
    """The first that matches is taken."""
    assert list(configurations(POLICY)) == ["[/a/b/**]", "[/a/**]", "[/**]"]


def test_a_path_that_is_never_for_browsers_admits_nobody() -> None:
    """Left out, it would get the configuration of a path above it."""
    assert configurations(POLICY)["[/**]"] == {"allowed-origins": []}


def test_one_path_with_two_policies_is_refused_by_its_hosts() -> None:
    tenant = Route("/a", "api", "public", host="tenant.example.com")
    assert "tenant.example.com" in refused(replace(POLICY, routes=(*POLICY.routes, tenant)))
    nested = Route("/a/b", "api", None, match="exact", host="tenant.example.com")
    assert "found by path alone" in refused(replace(POLICY, routes=(*POLICY.routes, nested)))


def test_hosts_with_paths_of_their_own_are_kept() -> None:
    routes = (Route("/a", "api", "session"), Route("/b", "api", None, host="tenant.example.com"))
    assert "Host=tenant.example.com" in TARGET.files(replace(POLICY, routes=routes))[0].text


@pytest.mark.parametrize("path", ["/a,b", "/a;b"])
def test_a_path_that_a_predicate_would_part_is_refused(path: str) -> None:
    assert path in refused(replace(POLICY, routes=(Route(path, "api", "session"),)))


@pytest.mark.parametrize("port", [8443, OriginPattern.ANY_PORT])
def test_ports_of_patterns_stand_in_brackets(port: int) -> None:
    origins = OriginSet(patterns=(OriginPattern("https", "example.com", True, port),))
    rules = replace(POLICY.policies["session"], allow_origins=origins)
    found = configurations(replace(POLICY, policies={**POLICY.policies, "session": rules}))
    shown = "*" if port == OriginPattern.ANY_PORT else str(port)
    assert found["[/a/**]"]["allowed-origin-patterns"] == [f"https://*.example.com:[{shown}]"]


@pytest.mark.parametrize("value", ["a b", "a\nb", 'a"b', "${x}", "#{x}"])
def test_no_value_becomes_configuration(value: str) -> None:
    rules = CorsPolicy("session", OriginSet((APP,)), ("PUT",), (value,))
    assert "is not" in refused(replace(POLICY, policies={**POLICY.policies, "session": rules}))
