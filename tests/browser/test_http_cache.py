"""Why a response that echoes the origin must vary by it."""

from __future__ import annotations

import pytest

from corsage.browser import Reason, Response, reuse
from corsage.browser.http_cache import is_storable

ONE, OTHER = (("Origin", "https://a.example"),), (("Origin", "https://b.example"),)
ECHO = ("Access-Control-Allow-Origin", "https://a.example")


def stored(*lines):
    return Response(200, lines)


def test_an_echo_without_vary_blocks_the_next_origin():
    """The answer for one origin is served to another, and fails there."""
    reused = reuse(ONE, stored(ECHO), OTHER)

    assert (reused.served, reused.failure.reason) == (True, Reason.ALLOW_ORIGIN_MISMATCH)


def test_vary_keeps_them_apart():
    """With Vary: Origin another origin asks the server; the same one is served."""
    varying = stored(ECHO, ("Vary", "Accept, origin"))

    assert reuse(ONE, varying, OTHER).served is False
    assert reuse(ONE, varying, ONE) == (True, None)


def test_a_plain_request_poisons_the_cache():
    """Stored for a request without Origin, and so without the header: it must vary as well."""
    poisoned = reuse((), stored(), ONE)

    assert (poisoned.served, poisoned.failure.reason) == (True, Reason.MISSING_ALLOW_ORIGIN)
    assert reuse((), stored(("Vary", "Origin")), ONE).served is False


def test_without_origin_nothing_is_checked():
    """An image that is not CORS takes what is there."""
    assert reuse(ONE, stored(ECHO), ()) == (True, None)


def test_credentials_need_the_echo():
    """A cached wildcard fails with credentials."""
    wildcard = stored(("Access-Control-Allow-Origin", "*"))

    assert reuse(ONE, wildcard, OTHER) == (True, None)
    failure = reuse(ONE, wildcard, OTHER, include=True).failure
    assert failure.reason is Reason.WILDCARD_WITH_CREDENTIALS


@pytest.mark.parametrize("value", ["*", "origin, *", "a b"])
def test_vary_that_never_matches(value):
    """A star, or what cannot be read, is never served again."""
    assert reuse(ONE, stored(ECHO, ("Vary", value)), ONE).served is False


def test_what_may_not_be_stored():
    """no-store nowhere, private in no shared cache."""
    private, secret = (
        stored(("Cache-Control", "max-age=1, Private")),
        stored(("cache-control", "no-store")),
    )

    assert is_storable(private)
    assert not is_storable(private, shared=True)
    assert not is_storable(secret)
    assert reuse(ONE, secret, ONE).served is False
