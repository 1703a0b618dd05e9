"""CORP, ORB and Timing-Allow-Origin are not CORS."""

from __future__ import annotations

import pytest

from corsage.browser import Request, Response, corp_allows, judge, orb_blocks, timing_allowed
from corsage.browser.url import parse

PAGE = "https://app.example"
API = parse("https://api.example/x")


def corp(value, **changes):
    headers = () if value is None else (("Cross-Origin-Resource-Policy", value),)
    return corp_allows(headers, **{"origin": PAGE, "url": API, "same_site": False, **changes})


@pytest.mark.parametrize(
    ("value", "changes", "allowed"),
    [
        (None, {}, True),
        ("cross-origin", {}, True),
        ("nonsense", {}, True),
        ("same-origin", {}, False),
        ("same-origin", {"url": parse(f"{PAGE}/x")}, True),
        ("same-site", {}, False),
        ("same-site", {"same_site": True}, True),
        ("same-site", {"same_site": True, "origin": "http://app.example"}, False),
        (None, {"embedder_policy": "require-corp"}, False),
        ("cross-origin", {"embedder_policy": "require-corp"}, True),
        (None, {"embedder_policy": "credentialless"}, True),
    ],
)
def test_corp(value, changes, allowed):
    """Who may embed a response without CORS."""
    assert corp(value, **changes) is allowed


def test_a_cors_response_ignores_corp():
    """What the check allows is read, whatever Cross-Origin-Resource-Policy says."""
    response = Response(
        200,
        (("Access-Control-Allow-Origin", "*"), ("Cross-Origin-Resource-Policy", "same-origin")),
    )

    assert judge(Request(API.href, PAGE), lambda asked: response).allowed


@pytest.mark.parametrize(
    ("content_type", "nosniff", "blocked"),
    [
        ("application/json", "nosniff", True),
        ("text/html; charset=utf-8", "NoSniff", True),
        ("application/ld+json", "nosniff", True),
        ("image/svg+xml", "nosniff", False),
        ("text/javascript", "nosniff", False),
        ("application/json", "", False),
    ],
)
def test_orb(content_type, nosniff, blocked):
    """Documents and data that say what they are stay out of the page's process."""
    headers = (("Content-Type", content_type), ("X-Content-Type-Options", nosniff))

    assert orb_blocks(headers) is blocked
    assert not orb_blocks(())


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("*", True),
        (PAGE, True),
        (f"https://x.example, {PAGE}", True),
        ("https://x.example", False),
        ("", False),
        (None, False),
    ],
)
def test_timing(value, allowed):
    """A list of origins or a star shows timings."""
    headers = () if value is None else (("Timing-Allow-Origin", value),)

    assert timing_allowed(headers, PAGE) is allowed
