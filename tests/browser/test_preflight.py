"""When a preflight is sent, what it asks and what its answer must say."""

from __future__ import annotations

import pytest

from corsage.browser import (
    CHROMIUM,
    FIREFOX,
    SAFARI,
    STANDARD,
    Reason,
    Request,
    Response,
    judge,
    preflight_for,
)

PAGE, API = "https://app.example", "https://api.example/x"
AUTHORIZATION = ("Authorization", "Bearer x")
CUSTOM = ("X-Custom", "1")


def put(**changes):
    return Request(**{"url": API, "origin": PAGE, "method": "PUT", **changes})


def get(*headers, **changes):
    return Request(API, PAGE, headers=headers, **changes)


def answers(status=204, *lines, origin=PAGE, **allow):
    """A server that answers preflights so, and the actual request with the origin only."""
    named = tuple((f"Access-Control-Allow-{name}", value) for name, value in allow.items())
    granted = (("Access-Control-Allow-Origin", origin),) if origin else ()

    def answer(asked):
        if asked.kind == "preflight":
            return Response(status, (*granted, *named, *lines))
        return Response(200, (("Access-Control-Allow-Origin", PAGE), *named))

    return answer


def reason(request, server, profile=STANDARD):
    return judge(request, server, profile=profile).reason


@pytest.mark.parametrize(
    ("request_", "needed"),
    [
        (get(), False),
        (get(("Accept", "x")), False),
        (get(CUSTOM), True),
        (put(), True),
        (put(method="post"), False),
        (put(method="POST", body="x"), False),
        (put(method="POST", body="{}", headers=(("Content-Type", "application/json"),)), True),
        (put(method="POST", body="x", upload_listeners=True, initiator="xmlhttprequest"), True),
        (put(url=f"{PAGE}/x"), False),
        (put(origin="null"), True),
        (put(mode="same-origin"), False),
        (get(CUSTOM, mode="no-cors"), False),
        (put(url="nonsense:"), False),
        (put(url="http://"), False),
        (put(method="TRACE"), False),
    ],
)
def test_is_needed(request_, needed):
    """A preflight is sent for what a form could not send, and only across origins."""
    assert (preflight_for(request_) is not None) is needed


def test_asks_for_method_and_names():
    """OPTIONS, the method as sent, the names joined without a blank, the origin, no cookies."""
    asked = preflight_for(put(headers=(CUSTOM, AUTHORIZATION), credentials="include"))

    assert (asked.kind, asked.method, asked.url, asked.credentials) == (
        *("preflight", "OPTIONS", API),
        False,
    )
    assert asked.headers == (
        ("Accept", "*/*"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "authorization,x-custom"),
        ("Origin", PAGE),
    )


def test_leaves_an_empty_list_of_names_out():
    """There is no Access-Control-Request-Headers without names."""
    names = [name for name, _ in preflight_for(put()).headers]

    assert "Access-Control-Request-Headers" not in names


def test_listeners_without_a_body_cost_nothing_in_chromium():
    """Chromium looks at listeners on upload only where something is uploaded."""
    request = get(upload_listeners=True, initiator="xmlhttprequest")

    assert preflight_for(request, STANDARD)
    assert preflight_for(request, FIREFOX)
    assert not preflight_for(request, CHROMIUM)


@pytest.mark.parametrize(
    ("request_", "server", "expected"),
    [
        (put(), answers(Methods="PUT"), None),
        (put(), answers(200, Methods="GET, PUT"), None),
        (put(), answers(299, Methods="*"), None),
        (put(), answers(), Reason.METHOD_NOT_ALLOWED),
        (put(), answers(Methods="put"), Reason.METHOD_NOT_ALLOWED),
        (put(method="patch"), answers(Methods="PATCH"), Reason.METHOD_NOT_ALLOWED),
        (put(method="patch"), answers(Methods="patch"), None),
        (put(), answers(Methods="PUT;q=1"), Reason.PREFLIGHT_INVALID_ALLOW_METHODS),
        (
            get(CUSTOM),
            answers(Methods="(any)", Headers="*"),
            Reason.PREFLIGHT_INVALID_ALLOW_METHODS,
        ),
        (put(), answers(Methods="PUT", Headers="a b"), Reason.PREFLIGHT_INVALID_ALLOW_HEADERS),
        (get(CUSTOM), answers(Headers="x-CUSTOM"), None),
        (get(CUSTOM), answers(Headers="*"), None),
        (get(CUSTOM), answers(), Reason.HEADER_NOT_ALLOWED),
        (get(CUSTOM), answers(Headers="X-Custom-2"), Reason.HEADER_NOT_ALLOWED),
        (get(AUTHORIZATION), answers(Headers="*"), Reason.HEADER_NOT_ALLOWED),
        (get(AUTHORIZATION), answers(Headers="*, authorization"), None),
        (get(AUTHORIZATION, CUSTOM), answers(Headers="*"), Reason.HEADER_NOT_ALLOWED),
        (put(), answers(500, Methods="PUT"), Reason.PREFLIGHT_STATUS),
        (put(), answers(304, Methods="PUT"), Reason.PREFLIGHT_STATUS),
        (put(), answers(301, ("Location", "/"), Methods="PUT"), Reason.PREFLIGHT_REDIRECT),
        (put(), answers(301, Methods="PUT"), Reason.PREFLIGHT_STATUS),
        (put(), answers(origin=None, Methods="PUT"), Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN),
        (put(), answers(origin="*", Methods="PUT"), None),
        (put(), answers(origin="null"), Reason.PREFLIGHT_ALLOW_ORIGIN_MISMATCH),
        (put(), answers(origin="foo"), Reason.PREFLIGHT_INVALID_ALLOW_ORIGIN),
        (put(), answers(origin=f"{PAGE}, *"), Reason.PREFLIGHT_MULTIPLE_ALLOW_ORIGIN),
    ],
)
def test_answer_is_judged(request_, server, expected):
    """Without credentials, by the standard."""
    assert reason(request_, server) is expected


@pytest.mark.parametrize(
    ("allow", "expected"),
    [
        ({"Methods": "PUT", "Headers": "X-Custom", "Credentials": "true"}, None),
        ({"Methods": "*", "Credentials": "true"}, Reason.METHOD_NOT_ALLOWED),
        ({"Methods": "PUT", "Headers": "*", "Credentials": "true"}, Reason.HEADER_NOT_ALLOWED),
        ({"Methods": "PUT", "Headers": "X-Custom"}, Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS),
        (
            {"Methods": "PUT", "Headers": "X-Custom", "Credentials": "TRUE"},
            Reason.PREFLIGHT_INVALID_ALLOW_CREDENTIALS,
        ),
    ],
)
def test_a_wildcard_is_a_literal_with_credentials(allow, expected):
    """With credentials ``*`` names a method and a header called ``*``, and nothing else."""
    assert reason(put(headers=(CUSTOM,), credentials="include"), answers(**allow)) is expected


def test_a_literal_star_is_a_name_like_any():
    """A method or header that is called ``*`` may be listed, also with credentials."""
    request = put(method="*", headers=(("*", "1"),), credentials="include")

    assert reason(request, answers(Methods="*", Headers="*", Credentials="true")) is None


def test_browsers_let_a_wildcard_cover_authorization():
    """All three engines, against the standard: https://github.com/whatwg/fetch/issues/1919."""
    verdicts = {
        p.name: reason(get(AUTHORIZATION), answers(Headers="*"), p)
        for p in (CHROMIUM, FIREFOX, SAFARI)
    }

    assert verdicts == {"chromium": None, "firefox": None, "safari": None}


def test_firefox_tests_the_method_before_it_parses_the_headers():
    """Of a method that is not listed and a bad header list, each names another."""
    server = answers(Methods="GET", Headers="a b")

    assert reason(put(), server, CHROMIUM) is Reason.PREFLIGHT_INVALID_ALLOW_HEADERS
    assert reason(put(), server, FIREFOX) is Reason.METHOD_NOT_ALLOWED


def test_chromium_tells_a_redirect_first():
    """A redirected preflight without Access-Control-Allow-Origin is a redirect in Chromium."""
    server = answers(302, ("Location", "/login"), origin=None)

    assert reason(put(), server, CHROMIUM) is Reason.PREFLIGHT_REDIRECT
    assert reason(put(), server, FIREFOX) is Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN


def test_webkit_tells_the_status_first():
    """A 403 without Access-Control-Allow-Origin is a bad status in Safari."""
    server = answers(403, origin=None)

    assert reason(put(), server, SAFARI) is Reason.PREFLIGHT_STATUS
    assert reason(put(), server, STANDARD) is Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN


@pytest.mark.parametrize(
    ("location", "chromium", "firefox"),
    [
        ("http://[", Reason.INVALID_REDIRECT, Reason.INVALID_REDIRECT),
        ("ftp://x/", Reason.PREFLIGHT_REDIRECT, Reason.UNSAFE_REDIRECT),
        ("http://u@x/", Reason.PREFLIGHT_REDIRECT, Reason.UNSAFE_REDIRECT),
        ("", Reason.PREFLIGHT_STATUS, Reason.PREFLIGHT_REDIRECT),
    ],
)
def test_odd_redirects_of_a_preflight(location, chromium, firefox):
    """Where the Location leads nowhere, browsers tell it apart."""
    server = answers(302, ("Location", location))

    assert reason(put(), server, CHROMIUM) is chromium
    assert reason(put(), server, FIREFOX) is firefox


def test_redirect_mode_hides_the_redirect_from_firefox():
    """With redirect mode manual Firefox speaks of the preflight's status."""
    server = answers(302, ("Location", "/login"))

    assert reason(put(redirect="manual"), server, FIREFOX) is Reason.PREFLIGHT_STATUS
    assert reason(put(redirect="manual"), server, CHROMIUM) is Reason.PREFLIGHT_REDIRECT


def test_all_missing_headers_are_candidates():
    """The value names the first in order; Chromium may name any."""
    request = get(("X-B", "1"), CUSTOM, ("X-A", "1"))

    verdict = judge(request, answers(Headers="x-custom"), profile=CHROMIUM)

    assert (verdict.value, verdict.candidates) == ("x-a", ("x-a", "x-b"))


def test_two_safe_content_types_may_be_unsafe_together():
    """Firefox sends one of several Content-Types; Chromium tests what is joined."""
    plain = ("Content-Type", "text/plain")

    assert preflight_for(get(plain, plain), STANDARD) is None
    assert preflight_for(get(plain, plain), CHROMIUM) is not None
    assert preflight_for(get(plain, plain), FIREFOX) is None
