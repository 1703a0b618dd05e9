"""What is read of HAProxy's configuration: whom it lets read, and what is wrong with it."""

from __future__ import annotations

import pytest

from corsage.layers import rules
from corsage.layers.haproxy.read import READER
from tests.layers.gateways_read import live

CASES = {case.name: case.text for case in live.cases("haproxy")}
AFTER = CASES["after"]


def slips(text: str) -> list[str]:
    return [slip.rule.id for slip in live.read(READER, haproxy__cfg=text).slips]


def grant_of(name: str):
    (instance,) = live.read(READER, haproxy__cfg=CASES[name]).instances
    return instance.sites[0].grant


def test_each_value_of_an_acl_is_an_entry_in_its_place():
    grant = grant_of("variable")
    lines = CASES["variable"].splitlines()
    assert [entry.text for entry in grant.entries] == [
        "https://app.example.com",
        "https://evil.test",
    ]
    for entry in grant.entries:
        assert lines[entry.where.line - 1][entry.where.column - 1 :].startswith(entry.text)
    assert grant.credentials


def test_a_regex_admits_what_haproxy_finds_it_in():
    (entry,) = grant_of("unanchored").entries
    assert "https://app.example.com.evil.test" in entry.language
    grant = grant_of("preflights")
    (entry,) = grant.entries
    assert "https://x.app.example.com" in entry.language
    assert "https://x.app.example.com.evil.test" not in entry.language
    assert (grant.methods, grant.headers, grant.max_age) == (("GET", "PUT"), None, 600)


def test_whoever_asks_is_let_in_where_the_origin_is_captured():
    (entry,) = grant_of("captured").entries
    assert "https://stranger.example" in entry.language


def test_what_is_configured_well_has_no_slips():
    assert slips(AFTER) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (CASES["star"], rules.NOT_ON_ERRORS),
        (CASES["request_gone"], rules.INERT),
        (AFTER.replace("http-after-response set-header", "rspadd"), rules.GONE),
        (
            AFTER.replace("Vary Origin", "Access-Control-Allow-Origin %[req.hdr(origin)]"),
            rules.INERT,
        ),
    ],
)
def test_what_does_not_do_what_it_looks_like_is_told(text, rule):
    assert rule.id in slips(text)


def test_a_list_that_was_not_read_is_not_known():
    text = AFTER.replace(
        '"https://app.example.com"', "https://a.example if { req.hdr(origin) -m found }"
    )
    text = text.replace(
        "    http-after-response",
        "    http-request set-var(txn.o) req.hdr(origin) if { req.hdr(origin) -f origins.lst }\n"
        "    http-after-response set-header Access-Control-Allow-Origin %[var(txn.o)] "
        "if { var(txn.o) -m found }\n    http-after-response",
        1,
    )
    (instance,) = live.read(READER, haproxy__cfg=text).instances
    (unknown,) = instance.sites[0].grant.unknown
    assert "origins.lst" in unknown.why


def test_where_requests_go_and_where_it_is_reached_is_known():
    (instance,) = live.read(READER, haproxy__cfg=CASES["backends"].replace("PORT", "80")).instances
    assert instance.reached_at == (":80",)
    assert {(site.match.path, site.upstream) for site in instance.sites} >= {
        ("/api", "http://127.0.0.1:APP"),
        ("/", "http://127.0.0.1:APP"),
    }
