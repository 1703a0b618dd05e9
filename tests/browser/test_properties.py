"""What holds for every request and every answer."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from corsage.browser import (
    FIREFOX,
    PROFILES,
    STANDARD,
    Request,
    Response,
    judge,
    preflight_for,
    reuse,
    serialise,
)
from corsage.browser.fields import decode_and_split, tokens
from corsage.browser.url import parse

PAGE, API = "https://app.example", "https://api.example/x"

token = st.text("abcXYZ-_*!", min_size=1, max_size=6)
byte_text = st.text(st.characters(max_codepoint=255), max_size=20)
method = st.sampled_from(["GET", "POST", "put", "PATCH", "patch", "DELETE", "HEAD", "*"]) | token
name = st.sampled_from(["Accept", "Content-Type", "Range", "Authorization", "X-A", "DPR"]) | token
value = st.sampled_from(["text/plain", "application/json", "bytes=0-1", "", "x" * 129]) | byte_text
headers = st.lists(st.tuples(name, value), max_size=4).map(tuple)
credentials = st.sampled_from(["omit", "same-origin", "include"])
profiles = st.sampled_from(list(PROFILES.values()))
grant = st.sampled_from(["*", PAGE, "null", "", "foo", f"{PAGE}, *"]) | byte_text
response_name = st.sampled_from(
    [
        "Access-Control-Allow-Origin",
        "access-control-allow-origin",
        "Access-Control-Allow-Credentials",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Headers",
        "Access-Control-Expose-Headers",
        "Access-Control-Max-Age",
        "Location",
        "Vary",
    ]
)
junk = st.text(max_size=30)
response = st.builds(
    Response,
    st.sampled_from([200, 204, 301, 302, 303, 307, 308, 304, 401, 404, 407, 421, 500])
    | st.integers(-1, 10**6),
    st.lists(st.tuples(response_name | junk, grant | junk), max_size=6).map(tuple),
)


def as_asked(asked):
    """A server that allows just what it is asked for."""
    said = {name.lower(): value for name, value in asked.headers}
    allowed = [
        ("Access-Control-Allow-Origin", said["origin"]),
        ("Access-Control-Allow-Credentials", "true"),
    ]
    if asked.kind == "preflight":
        allowed.append(("Access-Control-Allow-Methods", said["access-control-request-method"]))
        if "access-control-request-headers" in said:
            names = said["access-control-request-headers"]
            allowed.append(("Access-Control-Allow-Headers", names))
    return Response(204, tuple(allowed))


@given(method, headers, credentials, profiles)
def test_what_is_asked_for_is_enough(method, headers, credentials, profile):
    """A preflight that is answered with exactly what it asks for allows the request."""
    request = Request(API, PAGE, method, headers, credentials=credentials)

    verdict = judge(request, as_asked, profile=profile)

    assert verdict.allowed or not verdict.reason.is_cors
    assert verdict.allowed or not verdict.sent


@given(method, headers, profiles)
def test_a_preflight_is_sent_exactly_when_it_is_foretold(method, headers, profile):
    """``preflight_for`` says what ``judge`` does."""
    request = Request(API, PAGE, method, headers)

    sent = judge(request, as_asked, profile=profile).preflights

    assert sent == tuple(filter(None, [preflight_for(request, profile)]))


@given(
    st.sampled_from(["PUT", "PATCH", "X"]),
    st.lists(token, max_size=4),
    st.lists(token, max_size=3),
    st.lists(token, max_size=3),
    st.booleans(),
    profiles,
)
def test_allowing_more_never_blocks(method, names, allowed, more, include, profile):
    """A method or header name added to a list leaves what was allowed allowed."""
    mode = "include" if include else "omit"
    asked = tuple((f"X-{n}", "1") for n in names)
    request = Request(API, PAGE, method, asked, credentials=mode)

    def serve(listed):
        lines = (
            ("Access-Control-Allow-Origin", PAGE),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Allow-Methods", ",".join((*listed, *(["PUT"] * bool(listed))))),
            ("Access-Control-Allow-Headers", ",".join(f"X-{n}" for n in listed)),
        )
        return lambda asked: Response(200, lines)

    if judge(request, serve(allowed), profile=profile).allowed:
        assert judge(request, serve([*allowed, *more]), profile=profile).allowed


@settings(max_examples=300)
@given(
    st.sampled_from([API, f"{PAGE}/x", "ftp://x/", "data:,x"]) | junk,
    st.sampled_from([PAGE, "null", "http://localhost"]) | junk,
    method | junk,
    st.lists(st.tuples(name | junk, value | junk), max_size=3).map(tuple),
    st.none() | junk,
    credentials,
    st.sampled_from(["cors", "no-cors", "same-origin"]),
    st.sampled_from(["follow", "error", "manual"]),
    st.sampled_from(["fetch", "xmlhttprequest"]),
    st.lists(st.none() | response, min_size=1, max_size=4),
)
def test_junk_in_gives_a_verdict_out(
    url, origin, method, headers, body, credentials, mode, redirect, initiator, answers
):
    """Nothing that a page or a server says raises or runs for ever."""
    request = Request(url, origin, method, headers, body, credentials, mode, redirect, initiator)
    count = iter(range(10**6))

    def serve(asked):
        return answers[next(count) % len(answers)]

    verdict = judge(request, serve)

    assert verdict.outcome in {"allowed", "opaque", "blocked", "network-error"}
    assert (verdict.reason is None) is (verdict.outcome in {"allowed", "opaque"})
    assert verdict.sentence
    for profile in PROFILES.values():
        one = judge(request, serve, profile=profile)
        assert len(one.sent) <= 4 * 21
        assert all(isinstance(line, str) for line in one.console)


@given(junk | st.text("htps:/\\.@?#%[]0x12é", max_size=20))
def test_a_url_parses_to_itself(text):
    """What has been parsed serialises to something that parses to the same."""
    url = parse(text)

    if url is not None:
        assert parse(url.href) == url
        assert serialise(url) == url.origin


@given(byte_text)
def test_splitting_a_list_loses_nothing_but_blanks(text):
    """The elements joined again are the value, but for the blanks around them."""
    joined = ",".join(decode_and_split(text))

    assert joined.replace(" ", "").replace("\t", "") == text.replace(" ", "").replace("\t", "")


@given(st.lists(byte_text, max_size=3))
def test_lines_are_one_list(lines):
    """Two lines of a list header read as one line with a comma between."""
    apart = tuple(("a", line) for line in lines)
    together = (("a", ", ".join(line.strip("\t\n\r ") for line in lines)),)

    assert tokens(apart, "a", STANDARD).tokens == tokens(together, "a", STANDARD).tokens


@given(grant, st.sampled_from([PAGE, "https://b.example"]), st.booleans())
def test_a_varying_answer_is_never_served_to_another_origin(value, origin, include):
    """With Vary: Origin a cache cannot make CORS fail for anybody else."""
    stored = Response(200, (("Access-Control-Allow-Origin", value), ("Vary", "Origin")))

    reused = reuse((("Origin", PAGE),), stored, (("Origin", origin),), include=include)

    assert reused.served is (origin == PAGE)


@given(headers, headers)
def test_firefox_asks_in_order(first, second):
    """The names in a preflight are sorted, however the page set them."""
    asked = preflight_for(Request(API, PAGE, "GET", first + second), FIREFOX)

    names = dict(asked.headers).get("Access-Control-Request-Headers", "") if asked else ""
    assert names.split(",") == sorted(names.split(","))
