"""What other people call a URL is split without harm."""

import pytest

from corsage.layers.urls import split_url


def test_a_url_has_its_parts():
    parts = split_url("https://api.example.com:8443/orders?x=1")
    assert (parts.scheme, parts.hostname, parts.port, parts.path) == (
        "https",
        "api.example.com",
        8443,
        "/orders",
    )


@pytest.mark.parametrize("text", ["http://[A-Z]", "http://[", "//a:port", "https://a:99999"])
def test_what_is_no_url_has_none(text):
    assert split_url(text).netloc == ""
