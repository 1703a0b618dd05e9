"""Another library's settings become a policy that allows nothing more than they did."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask_cors import CORS
from hypothesis import given
from hypothesis import strategies as st
from starlette.middleware.cors import CORSMiddleware

from corsage import Cors
from corsage.middleware.migrate import (
    from_django_cors_headers,
    from_flask_cors,
    from_starlette,
)
from corsage.middleware.regexes import origins_of, prefix_of
from corsage.policy import OriginPattern, OriginSet, Policy, PolicyError, load_policy
from corsage.policy.dump import dump_policy
from corsage.policy.near_misses import near_misses
from tests.middleware.exchange import ALLOWED, App, ask_asgi, ask_wsgi

STARLETTE: dict[str, Any] = {
    "allow_origins": [ALLOWED],
    "allow_origin_regex": r"https://.*\.example\.org",
    "allow_methods": ["*"],
    "allow_headers": ["*"],
    "expose_headers": ["ETag"],
    "allow_private_network": True,
}


def test_starlettes_arguments_mean_the_same_names() -> None:
    policy = from_starlette(**STARLETTE)
    rules = policy.policies["app"]

    assert list(rules.allow_origins) == [ALLOWED, "https://*.example.org"]
    assert "PATCH" in rules.allow_methods
    assert rules.allow_headers == ("*", "Authorization")
    assert (rules.expose_headers, rules.max_age) == (("ETag",), 600)


def test_starlettes_defaults_are_kept() -> None:
    rules = from_starlette(allow_origins=[ALLOWED]).policies["app"]

    assert (rules.allow_methods, rules.allow_credentials, rules.max_age) == (("GET",), False, 600)


@pytest.mark.parametrize(
    "settings",
    [
        {"CORS_ALLOWED_ORIGINS": [ALLOWED], "CORS_URLS_REGEX": r"^/api/.*$"},
        SimpleNamespace(CORS_ALLOWED_ORIGINS=(ALLOWED,), CORS_URLS_REGEX=r"^/api/.*$"),
    ],
    ids=["mapping", "module"],
)
def test_djangos_settings_keep_their_defaults(settings: Any) -> None:
    policy = from_django_cors_headers(settings)
    rules = policy.policies["app"]

    assert [(route.path, route.match) for route in policy.routes] == [("/api", "prefix")]
    assert rules.allow_methods == ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")
    assert "x-csrftoken" in rules.allow_headers
    assert rules.max_age == 86400


def test_djangos_regular_expressions_and_zero_are_read() -> None:
    settings = {
        "CORS_ALLOWED_ORIGIN_REGEXES": [r"^https://(app|admin)\.example\.com$"],
        "CORS_ALLOW_CREDENTIALS": True,
        "CORS_PREFLIGHT_MAX_AGE": 0,
    }
    rules = from_django_cors_headers(settings).policies["app"]

    assert list(rules.allow_origins) == ["https://app.example.com", "https://admin.example.com"]
    assert (rules.allow_credentials, rules.max_age) == (True, None)


def test_flasks_resources_become_routes() -> None:
    resources = {
        r"/api/*": {"origins": ["https://*.example.com", re.compile(r"https://a\.example\.org")]},
        "/health": {"origins": "*", "max_age": timedelta(minutes=5)},
    }
    policy = from_flask_cors(resources, methods="put", expose_headers="ETag", vary_header=False)
    first, second = policy.policies.values()

    assert [(r.path, r.match) for r in policy.routes] == [("/api", "prefix"), ("/health", "exact")]
    assert list(first.allow_origins) == ["https://a.example.org", "https://*.example.com"]
    assert (first.allow_methods, first.expose_headers) == (("PUT",), ("ETag",))
    assert (second.allow_origins.any_origin, second.max_age) == (True, 300)


@pytest.mark.parametrize(
    "policy",
    [
        from_starlette(**STARLETTE),
        from_django_cors_headers({"CORS_ALLOW_ALL_ORIGINS": True}),
        from_flask_cors([r"/api/*", "/health"], origins=[ALLOWED]),
    ],
    ids=["starlette", "django", "flask"],
)
def test_the_policy_can_be_written_as_a_file(policy: Policy) -> None:
    again = load_policy(dump_policy(policy))

    assert (again.policies, again.routes) == (policy.policies, policy.routes)


def test_what_cannot_be_meant_is_refused_with_all_the_reasons() -> None:
    with pytest.raises(PolicyError) as starlette:
        from_starlette(
            allow_origins=["*"],
            allow_credentials=True,
            allow_headers=["*"],
            allow_origin_regex=r"https://[a-z]+\.example\.com",
        )
    with pytest.raises(PolicyError) as django:
        from_django_cors_headers({"CORS_URLS_REGEX": "^/(a|b)/"})
    with pytest.raises(PolicyError) as flask:
        from_flask_cors(origins=[r".*\.example\.com"], supports_credentials=True, wrong=1)

    assert [problem.rule for problem in starlette.value.problems] == [
        "CORS007",
        "CORS012",
        "CORS030",
    ]
    assert "https://app.example.com or https://*.example.com" in str(starlette.value)
    assert {problem.rule for problem in django.value.problems} >= {"CORS041"}
    assert {problem.rule for problem in flask.value.problems} >= {"CORS007", "CORS030", "CORS004"}


_EXPRESSIONS = st.builds(
    "{}{}://{}{}{}{}".format,
    st.sampled_from(["", "^"]),
    st.sampled_from(["https", "http", "https?"]),
    st.sampled_from(["", r".*\.", ".+.", r"(.*\.)?", r"(?:.+\.)?", r"(app|x-y)\.", r"\w+\.", "*."]),
    st.sampled_from([r"example\.com", "example.com", r"a\.example\.com", "localhost"]),
    st.sampled_from(["", r"(:\d+)?", r"(?::[0-9]+)?", ":8443", r":\d+", "/"]),
    st.sampled_from(["", "$"]),
)


@given(_EXPRESSIONS)
def test_what_an_expression_is_read_as_it_matches(expression: str) -> None:
    """Every origin that the reading admits, and none that it does not."""
    for text in origins_of(expression) or ():
        origin = _some_member(text)
        for candidate in (origin, *(miss.origin for miss in near_misses(origin) if miss.browser)):
            if candidate in _set_of(text):
                assert re.compile(expression).fullmatch(candidate)


@pytest.mark.parametrize(
    ("expression", "origins"),
    [
        (r"^https://app\.example\.com$", ["https://app.example.com"]),
        (r"https://.*\.example\.com", ["https://*.example.com"]),
        (r"https://(.*\.)?example\.com", ["https://example.com", "https://*.example.com"]),
        (r"https?:\/\/(?:a|b)\.example", ["http://a.example", "http://b.example"]),
        (r"http://localhost(:\d+)?", ["http://localhost:*"]),
        (r"https://example\.com:8443$", ["https://example.com:8443"]),
    ],
)
def test_the_usual_expressions_are_read(expression: str, origins: list[str]) -> None:
    read = origins_of(expression)

    assert read is not None
    assert read[: len(origins)] == origins


@pytest.mark.parametrize(
    "expression",
    [r"https://\w+\.example\.com", r"https://example\.com:\d+", ".*", r"https://a|b", "", "https"],
)
def test_what_says_more_than_a_list_is_not_read(expression: str) -> None:
    assert origins_of(expression) is None


@pytest.mark.parametrize(
    ("expression", "prefix"),
    [
        (r"^.*$", "/"),
        (".*", "/"),
        ("", "/"),
        ("/*", "/"),
        (r"^/api/.*$", "/api"),
        ("/api/v1.0/*", "/api/v1.0"),
        ("^/api", "/api"),
        ("/(a|b)/.*", None),
        ("api", None),
        (".*/api", None),
    ],
)
def test_a_prefix_is_read_from_a_path_expression(expression: str, prefix: str | None) -> None:
    assert prefix_of(expression) == prefix


_ORIGINS = ["https://app.example.com", "https://a.b.example.org", "https://example.org"]


@pytest.mark.parametrize("origin", [*_ORIGINS, *(m.origin for m in near_misses(ALLOWED))])
def test_the_migrated_policy_allows_nothing_that_the_library_refused(origin: str) -> None:
    asking = {"headers": (("Origin", origin),)}
    flask = Flask(__name__)
    CORS(flask, origins=[ALLOWED, r"https://.*\.example\.org"])
    theirs = [
        ask_asgi(CORSMiddleware(App().asgi, **STARLETTE), **asking),
        ask_wsgi(flask, **asking),
    ]
    flask_policy = from_flask_cors(origins=[ALLOWED, r"https://.*\.example\.org"])
    ours = [
        ask_asgi(Cors(App().asgi, policy=from_starlette(**STARLETTE)), **asking),
        ask_wsgi(Cors(App().wsgi, policy=flask_policy), **asking),
    ]

    for their, our in zip(theirs, ours, strict=True):
        allowed = "access-control-allow-origin"
        assert allowed not in our.cors() or our.cors()[allowed] == their.cors()[allowed]


def _set_of(text: str) -> OriginSet:
    rules = Cors(App().asgi, allow_origins=[text])._plan._decisions.policy.policies["Cors"]
    return rules.allow_origins


def _some_member(text: str) -> str:
    origins = _set_of(text)
    if origins.exact:
        return origins.exact[0]
    pattern = origins.patterns[0]
    host = f"a.b.{pattern.host}" if pattern.subdomains else pattern.host
    port = None if pattern.port == OriginPattern.ANY_PORT else pattern.port
    return str(OriginPattern(pattern.scheme, host, port=port))
