"""The lines of expect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.policy.asking import requests_of
from corsage.policy.load import read_policy_text

HEAD = """\
version: 1
gateway: {public: https://api.example.com:8443}
origins:
  app: [https://app.example.com, https://*.preview.example.com]
services: {s: http://s}
policies: {p: {allow_origins: app}}
routes: [{path: /, service: s, cors: p}]
expect:
"""
APP = ("https://app.example.com", "https://any.preview.example.com")
LINE = HEAD.count("\n") + 1


def _read(line):
    return read_policy_text(f"{HEAD}  - {line}\n")


@pytest.mark.parametrize(
    ("line", "method", "path", "origins", "allowed", "headers", "credentials", "host"),
    [
        ("GET / from app: allowed", "GET", "/", APP, True, (), False, None),
        ("GET / from null: blocked", "GET", "/", ("null",), False, (), False, None),
        ('"GET / from null: blocked"', "GET", "/", ("null",), False, (), False, None),
        ("'GET / from null : blocked'", "GET", "/", ("null",), False, (), False, None),
        (
            "patch /a/b from https://x.example:8443: blocked",
            *("patch", "/a/b", ("https://x.example:8443",), False, (), False, None),
        ),
        (
            "PUT / with credentials from app: allowed",
            *("PUT", "/", APP, True, (), True, None),
        ),
        (
            "PUT / from app with credentials, Authorization and X-A: allowed",
            *("PUT", "/", APP, True, ("Authorization", "X-A"), True, None),
        ),
        (
            "PUT / with X-A,X-B,X-A from app with credentials: allowed",
            *("PUT", "/", APP, True, ("X-A", "X-B"), True, None),
        ),
        (
            "GET other.example.com/a from app: allowed",
            *("GET", "/a", APP, True, (), False, "other.example.com"),
        ),
    ],
)
def test_an_expectation_says_who_asks_for_what_and_how(
    line, method, path, origins, allowed, headers, credentials, host
):
    reading = _read(line)
    [found] = reading.policy.expectations
    assert found.line == LINE
    assert found.text.endswith(("allowed", "blocked"))
    assert (found.method, found.path, found.origins) == (method, path, origins)
    assert (found.allowed, found.headers, found.credentials) == (allowed, headers, credentials)
    assert found.host == host


def test_an_expectation_becomes_one_request_for_each_origin():
    reading = _read("PUT o.example/a with credentials and Content-Type from app: allowed")
    [expectation] = reading.policy.expectations
    requests = list(requests_of(reading.policy, expectation))
    assert [request.origin for request in requests] == list(APP)
    assert {request.url for request in requests} == {"https://o.example:8443/a"}
    assert {request.headers for request in requests} == {(("Content-Type", "application/json"),)}
    assert {request.credentials for request in requests} == {"include"}


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("GET / from app", "CORS060"),
        ("'GET / from app: maybe'", "CORS060"),
        ("GET / from app: maybe", "CORS007"),
        ("GET /: allowed", "CORS060"),
        ("GET / by app: allowed", "CORS060"),
        ("GET / from app and null: allowed", "CORS060"),
        ("GET / from , app: allowed", "CORS060"),
        ("GET / with credentials, app: allowed", "CORS060"),
        ("GET / from with x: allowed", "CORS060"),
        ("GET / from https://*.example.com: allowed", "CORS060"),
        ("GET / from ap: allowed", "CORS008"),
        ("GET / from https://App.example.com: allowed", "CORS010"),
        ("GET / from app.example.com: allowed", "CORS010"),
        ("GET a from app: allowed", "CORS041"),
        ("GET /../a from app: allowed", "CORS041"),
        ("GET A.example/ from app: allowed", "CORS054"),
        ("TRACE / from app: allowed", "CORS032"),
        ("G@T / from app: allowed", "CORS034"),
        ("GET / with Cookie from app: allowed", "CORS035"),
        ("GET / with ETag from app: allowed", "CORS036"),
        ("5", "CORS006"),
        ("[]", "CORS006"),
        ("{}", "CORS007"),
    ],
)
def test_a_line_that_cannot_be_understood_is_refused_where_it_stands(line, rule):
    reading = _read(line)
    assert (rule, LINE) in [(p.rule, p.line) for p in reading.problems]
    assert reading.policy is None


def test_a_group_that_only_an_expectation_names_is_used():
    source = HEAD.replace("origins:\n", "origins:\n  foe: https://foe.example\n")
    reading = read_policy_text(f"{source}  - GET / from foe: blocked\n")
    assert reading.problems == ()


@given(st.text(alphabet="GET /fromapwith,: allowedcns*hx.", max_size=60))
def test_no_line_does_anything_but_be_understood_or_refused(line):
    text = line.replace("'", "''")
    reading = read_policy_text(f"{HEAD}  - '{text}'\n")
    assert (reading.policy is None) == any(p.severity == "error" for p in reading.problems)
