"""Labels: what Docker Compose expands is escaped, and what would part a list is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service

FORM = load_target("traefik").forms["labels"]
POLICY = Policy(
    Gateway(public="https://api.example.com"),
    {
        "billing": Service("billing", "http://invoices:3001"),
        "local": Service("local", "https://127.0.0.1:8443"),
    },
    {"session": CorsPolicy("session", OriginSet(("https://app.example.com",)))},
    (Route("/a$b", "billing", "session", timeout=5), Route("/c", "local", None)),
)


def labels(policy: Policy) -> dict[str, dict[str, str]]:
    (file,) = FORM.files(policy)
    services = yaml.safe_load(file.text)["services"]
    return {name: each["labels"] for name, each in services.items()}


def test_containers_are_called_as_their_urls_call_them() -> None:
    assert list(labels(POLICY)) == ["invoices", "local"]


def test_what_compose_would_expand_is_doubled() -> None:
    values = [value for each in labels(POLICY).values() for value in each.values()]
    assert any("$$" in value for value in values)
    assert not any("$" in value.replace("$$", "") for value in values)


def test_ports_and_schemes_are_those_of_the_urls() -> None:
    server = "traefik.http.services.local.loadbalancer.server"
    assert labels(POLICY)["local"][f"{server}.port"] == "8443"
    assert labels(POLICY)["local"][f"{server}.scheme"] == "https"


def test_every_middleware_stands_beside_the_routers_that_name_it() -> None:
    for each in labels(POLICY).values():
        named = {n for k, v in each.items() if k.endswith(".middlewares") for n in v.split(",")}
        assert all(any(k.startswith(f"traefik.http.middlewares.{n}.") for k in each) for n in named)


def test_a_timeout_is_told_to_be_missing() -> None:
    (row,) = [row for row in FORM.fidelity(POLICY) if row.clause == "limits"]
    assert row.fate == "weaker"


@pytest.mark.parametrize("name", ["é", "a b", "-a"])
def test_a_name_that_compose_does_not_take_is_refused(name: str) -> None:
    policy = replace(
        POLICY,
        services={name: Service(name, "http://127.0.0.1:1")},
        routes=(Route("/", name, None),),
    )
    with pytest.raises(FidelityError, match="Docker Compose"):
        FORM.files(policy)
