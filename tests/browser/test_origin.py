"""Origins are serialised as browsers send them."""

from __future__ import annotations

import pytest

from corsage.browser.origin import OPAQUE, is_origin, is_same_origin, parse_url, serialise


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://app.example/x", "https://app.example"),
        ("http://h:8080", "http://h:8080"),
        ("wss://h/x", "wss://h"),
        ("ftp://h/x", "ftp://h"),
        ("blob:https://h/1-2-3", "https://h"),
        ("blob:foo", "null"),
        ("blob:ftp://h/1", "null"),
        ("blob:/x", "null"),
        ("file:///x", "null"),
        ("data:,x", "null"),
        ("foo://h", "null"),
    ],
)
def test_serialises(url, origin):
    """Only URLs with a host of their own have an origin; others are opaque."""
    assert serialise(url) == origin


def test_what_is_no_url_has_no_origin():
    """Nonsense is told apart from opaque."""
    assert serialise("foo") is None


@pytest.mark.parametrize("text", ["https://a.example", "http://localhost:3000", "null"])
def test_knows_an_origin(text):
    """A serialised origin is its own serialisation."""
    assert is_origin(text)


@pytest.mark.parametrize(
    "text", ["", "a.example", "https://a.example/", "https://A.example", "https://a.example:443"]
)
def test_knows_what_no_browser_sends(text):
    """A slash, upper case or a default port make it something that never matches."""
    assert not is_origin(text)


def test_an_opaque_origin_is_the_same_as_nothing():
    """A sandboxed page is cross-origin even to a URL whose origin is opaque, too."""
    assert not is_same_origin(OPAQUE, parse_url("data:,x"))
    assert is_same_origin("https://h", parse_url("https://h/x"))
    assert not is_same_origin("http://h", parse_url("https://h/x"))
