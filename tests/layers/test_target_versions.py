"""Each target says which releases its output needs, and is not written for one that lacks it."""

from __future__ import annotations

import re

import pytest

from corsage.layers import every_target, load_target
from corsage.layers.target import Target, Version, Versions
from corsage.layers.versions import VersionError, at_least, for_release
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service
from corsage.policy.model import Tls

POLICY = Policy(
    Gateway(public="https://api.example.com"),
    {"api": Service("api", "http://127.0.0.1:3001")},
    {"session": CorsPolicy("session", OriginSet(("https://app.example.com",)))},
    (Route("/a", "api", "session"),),
)
TARGETS = {target.name: target for target in every_target()}


def text(target: Target, policy: Policy = POLICY) -> str:
    return "".join(file.text for file in target.files(policy))


@pytest.mark.parametrize("name", TARGETS)
def test_the_proven_release_is_taken_and_what_is_written_by_default(name: str) -> None:
    target = TARGETS[name]
    if name.startswith("nginx"):  # the default suits the oldest that is tested
        assert text(for_release(target, "1.22", POLICY)) == text(target)
    else:
        assert text(for_release(target, target.versions.proven, POLICY)) == text(target)


@pytest.mark.parametrize("name", TARGETS)
def test_a_release_before_the_oldest_is_refused_with_what_it_lacks(name: str) -> None:
    target = TARGETS[name]
    needed = [row for row in target.versions.rows if not row.before]
    with pytest.raises(VersionError) as refused:
        for_release(target, "0.0.1", POLICY)
    assert all(row.what in str(refused.value) for row in needed if not row.clause)
    assert needed


@pytest.mark.parametrize("name", TARGETS)
def test_a_release_that_nobody_has_seen_is_not_known(name: str) -> None:
    with pytest.raises(VersionError, match="is not known"):
        for_release(TARGETS[name], "9999.1", POLICY)


@pytest.mark.parametrize(
    "text", ["", "latest", "1..2", "1.2.3.4.5", "-1", "1,2", "①", "1.2\n", "9" * 99]
)
def test_what_is_no_release_cannot_be_read(text: str) -> None:
    with pytest.raises(VersionError, match="cannot read the version"):
        for_release(load_target("nginx"), text, POLICY)


@pytest.mark.parametrize("text", ["1.31.3", "v1.31.3", "1.31", "1.22.1-9+deb12u1", "1.29.0.RC1"])
def test_releases_are_read_as_people_write_them(text: str) -> None:
    assert for_release(load_target("nginx"), text, POLICY).name == "nginx"


def test_numbers_are_compared_as_numbers() -> None:
    assert at_least((1, 10), "1.9.9")
    assert at_least((2,), "2.0.0")
    assert not at_least((1, 22), "1.22.1")


def test_a_clause_that_a_policy_does_not_have_needs_no_release() -> None:
    rows = (Version("5.0", "credentials at all", clause="credentials"),)
    target = Target(
        **{
            **{name: getattr(load_target("caddy"), name) for name in Target.__slots__},
            "versions": Versions("Product", "5.1", rows),
        }
    )
    assert for_release(target, "4.0", POLICY) is target
    rules = CorsPolicy("session", OriginSet(("https://app.example.com",)), allow_credentials=True)
    with pytest.raises(VersionError, match=re.escape("credentials at all (credentials)")):
        for_release(target, "4.0", Policy(POLICY.gateway, POLICY.services, {"session": rules}, ()))


def test_nginx_is_written_for_the_release_at_hand() -> None:
    tls = Policy(
        Gateway(public="https://api.example.com", tls=Tls("a.pem", "a.key")),
        POLICY.services,
        POLICY.policies,
        POLICY.routes,
    )
    assert "http2 on;" in text(for_release(load_target("nginx"), "1.25.1", POLICY), tls)
    assert "ssl http2;" in text(for_release(load_target("nginx"), "1.25.0", POLICY), tls)


def test_gateway_api_says_which_channel_has_the_filter() -> None:
    target = load_target("gateway-api")
    assert "experimental channel" in text(for_release(target, "1.4.1", POLICY))
    assert "experimental channel" not in text(for_release(target, "1.6", POLICY))


def test_gateway_api_says_what_its_first_release_can_hold() -> None:
    """1.3 takes no `allowCredentials: false`, and no bare star."""
    target = load_target("gateway-api")
    assert "allowCredentials: false" in text(for_release(target, "1.4", POLICY))
    assert "allowCredentials" not in text(for_release(target, "1.3", POLICY))
    public = {"session": CorsPolicy("session", OriginSet(any_origin=True))}
    with pytest.raises(VersionError, match=re.escape("1.4: allowOrigins with * (any origin)")):
        for_release(target, "1.3", Policy(POLICY.gateway, POLICY.services, public, POLICY.routes))
