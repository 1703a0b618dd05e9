"""What a redirect does to a request."""

from __future__ import annotations

import pytest

from corsage.browser import CHROMIUM, FIREFOX, STANDARD, Reason, Request, Response, judge

P, A, B = "https://app.example", "https://api.example", "https://other.example"
OPEN = ("Access-Control-Allow-Origin", "*")


class Way:
    """Servers that redirect from URL to URL and then answer 200; remembers what was asked."""

    def __init__(self, *urls, status=302):
        self.urls = urls
        self.status = status

    def __call__(self, asked):
        at = self.urls.index(asked.url)
        allow = (
            OPEN,
            ("Access-Control-Allow-Methods", "*"),
            ("Access-Control-Allow-Headers", "*, authorization"),
        )
        if asked.kind == "preflight" or at + 1 == len(self.urls):
            return Response(200, allow)
        return Response(self.status, (*allow, ("Location", self.urls[at + 1])))


def go(*urls, status=302, profile=STANDARD, **changes):
    request = Request(**{"url": urls[0], "origin": P, **changes})
    return judge(request, Way(*urls, status=status), profile=profile)


def sent(verdict, name, kind="actual"):
    """What each request of a kind said in a header."""
    found = []
    for wire, _ in verdict.sent:
        if wire.kind == kind:
            found.append({n.lower(): v for n, v in wire.headers}.get(name))
    return found


@pytest.mark.parametrize(
    ("urls", "origins"),
    [
        ((f"{A}/1", f"{A}/2"), [P, P]),
        ((f"{P}/1", f"{A}/2"), [None, P]),
        ((f"{A}/1", f"{B}/2"), [P, "null"]),
        ((f"{A}/1", f"{P}/2"), [P, "null"]),
        ((f"{P}/1", f"{A}/2", f"{A}/3"), [None, P, P]),
        ((f"{A}/1", f"{B}/2", f"{B}/3"), [P, "null", "null"]),
        ((f"{A}/1", f"{B}/2", f"{A}/3"), [P, "null", "null"]),
    ],
)
def test_origin_becomes_null_between_foreign_origins(urls, origins):
    """From the page's own origin to another keeps it; from one foreign origin on taints it."""
    assert sent(go(*urls), "origin") == origins


def test_once_cross_origin_always_cross_origin():
    """A redirect back to the page's own origin must allow the origin, too."""
    assert go(f"{A}/1", f"{P}/2").type == "cors"


def test_authorization_ends_at_the_origin():
    """A hop to another origin loses it and asks no preflight for it."""
    verdict = go(f"{A}/1", f"{A}/2", f"{B}/3", headers=(("Authorization", "x"),))

    assert sent(verdict, "authorization") == ["x", "x", None]
    assert sent(verdict, "access-control-request-headers", "preflight") == ["authorization"] * 2


@pytest.mark.parametrize(
    ("status", "method", "after"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (302, "PUT", "PUT"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (303, "GET", "GET"),
    ],
)
def test_methods_change(status, method, after):
    """301 and 302 turn a POST, 303 turns all but GET and HEAD into a GET without a body."""
    body = None if method in {"GET", "HEAD"} else "x"

    last = go(f"{A}/1", f"{A}/2", status=status, method=method, body=body).sent[-1][0]

    assert last.method == after
    assert (last.body is None) is (after in {"GET", "HEAD"})
    assert ("content-type" in {n.lower() for n, _ in last.headers}) is (last.body is not None)


@pytest.mark.parametrize("status", [300, 304, 305, 306, 399])
def test_only_five_statuses_redirect(status):
    """Any other 3xx is a response to read."""
    verdict = go(f"{A}/1", f"{A}/2", status=status)

    assert (verdict.allowed, verdict.response.status) == (True, status)


def test_twenty_redirects_are_enough():
    """The twenty-first fails."""
    urls = [f"{A}/{n}" for n in range(22)]

    assert go(*urls[:21]).allowed
    assert go(*urls).reason is Reason.TOO_MANY_REDIRECTS


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://[", Reason.INVALID_REDIRECT),
        ("ftp://x/", Reason.UNSAFE_REDIRECT),
        ("data:,x", Reason.UNSAFE_REDIRECT),
        ("https://u@api.example/2", Reason.REDIRECT_CONTAINS_CREDENTIALS),
        ("https://:p@app.example/2", Reason.REDIRECT_CONTAINS_CREDENTIALS),
    ],
)
def test_locations_that_are_not_followed(location, reason):
    """What is no URL, no HTTP or holds a password."""
    assert go(f"{A}/1", location).reason is reason


def test_chromium_tells_other_schemes_as_cors():
    """Of what it cannot fetch at all; data: and file: are unsafe."""
    assert go(f"{A}/1", "ftp://x/", profile=CHROMIUM).cors_error == "CorsDisabledScheme"
    assert go(f"{A}/1", "data:,x", profile=CHROMIUM).reason is Reason.UNSAFE_REDIRECT
    assert go(f"{A}/1", "ftp://x/", profile=CHROMIUM, mode="no-cors").cors_error is None


def test_userinfo_at_home():
    """From the page's own origin to itself Firefox follows it, Chromium does not."""
    urls = (f"{P}/1", "https://u@app.example/2")

    assert go(*urls, profile=FIREFOX).allowed
    assert go(*urls, profile=CHROMIUM).reason is Reason.UNSAFE_REDIRECT
    assert go(f"{P}/1", "https://u@api.example/2").reason is Reason.REDIRECT_CONTAINS_CREDENTIALS
    by_xhr = go(*urls, profile=CHROMIUM, initiator="xmlhttprequest", status=308)
    assert by_xhr.allowed, "only fetch() is blocked"


def test_chromium_taints_no_cors_requests_that_leave_home():
    """A POST with mode no-cors goes on from the page's own origin with Origin: null."""
    urls, asked = (f"{P}/1", f"{A}/2"), {"method": "POST", "mode": "no-cors", "status": 307}

    assert sent(go(*urls, **asked, profile=CHROMIUM), "origin") == [P, "null"]
    assert sent(go(*urls, **asked), "origin") == [P, P]


def test_a_fragment_is_inherited():
    """The URL after a redirect keeps the fragment unless Location has its own; none is sent."""
    kept = judge(Request(f"{A}/1#top", P), Way(f"{A}/1", f"{A}/2"), profile=STANDARD)

    assert [wire.url for wire, _ in kept.sent] == [f"{A}/1", f"{A}/2"]
    refused = judge(Request(f"{A}/1#top", P), redirecting(f"{A}/2"), profile=FIREFOX)
    assert f"{A}/2#top. (Reason" in refused.console[0]
    replaced = judge(Request(f"{A}/1#top", P), redirecting(f"{A}/2#end"), profile=FIREFOX)
    assert f"{A}/2#end. (Reason" in replaced.console[0]


def redirecting(*locations, lines=(OPEN,)):
    """A server that redirects for ever."""
    return lambda asked: Response(302, (*lines, *(("Location", url) for url in locations)))


def test_location_is_bytes():
    """What is not ASCII is percent-encoded byte by byte."""
    verdict = judge(Request(f"{A}/", P), redirecting("\xe4"), profile=STANDARD)

    assert verdict.url == f"{A}/%E4"


@pytest.mark.parametrize(
    ("mode", "lines", "standard", "chromium", "firefox"),
    [
        ("error", [A], "redirect-mode-error", "redirect-mode-error", "redirect-mode-error"),
        ("error", [], "redirect-mode-error", "cors", "redirect-mode-error"),
        ("error", [""], "redirect-mode-error", "cors", "redirect-mode-error"),
        ("manual", [A], "opaqueredirect", "opaqueredirect", "opaqueredirect"),
        ("manual", [], "opaqueredirect", "opaqueredirect", "opaqueredirect"),
        ("manual", ["http://["], "opaqueredirect", "invalid-redirect", "opaqueredirect"),
        ("follow", [], "cors", "cors", "cors"),
        ("follow", [""], "too-many-redirects", "cors", "too-many-redirects"),
        ("follow", ["/a", "/b"], "invalid-redirect", "corrupt-response", "corrupt-response"),
    ],
)
def test_redirect_modes(mode, lines, standard, chromium, firefox):
    """What each browser makes of a 302, by redirect mode and Location."""
    server = redirecting(*lines)

    def told(profile):
        verdict = judge(Request(f"{A}/1", P, redirect=mode), server, profile=profile)
        return str(verdict.reason or verdict.type)

    assert (told(STANDARD), told(CHROMIUM), told(FIREFOX)) == (standard, chromium, firefox)


def test_a_redirect_is_checked_itself():
    """A redirect that does not allow the origin is not followed."""
    server = redirecting(f"{A}/2", lines=())

    verdict = judge(Request(f"{A}/1", P), server, profile=STANDARD)

    assert (verdict.reason, len(verdict.sent)) == (Reason.MISSING_ALLOW_ORIGIN, 1)


def test_a_broken_location_comes_before_the_check():
    """Chromium and Firefox look at Location first, the standard at the origin."""
    server = redirecting("http://[", lines=())
    told = [
        judge(Request(f"{A}/1", P), server, profile=profile).reason
        for profile in (STANDARD, CHROMIUM, FIREFOX)
    ]

    assert told == [Reason.MISSING_ALLOW_ORIGIN, Reason.INVALID_REDIRECT, Reason.INVALID_REDIRECT]


def test_firefox_preflights_on():
    """Once preflighted, every later cross-origin hop is, with the page's origin and the names
    that earlier hops have lost."""
    verdict = go(
        f"{A}/1",
        f"{B}/2",
        f"{B}/3",
        profile=FIREFOX,
        headers=(("Authorization", "x"), ("X-A", "1")),
    )

    assert sent(verdict, "access-control-request-headers", "preflight") == [
        *("authorization,x-a", "x-a"),
        "authorization,x-a",
    ]
    assert sent(verdict, "origin", "preflight") == [P, P, P]
    assert sent(verdict, "origin") == [P, "null", "null"]
    assert sent(verdict, "authorization") == ["x", None, "x"]


def test_firefox_preflights_a_get_after_a_put():
    """A 303 turns the PUT into a GET, which is preflighted all the same."""
    verdict = go(f"{A}/1", f"{A}/2", status=303, method="PUT", profile=FIREFOX)

    assert sent(verdict, "access-control-request-method", "preflight") == ["PUT", "GET"]
    assert len(go(f"{A}/1", f"{A}/2", status=303, method="PUT").preflights) == 1


def test_firefox_does_not_check_the_preflight_to_the_pages_own_origin():
    """It is asked, but needs not name the origin."""

    allowing = ("Access-Control-Allow-Methods", "PUT")

    def server(asked):
        if asked.kind == "preflight":
            return Response(200, (allowing, OPEN) if asked.url.startswith(A) else (allowing,))
        if asked.url.startswith(A):
            return Response(307, (OPEN, ("Location", f"{P}/2")))
        return Response(200, (OPEN,))

    request = Request(f"{A}/1", P, "PUT")
    assert judge(request, server, profile=FIREFOX).allowed
    assert judge(request, server, profile=STANDARD).reason is Reason.PREFLIGHT_MISSING_ALLOW_ORIGIN


def test_chromium_drops_client_hints_abroad():
    """A redirect away from the page's origin takes them off; they needed no preflight."""
    hint = (("DPR", "2"),)

    assert sent(go(f"{A}/1", f"{A}/2", profile=CHROMIUM, headers=hint), "dpr") == ["2", None]
    assert sent(go(f"{P}/1", f"{P}/2", profile=CHROMIUM, headers=hint), "dpr") == ["2", "2"]


def test_firefox_merges_repeated_request_headers():
    """Of a singleton one line is sent, of others all since the last empty one."""
    lines = (
        *(("If-Modified-Since", "1"), ("If-Modified-Since", "2")),
        *(("X-A", "1"), ("X-A", ""), ("X-A", "2"), ("X-A", "3")),
        *(("Content-Type", "a/b"), ("Content-Type", "c/d")),
    )

    verdict = go(f"{A}/1", method="POST", body="x", headers=lines, profile=FIREFOX)

    assert sent(verdict, "if-modified-since") == ["2"]
    assert sent(verdict, "x-a") == ["2, 3"]
    assert sent(verdict, "content-type") == ["a/b"]
    no_body = go(f"{A}/1", headers=lines, profile=FIREFOX)
    assert sent(no_body, "content-type") == ["c/d"]


def test_chromium_ignores_a_user_agent():
    """Set by a page, it is neither sent nor asked for."""
    verdict = go(f"{A}/1", profile=CHROMIUM, headers=(("User-Agent", "x"),))

    assert (verdict.preflights, sent(verdict, "user-agent")) == ((), [None])


def test_chromium_looks_for_userinfo_before_redirect_mode_error():
    """A Location with a password is told as such even where no redirect is wanted."""
    server = redirecting("https://u@other.example/2")
    told = [
        judge(Request(f"{A}/1", P, redirect="error"), server, profile=profile).reason
        for profile in (STANDARD, CHROMIUM)
    ]

    assert told == [Reason.REDIRECT_MODE_ERROR, Reason.REDIRECT_CONTAINS_CREDENTIALS]


def test_listeners_on_upload_preflight_every_hop():
    """Also where a redirect has taken the body away."""
    changes = {"method": "POST", "body": "x", "initiator": "xmlhttprequest"}

    verdict = go(f"{A}/1", f"{A}/2", profile=CHROMIUM, upload_listeners=True, **changes)

    assert sent(verdict, "access-control-request-method", "preflight") == ["POST", "GET"]


def test_chromium_remembers_nothing_once_tainted():
    """In a redirect loop each turn is preflighted again; elsewhere the first answer is kept."""

    def server(asked):
        allow = (OPEN, ("Access-Control-Allow-Methods", "PUT"))
        if asked.kind == "preflight":
            return Response(200, allow)
        return Response(307, (*allow, ("Location", f"{B}/loop")))

    counts = [
        len(judge(Request(f"{A}/1", P, "PUT"), server, profile=profile).preflights)
        for profile in (STANDARD, CHROMIUM)
    ]

    assert counts == [2, 21]


def test_consoles_show_fragments():
    """Both URLs are printed with their fragments, in Firefox not an empty one."""
    request = Request(f"{A}/1#a", P)

    def refuses(asked):
        return Response(200)

    assert f"'{A}/1#a'" in judge(request, refuses, profile=CHROMIUM).console[0]
    empty = judge(Request(f"{A}/1#", P), refuses, profile=FIREFOX).console[0]
    assert f"{A}/1. (Reason" in empty
