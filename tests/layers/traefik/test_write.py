"""What Traefik cannot say is refused and named; what it says in a roundabout way is right."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service

APP = "https://app.example.com"
POLICY = Policy(
    Gateway(public="https://api.example.com"),
    {"api": Service("api", "http://127.0.0.1:3001")},
    {"session": CorsPolicy("session", OriginSet((APP,)), allow_credentials=True)},
    (Route("/a$b", "api", "session"), Route("/", "api", None)),
)


def test_an_origin_that_would_be_echoed_for_timing_is_refused() -> None:
    rules = replace(POLICY.policies["session"], allow_timing=True)
    target, policy = load_target("traefik"), replace(POLICY, policies={"session": rules})
    with pytest.raises(FidelityError, match="allow_timing"):
        target.files(policy)
    assert [row.clause for row in target.fidelity(policy) if row.fate == "lost"] == ["timing"]


def test_timing_for_everybody_is_kept() -> None:
    rules = CorsPolicy("session", OriginSet(any_origin=True), allow_timing=True)
    target, policy = load_target("traefik"), replace(POLICY, policies={"session": rules})
    assert any("Timing-Allow-Origin" in file.text for file in target.files(policy))


@pytest.mark.parametrize("path", ["/a$b", "/a%24b", "/a$b/", "/a%24b/c"])
def test_a_character_that_may_come_encoded_is_found_in_either_spelling(path: str) -> None:
    dynamic = load_target("traefik").files(POLICY)[1].text.replace("\\\\", "\\")
    taken = re.findall(r"PathRegexp\(`([^`]*)`\)", dynamic)
    assert re.search(taken[0], path)
