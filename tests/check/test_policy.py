"""Findings in a policy file."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corsage.check import Finding, Where, check_policy

HEAD = """\
version: 1
services: {s: http://s}
policies:
  p:
    allow_origins: [https://app.example.com, https://*.preview.example.com]
    allow_credentials: true
"""
ROUTES = "routes:\n  - {path: /, service: s, cors: p}\n"


def _found(source, **arguments):
    return [(f.rule, f.where.line) for f in check_policy(source, **arguments)]


def test_a_good_policy_has_no_findings():
    assert check_policy(HEAD + ROUTES) == ()
    assert check_policy((HEAD + ROUTES).encode()) == ()


def test_a_finding_says_what_where_why_and_what_to_write():
    source = HEAD.replace("app.example.com", "App.example.com") + ROUTES
    [finding] = check_policy(source, "my.yaml")
    assert finding == Finding(
        "CORS010",
        "error",
        '"https://App.example.com" has upper case letters',
        Where("my.yaml", 5, 21, source.splitlines()[4]),
        fix="https://app.example.com",
        why="Origins are compared byte for byte with what the browser sends, in lower case.",
    )


def test_a_file_that_cannot_be_read_is_a_finding():
    assert _found(b"\xff") == [("CORS001", 1)]
    assert _found("") == [("CORS001", 1)]


def test_a_finding_in_a_list_names_the_list():
    source = HEAD.replace("policies:", "origins: {t: {file: t.txt}}\npolicies:").replace(
        "[https", "[t, https"
    )
    [finding] = check_policy(source + ROUTES, read_file=lambda _: "\nhttps://x/\n")
    assert finding.where == Where("t.txt", 2, 1, "")


@pytest.mark.parametrize(
    "line",
    [
        "GET / with credentials from https://app.example.com: allowed",
        "GET / from https://app.example.com.evil.example: blocked",
        "PUT / from https://app.example.com: blocked",
        "GET / with X-A from https://app.example.com: blocked",
    ],
)
def test_an_expectation_that_holds_is_no_finding(line):
    assert check_policy(f"{HEAD}{ROUTES}expect:\n  - {line}\n") == ()


def test_an_expectation_that_fails_is_proved_by_the_browsers_verdict():
    source = f"{HEAD}{ROUTES}expect:\r\n  - PUT / from https://app.example.com: allowed\r\n"
    [finding] = check_policy(source)
    assert finding.rule == "CORS061"
    assert finding.message.endswith("does not hold: https://app.example.com is blocked")
    assert finding.where == Where(
        "cors.yaml", 10, 5, "  - PUT / from https://app.example.com: allowed"
    )
    assert "PUT" in finding.evidence
    assert "Access-Control-Allow-Methods" in finding.evidence


def test_an_expectation_of_a_group_is_one_finding_however_many_of_it_fail():
    source = HEAD.replace(
        "policies:", "origins: {g: ['https://a.example', 'https://b.example']}\npolicies:"
    )
    found = check_policy(f"{source}{ROUTES}expect:\n  - GET / from g: allowed\n")
    assert [f.rule for f in found] == ["CORS061"]
    assert "https://a.example is blocked" in found[0].message


@pytest.mark.parametrize("last", ["https://no.example", "http://t1.example", "null"])
def test_the_one_origin_of_thousands_that_fails_is_found(last):
    origins = ", ".join(f"https://t{n}.example" for n in range(2000))
    source = (
        f"version: 1\nservices: {{s: http://s}}\norigins:\n  good: [{origins}]\n"
        f"  all: [{origins}, {last!r}]\npolicies: {{p: {{allow_origins: good}}}}\n{ROUTES}"
        "expect:\n  - GET / from good: allowed\n  - GET / from all: allowed\n"
    )
    [finding] = check_policy(source)
    assert finding.message.endswith(f"{last} is blocked")


def test_thousands_of_expectations_of_thousands_of_origins_take_seconds():
    origins = ", ".join(f"https://t{n}.example" for n in range(5000))
    lines = "".join(f"  - GET /{n} from good: allowed\n" for n in range(5000))
    source = (
        f"version: 1\nservices: {{s: http://s}}\norigins:\n  good: [{origins}]\n"
        f"policies: {{p: {{allow_origins: good}}}}\n{ROUTES}expect:\n{lines}"
    )
    start = time.process_time()
    assert check_policy(source) == ()
    assert time.process_time() - start < 30  # judging each alone would take hours


def test_the_404_is_judged_by_every_policy():
    source = (
        "version: 1\nservices: {s: http://s}\n"
        "origins: {g: [https://a.example, https://b.example, https://c.example]}\n"
        "policies: {p: {allow_origins: https://a.example}, q: {allow_origins: https://b.example}}\n"
        "routes:\n  - {path: /p, service: s, cors: p}\n  - {path: /q, service: s, cors: q}\n"
        "  - {path: /n, service: s, cors: none}\n"
        "expect:\n  - GET /none from g: allowed\n  - GET /n from g: blocked\n"
    )
    [finding] = check_policy(source)
    assert finding.message.endswith("https://c.example is blocked")


def test_an_expectation_on_a_route_of_the_service_is_held_by_the_service():
    routes = ROUTES.replace("cors: p", "cors: p, owner: service")
    source = f"{HEAD}{routes}expect:\n  - GET / from https://app.example.com: allowed\n"
    assert check_policy(source) == ()


def _capped(comment=""):
    return f"{HEAD}    max_age: 86400{comment}\n{ROUTES}"


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("", [("CORS038", 7)]),
        ("  # corsage: ignore[CORS038] kiosks with Firefox", []),
        ("  # why not # corsage: ignore[CORS038] kiosks with Firefox", []),
        ("  #corsage:ignore[CORS038] kiosks", []),
        ("  # corsage: ignore[CORS038]", [("CORS062", 7)]),
        ("  # corsage: ignore[] kiosks", [("CORS038", 7), ("CORS062", 7)]),
        ("  # corsage: ignore[CORS037] kiosks", [("CORS038", 7), ("CORS062", 7)]),
        ("  # corsage: ignore[CORS038, CORS999] kiosks", [("CORS062", 7)]),
        ("  # corsage: please ignore", [("CORS038", 7)]),
    ],
)
def test_a_comment_with_a_reason_silences_one_rule_on_its_line(comment, found):
    assert _found(_capped(comment)) == found


def test_a_comment_alone_on_its_line_speaks_of_the_next():
    source = _capped()
    comment = "    # corsage: ignore[CORS038] kiosks\n"
    assert _found(source.replace("    max_age", comment + "    max_age")) == []
    assert _found(source.replace("routes:", comment + "routes:")) == [
        ("CORS038", 7),
        ("CORS062", 8),
    ]


def test_no_comment_silences_an_error():
    source = HEAD.replace("true", "true  # corsage: ignore[CORS014] trust me")
    source = source.replace("https://app", "http://app").replace("[http", "[\n      http")
    source = source.replace("example.com, ", "example.com,  # corsage: ignore[CORS014] trust\n")
    found = check_policy(source + ROUTES)
    assert [f.rule for f in found if f.severity == "error"] == ["CORS014"]
    assert any("no comment silences" in f.message for f in found)


@settings(deadline=None)
@given(st.text(alphabet="# corsage:ignore[CORS038,] xy\n\t", max_size=80))
def test_no_comment_does_anything_but_silence_or_be_reported(comment):
    for finding in check_policy(_capped(" #" + comment.replace("\n", " "))):
        assert finding.rule in ("CORS038", "CORS062")
