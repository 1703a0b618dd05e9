"""What is read of Envoy's configuration: whom it lets read, and what is wrong with it."""

from __future__ import annotations

import pytest

from corsage.layers import rules
from corsage.layers.envoy.read import READER
from tests.layers.gateways_read import live

CASES = {case.name: case.text for case in live.cases("envoy")}
EXACT = CASES["exact"]
POLICY = "- exact: https://app.example.com"


def slips(text: str) -> list[tuple[str, str]]:
    found = live.read(READER, envoy__yaml=text).slips
    return [(slip.rule.id, slip.where.source.strip()) for slip in found]


def grant_of(name: str, path: str = "/"):
    (instance,) = live.read(READER, envoy__yaml=CASES[name]).instances
    return next(site.grant for site in instance.sites if site.example == path)


def test_each_matcher_is_an_entry_in_its_place():
    grant = grant_of("matchers")
    found = [(entry.text, entry.where.line, entry.where.column) for entry in grant.entries]
    assert [text for text, _, _ in found] == [
        "prefix: https://app.example.com",
        "suffix: .evil.test",
        r"regex: https://[a-z]+\.app\.example\.com",
    ]
    lines = CASES["matchers"].splitlines()
    for text, line, column in found:
        assert lines[line - 1][column - 1 :].strip("'}").startswith(text.partition(": ")[2])


def test_a_route_by_hand_grants_what_its_condition_on_the_origin_admits():
    grant = grant_of("headers_by_hand")
    (entry,) = grant.entries
    assert "https://x.app.example.com" in entry.language
    assert "https://evil.test" not in entry.language
    assert grant.credentials
    assert grant.methods == ("GET", "PUT")
    assert grant.headers is None


def test_a_wildcard_grants_whatever_is_asked_for():
    grant = grant_of("wildcard")
    assert grant.methods is None
    assert grant.headers is None
    assert grant.credentials
    assert "https://stranger.example" in grant.entries[0].language


def test_what_is_configured_well_has_no_slips():
    assert slips(EXACT) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (POLICY, "- {safe_regex: {regex: '.{1,40}'}}", rules.MISREAD),
        (POLICY, "- {exact: 'https://*.example.com'}", rules.MISREAD),
        (POLICY, "- {safe_regex: {regex: '(?=a)b'}}", rules.INERT),
        ("allow_methods: GET, PUT", 'allow_methods: "*, PUT"', rules.MISREAD),
        ("route: {cluster: app}", "direct_response: {status: 200}", rules.INERT),
        ("          envoy.filters.http.cors:", "          cors:", rules.INERT),
    ],
)
def test_what_does_not_do_what_it_looks_like_is_told(old, new, rule):
    assert old in EXACT
    assert [found for found, _ in slips(EXACT.replace(old, new))] == [rule.id]


def test_a_policy_without_the_filter_and_a_filter_without_policy_do_nothing():
    lines = EXACT.splitlines(keepends=True)
    start = next(
        number for number, line in enumerate(lines) if "name: envoy.filters.http.cors" in line
    )
    assert slips("".join(lines[:start] + lines[start + 2 :]))[0][0] == rules.INERT.id
    start = next(number for number, line in enumerate(lines) if "typed_per_filter" in line)
    end = next(number for number, line in enumerate(lines) if line.startswith("  clusters"))
    assert slips("".join(lines[:start] + lines[end:]))[0][0] == rules.INERT.id


def test_a_guard_before_the_filter_turns_preflights_away():
    assert [rule for rule, _ in slips(CASES["rbac_before"])] == [rules.MIDDLEWARE_ORDER.id]
    assert slips(CASES["rbac_after"]) == []


def test_where_requests_go_and_where_it_is_reached_is_known():
    (instance,) = live.read(READER, envoy__yaml=EXACT.replace("PORT", "8080")).instances
    assert instance.reached_at == (":8080",)
    assert instance.sites[0].upstream == "http://127.0.0.1:APP"
