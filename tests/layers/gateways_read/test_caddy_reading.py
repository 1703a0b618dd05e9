"""What is read of Caddyfiles: whom they let read, and what is wrong with them."""

from __future__ import annotations

import pytest

from corsage.layers import rules
from corsage.layers.caddy.read import READER
from corsage.layers.source import UnreadableError
from tests.layers.gateways_read import live

CASES = {case.name: case.text for case in live.cases("caddy")}


def sites_of(text: str):
    (instance,) = live.read(READER, Caddyfile=text).instances
    return {site.match.path: site for site in instance.sites}


def test_each_value_of_a_matcher_is_an_entry_in_its_place():
    grant = sites_of(CASES["several"])["/"].grant
    lines = CASES["several"].splitlines()
    assert [entry.text for entry in grant.entries] == [
        "https://app.example.com",
        "*.evil.test",
        "null",
    ]
    for entry in grant.entries:
        assert lines[entry.where.line - 1][entry.where.column - 1 :].startswith(entry.text)


def test_a_regex_admits_what_caddy_finds_it_in():
    (entry,) = sites_of(CASES["unanchored"])["/"].grant.entries
    assert "https://app.example.com.evil.test" in entry.language
    (entry,) = sites_of(CASES["echoed"])["/"].grant.entries
    assert "https://x.app.example.com" in entry.language
    assert "https://x.app.example.com.evil.test" not in entry.language


def test_what_a_preflight_is_told_is_granted():
    grant = sites_of(CASES["preflights"])["/"].grant
    assert (grant.methods, grant.headers, grant.max_age) == (("GET", "PUT"), None, 600)


def test_sites_are_where_paths_part_and_lead_somewhere():
    found = {path: site.upstream for path, site in sites_of(CASES["paths"]).items()}
    assert found["/api/"] == "http://127.0.0.1:APP"
    assert found["/x"] == "http://127.0.0.1:APP"


def test_a_site_is_reached_at_its_addresses():
    text = (
        "api.example.com, www.example.com {\n\treverse_proxy app:3000\n}\n:8080 {\n\trespond hi\n}"
    )
    reading = live.read(READER, Caddyfile=text)
    assert [instance.reached_at for instance in reading.instances] == [
        ("api.example.com", "www.example.com"),
        (":8080",),
    ]


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("https://*.example.com", rules.MISREAD),
        ('"https://a.example, https://b.example"', rules.SEVERAL_IN_ONE),
    ],
)
def test_what_does_not_do_what_it_looks_like_is_told(value, rule):
    text = f":80 {{\n\theader Access-Control-Allow-Origin {value}\n}}\n"
    assert [slip.rule for slip in live.read(READER, Caddyfile=text).slips] == [rule]


def test_what_is_configured_well_has_no_slips():
    assert live.read(READER, Caddyfile=CASES["preflights"]).slips == ()


@pytest.mark.parametrize("text", [":80 {\n", "}\n", ":80 {\n" * 100])
def test_a_file_that_caddy_would_not_take_is_refused_with_its_place(text):
    with pytest.raises(UnreadableError) as error:
        live.read(READER, Caddyfile=text)
    assert error.value.where.line
