"""What browsers print, to the letter. Thousands of recorded lines are in the recorded tests; here
is what those never meet."""

from __future__ import annotations

import pytest

from corsage.browser import CHROMIUM, FIREFOX, SAFARI, STANDARD, Request, Response, judge

PAGE, API = "https://app.example", "https://api.example/x"
SAME_ORIGIN = (
    'Request mode is "same-origin" but the URL\'s origin is not same as the request origin'
)


def ask(**changes):
    return Request(**{"url": API, "origin": PAGE, **changes})


def allow(value, *lines, status=200):
    return lambda asked: Response(status, (("Access-Control-Allow-Origin", value), *lines))


def console(profile, server, **changes):
    return judge(ask(**changes), server, profile=profile).console


def nothing(asked):
    return Response(200)


def test_chromium_names_what_asked():
    """The sentence on withCredentials goes to XMLHttpRequest, the hint to fetch()."""
    by_xhr = console(CHROMIUM, allow("*"), credentials="include", initiator="xmlhttprequest")
    mismatch_by_xhr = console(CHROMIUM, allow("null"), initiator="xmlhttprequest")
    mismatch = console(CHROMIUM, allow("null"))

    assert by_xhr[0].startswith(
        f"Access to XMLHttpRequest at '{API}' from origin '{PAGE}' has been"
    )
    assert by_xhr[0].endswith(
        "must not be the wildcard '*' when the request's credentials mode is 'include'."
        " The credentials mode of requests initiated by the XMLHttpRequest is controlled by the"
        " withCredentials attribute."
    )
    assert by_xhr[1:] == ("Failed to load resource: net::ERR_FAILED",)
    assert mismatch_by_xhr[0].endswith("is not equal to the supplied origin.")
    assert mismatch[0].endswith(
        "supplied origin. Have the server send the header with a valid value."
    )


def test_chromium_escapes_what_is_not_ascii():
    """Controls and bytes above 0x7E are printed as \\u00E4; the protocol has UTF-8 or nothing."""
    verdict = judge(ask(), allow("a\xe4\x01"), profile=CHROMIUM)
    utf_8 = judge(ask(), allow("Ã¤"), profile=CHROMIUM)

    assert "'a\\u00E4\\u0001'" in verdict.console[0]
    assert (verdict.failed_parameter, utf_8.failed_parameter) == ("", "ä")
    assert verdict.value == "a\xe4\x01"


def test_firefox_reads_bytes_as_utf_8():
    """What is no UTF-8 is a replacement character."""
    assert "‘a\ufffd’" in console(FIREFOX, allow("a\xe4"))[0]
    assert "‘ä’" in console(FIREFOX, allow("Ã¤"))[0]


@pytest.mark.parametrize("text", ["{}", "{0}", "{url}", "%s", "a{b"])
def test_braces_are_nothing_special(text):
    """Neither a header nor a URL is taken for a template."""
    url = f"https://api.example/?{text}"

    for profile in (CHROMIUM, FIREFOX, SAFARI):
        printed = console(profile, allow(text), url=url)
        assert text in printed[0] or profile is SAFARI
        assert url in printed[0] or profile is SAFARI


def test_refused_before_the_network():
    """Chromium words these without CORS policy; DevTools has no request to tell of."""
    for changes, line in (
        (
            {"mode": "same-origin"},
            f"{SAME_ORIGIN} {PAGE}.",
        ),
        (
            {"mode": "no-cors", "redirect": "error"},
            'Request mode is "no-cors" but the redirect mode is not "follow".',
        ),
        ({"url": "ftp://api.example/x"}, 'URL scheme "ftp" is not supported.'),
    ):
        verdict = judge(ask(**changes), nothing, profile=CHROMIUM)
        url = changes.get("url", API)
        assert verdict.console == (f"Fetch API cannot load {url}. {line}",)
        assert (verdict.cors_error, verdict.failed_parameter) == (None, None)

    by_xhr = console(CHROMIUM, nothing, url="ftp://api.example/x", initiator="xmlhttprequest")
    assert by_xhr == ()


def test_same_origin_mode_redirected_abroad():
    """Both browsers name the page where it is known."""
    home = f"{PAGE}/a"
    server = allow("*", ("Location", API), status=302)
    changes = {"url": home, "mode": "same-origin", "page_url": f"{PAGE}/page"}

    assert console(CHROMIUM, server, **changes) == (
        (
            f"Unsafe attempt to load URL {API} from frame with URL {PAGE}/page."
            " Domains, protocols and ports must match.\n"
        ),
    )
    assert console(FIREFOX, server, **changes) == (
        f"Security Error: Content at {PAGE}/page may not load data from {API}.",
    )


def test_what_is_not_cors():
    """Chromium names the network error, Firefox says that it did not succeed."""
    assert console(CHROMIUM, lambda asked: None) == ()
    assert console(CHROMIUM, allow("*", status=407))[0].endswith("net::ERR_UNEXPECTED_PROXY_AUTH")
    assert console(FIREFOX, lambda asked: None)[0].endswith("Status code: (null).")
    assert console(FIREFOX, lambda asked: None, url=f"{PAGE}/x") == ()
    assert console(FIREFOX, allow("*"), url="ftp://x/")[0].endswith("CORS request not http).")


def test_firefox_on_locations_that_pages_may_not_load():
    """file: and view-source: may not be linked to, blob: not be loaded by fetch()."""

    def lead_to(url):
        return allow("*", ("Location", url), status=302)

    assert console(FIREFOX, lead_to("file:///x")) == (
        f"Security Error: Content at {API} may not load or link to file:///x.",
    )
    assert "may not load data from" in console(FIREFOX, lead_to("blob:null/x"))[0]
    own = f"blob:{PAGE}/x"
    assert console(FIREFOX, lead_to(own), url=f"{PAGE}/x") == ()
    assert console(FIREFOX, lead_to("blob:null/x"), mode="no-cors") == ()
    assert "may not load" in console(FIREFOX, lead_to(own), mode="no-cors")[0]
    sandboxed = console(FIREFOX, lead_to(own), url=f"{PAGE}/x", origin="null")
    assert sandboxed[0].endswith("Status code: (null).")
    by_xhr = console(FIREFOX, lead_to("file:///x"), initiator="xmlhttprequest")
    assert by_xhr[0].endswith("Status code: (null).")


def test_firefox_counts_lines():
    """Two lines are "multiple", one line with two values does not match."""
    two = (("Access-Control-Allow-Origin", PAGE),) * 2

    assert "Multiple CORS header" in console(FIREFOX, lambda asked: Response(200, two))[0]
    assert f"does not match ‘{PAGE}, {PAGE}’" in console(FIREFOX, allow(f"{PAGE}, {PAGE}"))[0]


def test_webkit_says_less():
    """Safari's messages come from its source."""
    assert console(SAFARI, nothing) == (
        (
            "Origin https://app.example is not allowed by Access-Control-Allow-Origin."
            " Status code: 200"
        ),
    )
    assert console(SAFARI, lambda asked: None) == ()
    assert console(SAFARI, allow("*"), method="PUT") == (
        "Method PUT is not allowed by Access-Control-Allow-Methods.",
    )


def test_the_standard_has_no_console():
    """Every verdict has a sentence, though."""
    verdict = judge(ask(), nothing, profile=STANDARD)

    assert verdict.console == ()
    assert verdict.sentence == (
        "https://app.example may not read https://api.example/x:"
        " The response has no Access-Control-Allow-Origin."
    )


def test_every_outcome_has_a_sentence():
    """Readable, at home, opaque, and hidden by redirect mode manual."""
    assert judge(ask(), allow("*")).sentence == f"{PAGE} may read {API}."
    assert "same origin" in judge(ask(url=f"{PAGE}/x"), nothing).sentence
    assert "no-cors" in judge(ask(mode="no-cors"), nothing).sentence
    manual = judge(ask(redirect="manual"), allow("*", ("Location", "/"), status=302))
    assert "manual" in manual.sentence
