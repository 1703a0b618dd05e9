"""What browsers remember of preflights."""

from __future__ import annotations

import pytest

from corsage.browser import (
    CHROMIUM,
    FIREFOX,
    SAFARI,
    STANDARD,
    CacheKey,
    PreflightCache,
    Request,
    Response,
    judge,
    max_age,
)
from corsage.browser.cache import MOST_ENTRIES, bypasses

PAGE, API = "https://app.example", "https://api.example/x"
KEY = CacheKey(PAGE, API)


@pytest.mark.parametrize(
    ("values", "standard", "chromium", "firefox", "safari"),
    [
        ((), 5, 5, 5, 5),
        (("",), 5, 5, 5, 5),
        (("0",), 0, 0, 0, 0),
        (("600",), 600, 600, 600, 600),
        (("0600",), 600, 600, 600, 600),
        (("86400",), 86400, 7200, 86400, 600),
        (("100000",), 100000, 7200, 86400, 600),
        (("-1",), 5, 0, 0, 5),
        (("+600",), 5, 600, 0, 600),
        (("x",), 5, 5, 0, 5),
        (("2.5",), 5, 5, 0, 5),
        (("1e3",), 5, 5, 0, 5),
        (("600;",), 5, 5, 0, 5),
        (("600, 600",), 5, 5, 0, 5),
        (("600", "600"), 5, 5, 0, 5),
        (("99999999999999999999",), 99999999999999999999, 5, 86400, 600),
        (("9" * 9999,), 99999999999999999999, 5, 86400, 600),
    ],
)
def test_max_age(values, standard, chromium, firefox, safari):
    """For how many seconds an answer is kept."""
    headers = tuple(("Access-Control-Max-Age", value) for value in values)

    assert [max_age(headers, p) for p in (STANDARD, CHROMIUM, FIREFOX, SAFARI)] == [
        *(standard, chromium, firefox),
        safari,
    ]


def answer(methods="PUT", headers="x-a", age="60"):
    return Response(
        204,
        (
            ("Access-Control-Allow-Methods", methods),
            ("Access-Control-Allow-Headers", headers),
            ("Access-Control-Max-Age", age),
        ),
    )


def remembered(profile=STANDARD, include=False, **changes):
    return PreflightCache().remember(
        KEY, answer(**changes), "PUT", include=include, now=100, profile=profile
    )


def covers(
    cache, method="PUT", names=("x-a",), *, key=KEY, include=False, now=101, profile=STANDARD
):
    return cache.covers(key, method, names, include=include, now=now, profile=profile)


def test_covers_what_was_allowed():
    """The method and every header name that was listed, until the time is over."""
    cache = remembered()

    assert covers(cache)
    assert covers(cache, now=159.9)
    assert not covers(cache, now=160)
    assert not covers(cache, "DELETE")
    assert not covers(cache, names=("x-a", "x-b"))
    assert covers(cache, "POST")


def test_is_kept_by_origin_url_and_partition():
    """Another page, another query or another top-level site asks again."""
    cache = remembered()

    assert not covers(cache, key=CacheKey("https://other.example", API))
    assert not covers(cache, key=CacheKey(PAGE, f"{API}?q"))
    assert not covers(cache, key=CacheKey(PAGE, API, "https://top.example"))


def test_credentials_are_told_apart():
    """With credentials serves without, except in Firefox; never the other way round."""
    assert covers(remembered(include=True), include=False)
    assert not covers(remembered(FIREFOX, include=True), include=False, profile=FIREFOX)
    assert covers(remembered(FIREFOX, include=True), include=True, profile=FIREFOX)
    assert not covers(remembered(), include=True)


def test_a_wildcard_goes_on_covering():
    """But not Authorization, not with credentials, and not in Firefox."""
    cache = remembered(methods="*", headers="*")

    assert covers(cache, "DELETE", ("x-b",))
    assert not covers(cache, "DELETE", ("authorization",))
    literal = remembered(methods="*", headers="*", include=True)
    assert not covers(literal, "DELETE", (), include=True)
    assert not covers(remembered(FIREFOX, methods="*"), "DELETE", (), profile=FIREFOX)


def test_a_wildcard_stands_for_itself_in_firefox():
    """The method that it let pass is not remembered, so every request preflights."""
    assert not covers(remembered(FIREFOX, methods="*"), "PUT", (), profile=FIREFOX)


def test_chromium_keeps_one_answer():
    """A new preflight of a URL replaces what the last one allowed; others add to it."""

    def after_another_method(profile):
        cache = remembered(profile).remember(
            KEY, answer(methods="DELETE"), "DELETE", include=False, now=101, profile=profile
        )
        return [covers(cache, method, profile=profile) for method in ("PUT", "DELETE")]

    assert after_another_method(CHROMIUM) == [False, True]
    assert after_another_method(FIREFOX) == [True, True]
    assert after_another_method(STANDARD) == [True, True]


def test_a_condition_of_the_page_bypasses():
    """If-None-Match makes the cache mode no-store, with which browsers preflight every time."""
    request = Request(API, PAGE, headers=(("If-None-Match", "x"),))

    def allow(asked):
        return Response(
            200,
            (
                ("Access-Control-Allow-Origin", "*"),
                ("Access-Control-Allow-Headers", "If-None-Match"),
            ),
        )

    def preflights(profile):
        cache = judge(request, allow, profile=profile).cache
        return len(judge(request, allow, profile=profile, cache=cache, now=1).preflights)

    assert [preflights(p) for p in (STANDARD, CHROMIUM, FIREFOX)] == [0, 1, 1]


def test_firefox_must_have_head_listed():
    """A preflighted HEAD is remembered under its own name only."""
    cache = remembered(FIREFOX, methods="PUT")

    assert not covers(cache, "HEAD", profile=FIREFOX)
    assert covers(cache, "GET", profile=FIREFOX)


def test_remembering_again_renews():
    """An entry is kept once, with the later time; what has expired is dropped."""
    cache = remembered()

    again = cache.remember(KEY, answer(), "PUT", include=False, now=150, profile=STANDARD)
    later = again.remember(
        KEY, answer(methods="GET"), "GET", include=False, now=900, profile=STANDARD
    )

    assert covers(again, now=209)
    assert len(again.entries) == len(cache.entries)
    assert not covers(later, now=901)


def test_nothing_is_kept_for_no_time():
    """Max-Age 0 leaves the cache as it was."""
    assert remembered(age="0") == PreflightCache()


def test_memory_is_bounded():
    """A server cannot fill the cache without end; the oldest go first."""
    many = ", ".join(f"x-{n}" for n in range(2 * MOST_ENTRIES))

    assert len(remembered(headers=many).entries) == MOST_ENTRIES


def test_forgetting_is_by_url():
    """A failure forgets what was allowed at that URL."""
    assert remembered().forget(KEY) == PreflightCache()
    assert remembered().forget(CacheKey(PAGE, "https://x/")) == remembered()


def test_cache_modes_that_bypass():
    """no-store and reload always; no-cache in Chromium."""
    modes = ("default", "no-store", "reload", "no-cache", "force-cache")

    assert [mode for mode in modes if bypasses(mode, CHROMIUM)] == [
        "no-store",
        "reload",
        "no-cache",
    ]
    assert [mode for mode in modes if bypasses(mode, FIREFOX)] == ["no-store", "reload"]
    assert [mode for mode in modes if bypasses(mode, STANDARD)] == []


def serve(asked):
    """Allows PUT at once, and the origin on everything but /no."""
    if asked.url.endswith("/no") and asked.kind == "actual":
        return Response(200)
    origin = ("Access-Control-Allow-Origin", "*")
    return Response(200, (origin, ("Access-Control-Allow-Methods", "PUT")))


def test_judge_asks_once():
    """A verdict carries what is remembered; the next one with it asks no more, for five seconds."""
    put = Request(API, PAGE, "PUT")
    first = judge(put, serve, profile=STANDARD, now=0)

    def again(now):
        return judge(put, serve, profile=STANDARD, cache=first.cache, now=now)

    assert len(first.preflights) == 1
    assert [len(again(now).preflights) for now in (4.9, 5)] == [0, 1]


def test_a_failed_actual_response_is_forgotten():
    """Chromium keeps the preflight although the response failed; others do not."""
    put = Request("https://api.example/no", PAGE, "PUT")

    kept = {
        p.name: bool(judge(put, serve, profile=p).cache.entries)
        for p in (STANDARD, CHROMIUM, FIREFOX)
    }

    assert kept == {"standard": False, "chromium": True, "firefox": False}


def test_a_failed_preflight_is_forgotten():
    """Asking for another method in vain clears what was allowed, in all browsers."""
    for profile in (STANDARD, CHROMIUM, FIREFOX):
        cache = judge(Request(API, PAGE, "PUT"), serve, profile=profile).cache
        failed = judge(Request(API, PAGE, "DELETE"), serve, profile=profile, cache=cache, now=1)
        assert cache.entries
        assert not failed.cache.entries


def test_a_call_that_cannot_be_made_forgets_nothing():
    """An invalid method says nothing about the server."""
    cache = judge(Request(API, PAGE, "PUT"), serve, profile=STANDARD).cache

    assert judge(Request(API, PAGE, "T T"), serve, profile=STANDARD, cache=cache).cache == cache
