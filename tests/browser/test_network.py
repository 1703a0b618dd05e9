"""What stops a request before CORS is asked."""

from __future__ import annotations

import pytest

from corsage.browser import CHROMIUM, FIREFOX, SAFARI, STANDARD, Reason, Request, Response, judge
from corsage.browser.network import address_space, page_address_space
from corsage.browser.url import parse

OPEN = Response(200, (("Access-Control-Allow-Origin", "*"),))


def reason(url, profile=STANDARD, origin="https://app.example", space=None):
    request = Request(url, origin, page_address_space=space)
    verdict = judge(request, lambda asked: OPEN, profile=profile)
    assert verdict.outcome in {"allowed", "network-error"}
    return verdict.reason


@pytest.mark.parametrize(
    ("url", "origin", "blocked"),
    [
        ("http://api.example/", "https://app.example", True),
        ("http://93.184.216.34/", "https://app.example", True),
        ("https://api.example/", "https://app.example", False),
        ("http://api.example/", "http://app.example", False),
        ("http://api.example/", "null", False),
        ("http://localhost:3000/", "https://app.example", False),
        ("http://x.localhost/", "https://app.example", False),
        ("http://127.1.2.3/", "https://app.example", False),
        ("http://[::1]/", "https://app.example", False),
        ("http://192.168.0.1/", "https://app.example", True),
    ],
)
def test_mixed_content(url, origin, blocked):
    """An https page may call http on its own machine only."""
    assert (reason(url, origin=origin) is Reason.MIXED_CONTENT) is blocked


def test_safari_blocks_loopback_too():
    """WebKit takes http://localhost for mixed content."""
    assert reason("http://localhost:3000/", SAFARI) is Reason.MIXED_CONTENT


def test_local_addresses_are_left_to_local_network_access():
    """Where there is a permission to ask for, an address of the local network is not mixed."""
    assert reason("http://192.168.0.1/", CHROMIUM) is None
    assert reason("http://printer.local/", FIREFOX) is None


@pytest.mark.parametrize(
    ("url", "space"),
    [
        ("http://localhost/", "loopback"),
        ("http://127.0.0.1/", "loopback"),
        ("http://0.0.0.0/", "loopback"),
        ("http://[::1]/", "loopback"),
        ("http://[::ffff:127.0.0.1]/", "loopback"),
        ("http://10.0.0.1/", "local"),
        ("http://169.254.1.1/", "local"),
        ("http://100.64.0.1/", "local"),
        ("http://[fe80::1]/", "local"),
        ("http://[fd00::1]/", "local"),
        ("http://nas.local./", "local"),
        ("http://8.8.8.8/", "public"),
        ("http://[2606:4700::1]/", "public"),
        ("http://api.example/", None),
        ("data:,x", None),
    ],
)
def test_address_spaces(url, space):
    """An address says where it is, a name does not."""
    assert address_space(parse(url)) == space


@pytest.mark.parametrize(
    ("space", "url", "blocked"),
    [
        ("public", "http://localhost:3000/", True),
        ("public", "http://192.168.0.1/", True),
        ("local", "http://127.0.0.1/", True),
        ("local", "http://192.168.0.1/", False),
        ("loopback", "http://192.168.0.1/", False),
        ("public", "https://8.8.8.8/", False),
        ("public", "https://api.example/", False),
        (None, "http://localhost:3000/", False),
    ],
)
def test_local_network_access(space, url, blocked):
    """A page needs a permission to reach a more private network, where both are known."""
    for profile in (CHROMIUM, FIREFOX):
        assert (reason(url, profile, space=space) is Reason.LOCAL_NETWORK_ACCESS) is blocked
    assert reason(url, STANDARD, space=space) is not Reason.LOCAL_NETWORK_ACCESS


def test_the_space_of_a_page_can_be_asked():
    """Where its origin is an address."""
    assert page_address_space("https://8.8.8.8") == "public"
    assert page_address_space("https://app.example") is None
    assert page_address_space("null") is None


def test_chromium_tells_it_as_a_cors_error():
    """DevTools has an enum value for it, and no header can help."""
    request = Request("http://localhost/", "https://app.example", page_address_space="public")

    verdict = judge(request, lambda asked: OPEN, profile=CHROMIUM)

    assert verdict.cors_error == "LocalNetworkAccessPermissionDenied"
    assert "access the `loopback` address space" in verdict.console[0]
    assert verdict.sent == ()
