"""From a call to what a script may read."""

from __future__ import annotations

import pytest

from corsage.browser import (
    CHROMIUM,
    FIREFOX,
    PROFILES,
    STANDARD,
    Reason,
    Request,
    Response,
    judge,
)

PAGE, API, OTHER = "https://app.example", "https://api.example/x", "https://other.example/y"
OPEN = (("Access-Control-Allow-Origin", "*"),)


def ask(**changes):
    return Request(**{"url": API, "origin": PAGE, **changes})


def always(status=200, *lines):
    return lambda asked: Response(status, (*OPEN, *lines))


def to(url):
    return ("Location", url)


def values(verdict, name):
    """What each actual request said in a header."""
    sent = (dict(wire.headers) for wire, _ in verdict.sent if wire.kind == "actual")
    return [headers.get(name) for headers in sent]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": "http://["}, Reason.INVALID_URL),
        ({"url": "https://u:p@api.example/"}, Reason.URL_CONTAINS_CREDENTIALS),
        ({"method": "GE T"}, Reason.INVALID_METHOD),
        ({"method": "trace"}, Reason.FORBIDDEN_METHOD),
        ({"method": "PUT", "mode": "no-cors"}, Reason.NO_CORS_METHOD),
        ({"body": ""}, Reason.BODY_NOT_ALLOWED),
        ({"headers": (("a b", "1"),)}, Reason.INVALID_HEADER),
        ({"headers": (("a", "1\n2"),)}, Reason.INVALID_HEADER),
        ({"headers": (("a", "\u0100"),)}, Reason.INVALID_HEADER),
    ],
)
def test_a_call_that_cannot_be_made(changes, reason):
    """It fails before anything is sent, and CORS is not to blame."""
    verdict = judge(ask(**changes), always(), profile=STANDARD)

    assert (verdict.reason, verdict.outcome, verdict.sent) == (reason, "network-error", ())
    assert not reason.is_cors


def test_a_relative_url_is_the_pages():
    """It is resolved against the page's URL, or against its origin where that is not known."""
    known = ask(url="b", page_url=f"{PAGE}/dir/page")

    assert judge(known, always(), profile=STANDARD).url == f"{PAGE}/dir/b"
    assert judge(ask(url="b"), always(), profile=STANDARD).url == f"{PAGE}/b"


def test_the_same_origin_needs_no_cors():
    """Everything but cookies is readable, whatever the response says."""
    response = Response(500, (("X-A", "1"), ("Set-Cookie", "a=b")))

    verdict = judge(ask(url=f"{PAGE}/x"), lambda asked: response, profile=STANDARD)

    assert (verdict.outcome, verdict.type, verdict.readable) == (
        "allowed",
        "basic",
        (("x-a", "1"),),
    )


def test_a_fetch_of_data_asks_nobody():
    """data: and the page's own blob: URLs are read, another origin's blob: is not."""
    for url in ("data:,x", f"blob:{PAGE}/1"):
        verdict = judge(ask(url=url), always(), profile=STANDARD)
        assert (verdict.allowed, verdict.sent) == (True, ())

    foreign = judge(ask(url="blob:https://other.example/1"), always(), profile=STANDARD)
    assert foreign.reason is Reason.SCHEME_NOT_CORS


def test_cookies_travel_by_mode():
    """include: always; same-origin: at home only; omit: never; a preflight: never."""
    for mode, home, abroad in (
        ("include", True, True),
        ("same-origin", True, False),
        ("omit", False, False),
    ):
        at_home = judge(ask(url=f"{PAGE}/x", credentials=mode), always(), profile=STANDARD)
        across = judge(ask(credentials=mode), always(), profile=STANDARD)
        assert (at_home.sent[0][0].credentials, across.sent[0][0].credentials) == (home, abroad)


def test_origin_is_sent_across_origins_and_with_what_changes_things():
    """A same-origin GET has no Origin, a same-origin POST has."""
    home = f"{PAGE}/x"

    assert values(judge(ask(), always(), profile=STANDARD), "Origin") == [PAGE]
    assert values(judge(ask(url=home), always(), profile=STANDARD), "Origin") == [None]
    post = judge(ask(url=home, method="POST"), always(), profile=STANDARD)
    assert values(post, "Origin") == [PAGE]


def test_a_text_body_has_a_type():
    """fetch() and XMLHttpRequest add text/plain where the page says nothing."""
    silent = judge(ask(method="POST", body="x"), always(), profile=STANDARD)
    spoken = judge(
        ask(method="POST", body="x", headers=(("content-type", "text/plain"),)),
        always(),
        profile=STANDARD,
    )

    assert values(silent, "Content-Type") == ["text/plain;charset=UTF-8"]
    assert values(spoken, "content-type") == ["text/plain"]


def test_xmlhttprequest_differs_from_fetch():
    """It combines repeated headers, drops the body of a GET and takes userinfo."""
    request = ask(
        url="https://u:p@api.example/x",
        initiator="xmlhttprequest",
        headers=(("Accept", "a"), ("accept", "b")),
        body="x",
    )

    verdict = judge(request, always(), profile=STANDARD)

    assert verdict.allowed
    assert verdict.sent[0][0].headers == (("Accept", "a, b"), ("Origin", PAGE))
    assert verdict.sent[0][0].body is None


def test_no_cors_sends_what_a_form_could():
    """Other headers are dropped and the response is opaque."""
    headers = (
        ("Accept", "a"),
        ("X-A", "1"),
        ("Content-Type", "application/json"),
        ("Accept-Language", "x" * 100),
        ("Accept-Language", "x" * 100),
    )

    verdict = judge(ask(mode="no-cors", headers=headers), always(), profile=STANDARD)

    assert (verdict.outcome, verdict.type, verdict.readable) == ("opaque", "opaque", ())
    assert [name for name, _ in verdict.sent[0][0].headers] == ["Accept", "Accept-Language"]


@pytest.mark.parametrize("redirect", ["error", "manual"])
def test_no_cors_must_follow(redirect):
    """Mode no-cors with another redirect mode is refused across origins only."""
    request = ask(mode="no-cors", redirect=redirect)

    assert judge(request, always(), profile=STANDARD).reason is Reason.NO_CORS_REDIRECT_MODE
    assert judge(ask(mode="no-cors", redirect=redirect, url=f"{PAGE}/x"), always()).allowed


def test_same_origin_mode_stays_at_home():
    """It is refused abroad, and after a redirect abroad."""
    abroad = judge(ask(mode="same-origin"), always(), profile=STANDARD)
    redirected = judge(
        ask(mode="same-origin", url=f"{PAGE}/a"), always(302, to(API)), profile=STANDARD
    )

    assert (abroad.reason, len(abroad.sent)) == (Reason.SAME_ORIGIN_MODE, 0)
    assert (redirected.reason, len(redirected.sent)) == (Reason.SAME_ORIGIN_MODE, 1)


def test_only_http_crosses_origins():
    """Another scheme is refused at once."""
    verdict = judge(ask(url="ftp://api.example/"), always(), profile=STANDARD)

    assert (verdict.reason, verdict.value) == (Reason.SCHEME_NOT_CORS, "ftp")


def test_a_dead_service_is_not_cors():
    """No answer is a network failure, to the preflight and to the request."""
    dead = judge(ask(), lambda asked: None, profile=STANDARD)
    before = judge(ask(method="PUT"), lambda asked: None, profile=STANDARD)

    assert (dead.reason, dead.outcome) == (Reason.NETWORK_FAILURE, "network-error")
    assert before.reason is Reason.PREFLIGHT_NETWORK_FAILURE
    assert dead.response is None


def test_421_is_asked_again_once():
    """A misdirected request is repeated over another connection, then taken as it is."""
    verdict = judge(ask(), always(421), profile=STANDARD)

    assert (len(verdict.sent), verdict.response.status) == (2, 421)


def test_407_is_for_proxies():
    """Chromium fails on it, Firefox reads it."""
    server = always(407)

    assert judge(ask(), server, profile=CHROMIUM).reason is Reason.PROXY_AUTHENTICATION
    assert judge(ask(method="PUT"), server, profile=CHROMIUM).reason is Reason.PROXY_AUTHENTICATION
    assert judge(ask(), server, profile=FIREFOX).allowed


@pytest.mark.parametrize(
    "lines",
    [
        (("X-A", "a\0b"),),
        (("Location", "/a"), ("Location", "/b")),
        (("Content-Length", "1"), ("Content-Length", "2")),
    ],
)
def test_a_broken_response_is_none(lines):
    """Browsers refuse what may be an attack on the line between two responses."""
    verdict = judge(ask(), always(200, *lines), profile=CHROMIUM)

    assert (verdict.reason, verdict.outcome) == (Reason.CORRUPT_RESPONSE, "network-error")


def test_exposed_headers_are_readable():
    """The seven safelisted names, and what is exposed; never a cookie."""
    lines = (("ETag", "1"), ("Date", "2"), ("Expires", "3"), ("Set-Cookie", "a"), ("X-A", "4"))
    seven = [("expires", "3")]

    granted = (
        ("Access-Control-Allow-Origin", PAGE),
        ("Access-Control-Allow-Credentials", "true"),
    )

    def read(exposed, **changes):
        exposing = (("Access-Control-Expose-Headers", value) for value in exposed)
        response = Response(200, (*granted, *lines, *exposing))
        readable = judge(ask(**changes), lambda asked: response, profile=STANDARD).readable
        return [line for line in readable if not line[0].startswith("access-")]

    assert read(()) == seven
    assert read(("etag",)) == [("etag", "1"), *seven]
    assert read(("X-A", "etag, set-cookie")) == [("etag", "1"), *seven, ("x-a", "4")]
    assert read(("etag", "bad name")) == seven
    assert read(("*",)) == [("date", "2"), ("etag", "1"), *seven, ("x-a", "4")]
    assert read(("*",), credentials="include") == seven


def test_chromium_hides_clear_site_data():
    """Even where everything is exposed; Firefox shows it."""
    server = always(200, ("Clear-Site-Data", "x"), ("Access-Control-Expose-Headers", "*"))

    assert "clear-site-data" not in dict(judge(ask(), server, profile=CHROMIUM).readable)
    assert "clear-site-data" in dict(judge(ask(), server, profile=FIREFOX).readable)


def test_firefox_cannot_show_repeated_challenges():
    """Two lines of WWW-Authenticate have a line break between them, which no script sees."""
    lines = (("WWW-Authenticate", "a"), ("WWW-Authenticate", "b"))
    server = always(200, *lines, ("Access-Control-Expose-Headers", "*"))

    assert "www-authenticate" not in dict(judge(ask(), server, profile=FIREFOX).readable)
    assert dict(judge(ask(), server, profile=CHROMIUM).readable)["www-authenticate"] == "a, b"


def test_asks_all_profiles_and_takes_the_strictest():
    """Allowed only where all allow; who differs is told."""

    def forgets_preflights(asked):
        return Response(200, () if asked.kind == "preflight" else OPEN)

    agreed = judge(ask(), always())
    refused = judge(ask(credentials="include"), always())
    differing = judge(ask(headers=(("DPR", "2"),)), forgets_preflights)

    assert (agreed.allowed, dict(agreed.disagreement)) == (True, {})
    assert (refused.outcome, dict(refused.disagreement)) == ("blocked", {})
    assert not differing.allowed
    assert {name: v.allowed for name, v in differing.disagreement.items()} == {
        "standard": False,
        "chromium": True,
        "firefox": False,
    }


def test_every_profile_can_be_asked():
    """The profiles are found by name; Safari is the only unproven one."""
    assert [judge(ask(), always(), profile=p).profile for p in PROFILES.values()] == list(PROFILES)
    assert [name for name, profile in PROFILES.items() if not profile.proven] == ["safari"]


def test_every_reason_says_where_and_what():
    """A reason carries its section in a standard and one sentence."""
    for reason in Reason:
        assert reason.step.startswith("https://")
        assert reason.title.endswith(".")
        assert reason == reason.value
