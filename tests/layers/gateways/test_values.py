"""No value of a policy becomes configuration of a gateway: what a policy file could not hold is
refused, and named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginPattern, OriginSet, Policy, Route, Service
from corsage.policy.model import Tls
from tests.layers.gateways.test_live import GATEWAYS, POLICY

APP = "https://app.example.com"
HOSTILE = ("a b", "a\nb", "a\x00b", "a\\b", 'a"b', "a{b}", "a<b>", "a\u202eb", "", "x\r\ny: z")


def _policy(origins: OriginSet | None = None, word: str = "X-A", **route: str) -> Policy:
    rules = CorsPolicy("session", origins or OriginSet((APP,)), ("PUT",), (word,), (word,))
    return Policy(
        Gateway(public="https://api.example.com"),
        {"api": Service("api", "http://127.0.0.1:3001")},
        {"session": rules},
        (Route(route.get("path", "/a"), "api", "session", host=route.get("host")),),
    )


def _refused(name: str, policy: Policy) -> str:
    target = load_target(name)
    with pytest.raises(FidelityError) as refused:
        target.files(policy)
    assert any(row.fate == "lost" for row in target.fidelity(policy))
    return str(refused.value)


@pytest.mark.parametrize("name", GATEWAYS)
@pytest.mark.parametrize("value", HOSTILE)
def test_what_is_no_word_is_refused(name: str, value: str) -> None:
    assert "is not" in _refused(name, _policy(word=value))
    assert "is not" in _refused(name, _policy(path=f"/{value} "))
    assert "is not" in _refused(name, _policy(host=f"{value}."))
    assert "is not" in _refused(name, _policy(OriginSet((f"https://{value}",))))
    pattern = OriginPattern("https", f"{value}!", subdomains=True)
    assert "is not" in _refused(name, _policy(OriginSet(patterns=(pattern,))))


@pytest.mark.parametrize("name", GATEWAYS)
@pytest.mark.parametrize("url", ["http://a b", "ftp://a", "http://a/path", "http://u:p@a", "//a"])
def test_what_is_no_address_is_refused(name: str, url: str) -> None:
    policy = replace(_policy(), services={"api": Service("api", url)})
    assert "api" in _refused(name, policy)


@pytest.mark.parametrize("name", GATEWAYS)
@pytest.mark.parametrize(
    "gateway",
    [Gateway(listen="8080"), Gateway(listen="a b:1"), Gateway(tls=Tls("a b", "c"))],
    ids=["no host", "a space", "a file with a space"],
)
def test_what_is_no_listener_is_refused(name: str, gateway: Gateway) -> None:
    assert "is not" in _refused(name, replace(_policy(), gateway=gateway))


@pytest.mark.parametrize("name", GATEWAYS)
def test_the_same_policy_gives_the_same_bytes(name: str) -> None:
    target = load_target(name)
    assert target.files(POLICY) == target.files(replace(POLICY, routes=tuple(POLICY.routes)))


@pytest.mark.parametrize("name", GATEWAYS)
@pytest.mark.parametrize("service", ["api; } evil", "API\nx", ";;", "é"])
def test_names_are_turned_into_words(name: str, service: str) -> None:
    policy = replace(
        POLICY,
        services={service: Service(service, "http://127.0.0.1:3001")},
        routes=tuple(replace(route, service=service) for route in POLICY.routes),
    )
    assert not any(service in file.text for file in load_target(name).files(policy))
