"""Console lines are read back: what a browser printed gives the reason that it printed it for."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.browser import CHROMIUM, FIREFOX, SAFARI, Reason, Request, Response, judge
from corsage.browser.console import CORS_ERRORS
from corsage.diagnosis.case import InputError
from corsage.diagnosis.explanation import explain
from corsage.diagnosis.inputs import console
from tests.diagnosis.conftest import DATA

PREFLIGHT = "Response to preflight request doesn't pass access control check: "
CHROME_MISSING = (
    "Access to fetch at 'https://api.example.com/me' from origin 'https://app.example.com' has "
    "been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the "
    "requested resource."
)


def _recorded(browser: str) -> Iterator[dict[str, Any]]:
    with lzma.open(DATA / "browser" / f"{browser}.jsonl.xz", "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def test_every_line_that_chromium_printed_gives_its_error_and_value() -> None:
    lines = 0
    for case in _recorded("chromium"):
        seen = case["observed"]
        for text in seen.get("console") or ():
            if text.startswith("Failed to load resource"):
                continue
            line = console.parse_line(text)
            assert line is not None, text
            assert line.browser == "chromium"
            if seen["cors_error"]:
                assert CORS_ERRORS[line.reasons[0]] == seen["cors_error"]
            if seen["failed_parameter"]:
                assert line.value == seen["failed_parameter"]
            lines += 1
    assert lines > 700


def test_every_line_that_firefox_printed_is_read() -> None:
    lines = 0
    for case in _recorded("firefox"):
        for text in case["observed"].get("console") or ():
            line = console.parse_line(text)
            assert line is not None, text
            assert line.browser == "firefox"
            if line.url and "may not load" not in text:
                assert line.url.partition("/c/")[2].startswith(case["id"])
            lines += 1
    assert lines > 800


_ORIGIN, _URL = "https://app.example.com", "https://api.example.com/orders"
_GRANT = ("Access-Control-Allow-Origin", _ORIGIN)
_ANSWERS = {
    "nothing": (),
    "wildcard": (("Access-Control-Allow-Origin", "*"),),
    "two lines": (_GRANT, ("Access-Control-Allow-Origin", "*")),
    "another origin": (("Access-Control-Allow-Origin", "https://other.example"),),
    "no credentials": (_GRANT,),
    "no method": (_GRANT, ("Access-Control-Allow-Credentials", "true")),
    "no header": (
        _GRANT,
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "PATCH"),
    ),
    "bad methods": (
        _GRANT,
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "GET POST"),
    ),
}


@pytest.mark.parametrize("profile", [CHROMIUM, FIREFOX, SAFARI], ids=lambda p: p.name)
@pytest.mark.parametrize("status", [200, 302, 401])
@pytest.mark.parametrize("headers", _ANSWERS.values(), ids=_ANSWERS)
def test_what_each_browser_prints_is_read_back_to_its_reason(
    profile: Any, status: int, headers: Any
) -> None:
    location = (("Location", "https://api.example.com/login"),) if status == 302 else ()
    request = Request(
        _URL, _ORIGIN, "PATCH", (("X-Custom", "1"),), credentials="include", initiator="fetch"
    )
    verdict = judge(request, lambda _: Response(status, (*headers, *location)), profile=profile)

    assert verdict.console
    line = console.parse_line(verdict.console[0])

    assert line is not None
    assert line.browser == profile.name
    assert verdict.reason in line.reasons
    assert line.url in {"", _URL}
    assert line.origin in {"", _ORIGIN}


def test_a_line_gives_url_origin_and_value() -> None:
    line = console.parse_line(
        "Access to XMLHttpRequest at 'https://api.example.com/b' (redirected from "
        "'https://api.example.com/a') from origin 'https://app.example.com' has been blocked by "
        "CORS policy: The 'Access-Control-Allow-Origin' header has a value 'https://x.example' "
        "that is not equal to the supplied origin."
    )

    assert line is not None
    assert line.reasons == (Reason.ALLOW_ORIGIN_MISMATCH,)
    assert line.url == "https://api.example.com/b"
    assert line.first_url == "https://api.example.com/a"
    assert line.origin == "https://app.example.com"
    assert line.value == "https://x.example"


@pytest.mark.parametrize(
    ("text", "reason", "status"),
    [
        (
            (
                "XMLHttpRequest cannot load http://a.example/x. Response for preflight has invalid "
                "HTTP status code 401"
            ),
            Reason.PREFLIGHT_STATUS,
            401,
        ),
        (
            (
                "XMLHttpRequest cannot load http://a.example/x. No 'Access-Control-Allow-Origin' "
                "header is present on the requested resource. Origin 'http://b.example' is "
                "therefore not allowed access. The response had HTTP status code 400."
            ),
            Reason.MISSING_ALLOW_ORIGIN,
            400,
        ),
        (
            "Failed to load http://a.example/x: Response for preflight is invalid (redirect)",
            Reason.PREFLIGHT_REDIRECT,
            None,
        ),
        (
            (
                "Access to fetch at 'http://a.example/x' from origin 'http://b.example' has been "
                "blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the "
                "requested resource. If an opaque response serves your needs, set the request's "
                "mode to 'no-cors' to fetch the resource with CORS disabled."
            ),
            Reason.MISSING_ALLOW_ORIGIN,
            None,
        ),
    ],
    ids=["preflight-status", "missing", "redirect", "no-cors-advice"],
)
def test_older_wordings_that_threads_quote_are_read_too(
    text: str, reason: Reason, status: int | None
) -> None:
    line = console.parse_line(text)

    assert line is not None
    assert (line.reasons[0], line.status) == (reason, status)
    assert line.origin in {"", "http://b.example"}


def test_a_line_is_found_with_what_devtools_puts_around_it() -> None:
    line = console.parse_line(f"(index):1  {CHROME_MISSING}Understand this error")

    assert line is not None
    assert line.reasons == (Reason.MISSING_ALLOW_ORIGIN,)


def test_two_lines_of_firefox_make_one_failure_and_tell_that_the_preflight_failed() -> None:
    head = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote "
    text = (
        f"{head}resource at https://a.example/x. (Reason: CORS header "
        "‘Access-Control-Allow-Origin’ missing). Status code: 401.\n"
        f"{head}resource at https://a.example/x. (Reason: CORS request did not succeed). Status "
        "code: (null)."
    )

    (case,) = console.read(text)

    assert case.preflight.status == 401
    assert not case.response.seen
    diagnosis = explain(case).diagnosis
    assert diagnosis is not None
    assert diagnosis.cause == "preflight-auth"


@pytest.mark.parametrize(
    ("detail", "cause"),
    [
        (f"{PREFLIGHT}Redirect is not allowed for a preflight request.", "redirect"),
        (
            "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.",
            "method-not-allowed",
        ),
        (
            (
                "Request header field x-a is not allowed by Access-Control-Allow-Headers in "
                "preflight response."
            ),
            "header-not-allowed",
        ),
        (
            (
                "The value of the 'Access-Control-Allow-Origin' header in the response must not be "
                "the wildcard '*' when the request's credentials mode is 'include'."
            ),
            "wildcard-credentials",
        ),
        (
            (
                "The 'Access-Control-Allow-Origin' header contains multiple values '*, "
                "https://app.example.com', but only one is allowed."
            ),
            "multi-writer",
        ),
        (
            (
                "The 'Access-Control-Allow-Origin' header has a value 'https://x.example' that is "
                "not equal to the supplied origin."
            ),
            "origin-mismatch",
        ),
        (
            "Permission was denied for this request to access the `loopback` address space.",
            "private-network",
        ),
    ],
)
def test_a_single_line_is_enough_where_it_names_the_cause(detail: str, cause: str) -> None:
    text = (
        "Access to fetch at 'https://api.example.com/me' from origin 'https://app.example.com' has "
        f"been blocked by CORS policy: {detail}"
    )
    (case,) = console.read(text)
    diagnosis = explain(case).diagnosis

    assert diagnosis is not None
    assert diagnosis.cause == cause
    assert diagnosis.confidence != "ambiguous"


def test_the_commonest_line_of_all_is_ambiguous_and_says_what_to_ask() -> None:
    (case,) = console.read(CHROME_MISSING)
    diagnosis = explain(case).diagnosis

    assert diagnosis is not None
    assert diagnosis.confidence == "ambiguous"
    assert {diagnosis.cause, *(other.cause for other in diagnosis.alternatives)} >= {
        "origin-mismatch",
        "error-no-cors",
    }


def test_addresses_in_a_line_do_not_lead_astray() -> None:
    """`token`, `login` and `cache` in a URL are the application's words."""
    line = CHROME_MISSING.replace("/me", "/oauth/login/cache?token=1")
    plain, addressed = (explain(console.read(text)[0]).diagnosis for text in (CHROME_MISSING, line))

    assert plain is not None
    assert addressed is not None
    assert plain.cause == addressed.cause


def test_a_paste_without_such_a_line_says_what_to_paste() -> None:
    with pytest.raises(InputError, match="Access to fetch at"):
        console.read("TypeError: undefined is not a function")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        cases = console.read(text)
    except InputError:
        return
    assert cases


@pytest.mark.parametrize("piece", ["'", "‘", " ", "http://", "Access to fetch at 'a' ", "value '"])
def test_hostile_lines_are_read_in_bounded_time(piece: str) -> None:
    head = "Access to fetch at 'https://a.example' from origin 'https://b.example' has been blocked"
    text = f"{head} by CORS policy: The 'Access-Control-Allow-Origin' header {piece * 100_000}"

    assert console.parse_line(text) is None
