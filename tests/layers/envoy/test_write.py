"""The written files say what the policy says, in as few words however many origins there are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from corsage.layers.envoy import write
from corsage.layers.envoy.target import TARGET
from corsage.layers.target import FidelityError
from corsage.layers.yaml_text import plain, yaml_of
from corsage.policy import load_policy
from corsage.policy.model import CorsPolicy, Gateway, Policy, Route, Service
from corsage.policy.origins import OriginPattern, OriginSet

SHOP = Path(__file__).parents[3] / "examples/shop/cors.yaml"
APP = "https://app.example.com"


def policy(
    origins: OriginSet = OriginSet((APP,)),  # noqa: B008 (frozen)
    routes: tuple[Route, ...] = (Route("/api", "api", "session"),),
    **rules: Any,
) -> Policy:
    session = CorsPolicy("session", origins, ("GET", "PUT"), **rules)
    return Policy(
        Gateway(), {"api": Service("api", "http://127.0.0.1:1")}, {"session": session}, routes
    )


def routes(of: Policy) -> dict[str, Any]:
    (found,) = plain(write(of).routes)["resources"]
    return found


def virtual_hosts(of: Policy) -> list[dict[str, Any]]:
    return routes(of)["virtual_hosts"]


def test_the_same_policy_gives_the_same_bytes() -> None:
    text = SHOP.read_text(encoding="utf-8")
    once, again = (TARGET.files(load_policy(text, "cors.yaml")) for _ in range(2))
    assert once == again
    assert [file.path for file in once] == ["envoy.yaml", "lds.yaml", "cds.yaml", "rds.yaml"]


def test_what_people_read_and_what_envoy_reads_are_the_same() -> None:
    written = write(load_policy(SHOP.read_text(encoding="utf-8"), "cors.yaml"))
    for document in (written.bootstrap, written.listeners, written.clusters, written.routes):
        assert yaml.safe_load(yaml_of(document)) == plain(document)


def test_an_origin_more_is_a_line_more() -> None:
    few, many = (
        yaml_of(
            write(policy(OriginSet(tuple(f"https://t{n}.example" for n in range(count))))).routes
        )
        for count in (10, 1010)
    )
    assert len(many.splitlines()) - len(few.splitlines()) == 1000


def test_origins_that_the_same_policies_admit_share_a_virtual_host() -> None:
    origins = OriginSet((APP, "https://admin.example.com", "null"))
    hosts = virtual_hosts(policy(origins))
    assert [host["domains"] for host in hosts] == [
        [f"origin={APP}", "origin=https://admin.example.com", "origin=null"],
        ["*"],
    ]


def test_ten_thousand_patterns_are_few_regexes_and_one_table() -> None:
    patterns = tuple(OriginPattern("https", f"t{n}.example", True) for n in range(10_000))
    (others,) = virtual_hosts(policy(OriginSet(patterns=patterns)))
    matcher = others["matcher"]["matcher_list"]["matchers"]
    assert len(matcher) == 1
    either, _ = matcher[0]["predicate"]["and_matcher"]["predicate"]
    assert len(either["or_matcher"]["predicate"]) == 100


@pytest.mark.parametrize("name", ["X-%REQ(cookie)%", "X-%", "X-$x", "X-'`|~"])
def test_no_name_of_a_header_is_expanded(name: str) -> None:
    text = str(routes(policy(expose_headers=(name,), allow_headers=(name,))))
    assert repr(name.replace("%", "%%")) in text


@pytest.mark.parametrize("name", ["on", "a: b", "- x", "#", "*x", "&y", 'q"\\', "\t", "é\u2028"])
def test_no_name_of_a_service_is_read_as_yaml(name: str) -> None:
    service = Service(name, "http://127.0.0.1:1")
    of = replace(policy(), services={name: service}, routes=(Route("/api", name, "session"),))
    written = write(of).clusters
    assert yaml.safe_load(yaml_of(written))["resources"][0]["name"] == name


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (policy(OriginSet(("https://APP.example.com",))), "not an origin as a browser sends it"),
        (policy(OriginSet(("https://*",))), "not an origin as a browser sends it"),
        (policy(routes=(Route("/a$$$$$$$$$", "api", "session"),)), "percent-encoded"),
        (policy(routes=(Route("/a", "api", "session", host="a|b"),)), "not a host name"),
        (policy(expose_headers=("X" * 20_000,)), "longer than the 16384 bytes"),
        (replace(policy(), gateway=Gateway("gateway.example:80")), "IP addresses only"),
        (replace(policy(), services={"api": Service("api", "http://h/p")}), "is not http(s)://"),
        (replace(policy(), services={"\0": Service("\0", "http://h")}), "not text"),
    ],
)
def test_what_envoy_cannot_say_is_refused_by_name(of: Policy, said: str) -> None:
    with pytest.raises(FidelityError, match=said.replace("(", r"\(").replace(")", r"\)")):
        TARGET.files(of)
    assert TARGET.fidelity(of)[-1].fate == "lost"


def test_methods_that_envoy_s_parser_does_not_take_are_told() -> None:
    def fate(of: Policy) -> str:
        return next(row.fate for row in TARGET.fidelity(of) if row.clause == "allowed methods")

    usual = policy()
    odd = replace(usual.policies["session"], allow_methods=("*",))
    assert (fate(usual), fate(replace(usual, policies={"session": odd}))) == ("kept", "weaker")


def test_every_spelling_of_a_path_that_envoy_does_not_decode_is_a_key() -> None:
    of = policy(routes=(Route("/a+b", "api", "session", match="exact"),))
    (host, _) = virtual_hosts(of)
    tree = host["matcher"]["on_no_match"]["matcher"]["matcher_tree"]
    assert set(tree["exact_match_map"]["map"]) == {"/a+b/", "/a%2Bb/", "/a%2bb/"}
