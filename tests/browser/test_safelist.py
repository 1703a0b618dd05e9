"""What may be sent without asking: the standard's list, and where browsers draw it elsewhere."""

from __future__ import annotations

import pytest

from corsage.browser import CHROMIUM, FIREFOX, STANDARD
from corsage.browser.safelist import (
    combine,
    is_forbidden_request_header,
    is_safelisted_request_header,
    normalise_method,
    unsafe_request_header_names,
)

ALL = (STANDARD, CHROMIUM, FIREFOX)


def free_in(name, value):
    """The names of the profiles in which the header costs no preflight."""
    return [p.name for p in ALL if is_safelisted_request_header(name, value, p)]


EVERYWHERE = ["standard", "chromium", "firefox"]


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("Accept", "text/html;q=1", EVERYWHERE),
        ("Accept", "a\tb", EVERYWHERE),
        ("Accept", "x" * 128, EVERYWHERE),
        ("Accept", "x" * 129, []),
        ("Accept", "a(b)", []),
        ("Accept", "a\x7f", []),
        ("Accept", "\x01", []),
        ("Accept", "ä", ["standard", "chromium"]),
        ("accept-language", "de, *;q=.5", EVERYWHERE),
        ("Accept-Language", "en_US", []),
        ("Content-Language", "de@x", []),
        ("Content-Language", "", EVERYWHERE),
        ("Content-Type", "text/plain", EVERYWHERE),
        ("Content-Type", "TEXT/PLAIN ; a=b", EVERYWHERE),
        ("Content-Type", "text/plain;charset=utf-8", EVERYWHERE),
        ("Content-Type", "text/plain;", EVERYWHERE),
        ("Content-Type", "text/plain;a = b", EVERYWHERE),
        ("Content-Type", "multipart/form-data; boundary=x", EVERYWHERE),
        ("Content-Type", "application/x-www-form-urlencoded", EVERYWHERE),
        ("Content-Type", "application/json", []),
        ("Content-Type", 'text/plain;charset="utf-8"', []),
        ("Content-Type", "text/plain, text/plain", []),
        ("Content-Type", "text", []),
        ("Content-Type", "", []),
        ("Content-Type", "text /plain", []),
        ("Content-Type", "text/plain;;", ["standard", "chromium"]),
        ("Content-Type", "text/plain;a=b;", ["standard", "chromium"]),
        ("Content-Type", "text/plain;a=b,c", ["standard", "chromium"]),
        ("Content-Type", "text/plain;a=ä", ["standard", "chromium"]),
        ("Content-Type", "text/plain x;a=b", ["firefox"]),
        ("Range", "bytes=0-", EVERYWHERE),
        ("Range", "bytes=0-10", EVERYWHERE),
        ("Range", "bytes=00-010", EVERYWHERE),
        ("Range", "bytes=5-5", EVERYWHERE),
        ("Range", "bytes=10-5", []),
        ("Range", "bytes=-500", []),
        ("Range", "Bytes=0-10", []),
        ("Range", "bytes = 0-10", []),
        ("Range", "bytes=0-10,20-30", []),
        ("Range", "items=0-10", []),
        ("Range", "bytes=0-9223372036854775806", EVERYWHERE),
        ("Range", "bytes=0-9223372036854775807", ["standard", "firefox"]),
        ("Range", "bytes=0-18446744073709551616", ["standard"]),
        ("Range", "bytes=18446744073709551616-", ["standard"]),
        ("DPR", "2", ["chromium"]),
        ("DPR", "2.5", ["chromium"]),
        ("DPR", "x", []),
        ("Width", "5", ["chromium"]),
        ("ECT", "4g", ["chromium"]),
        ("ECT", "5g", []),
        ("Save-Data", "ON", ["chromium"]),
        ("Save-Data", "off", []),
        ("Intervention", "<a>", ["chromium"]),
        ("Authorization", "x", []),
        ("X-Requested-With", "XMLHttpRequest", []),
    ],
)
def test_costs_no_preflight_in(name, value, where):
    """Each header is free in just these browsers."""
    assert free_in(name, value) == where


def test_names_are_sorted_lower_case_and_unique():
    """A preflight asks for each unsafe name once, in lower case and sorted."""
    headers = (("X-B", "1"), ("x-a", "1"), ("X-B", "2"), ("Accept", "*/*"))

    assert unsafe_request_header_names(headers, STANDARD) == ("x-a", "x-b")


def test_firefox_asks_for_a_repeated_name_again():
    """Firefox repeats a name as often as the page did."""
    headers = (("X-B", "1"), ("x-a", "1"), ("X-B", "2"))

    assert unsafe_request_header_names(headers, FIREFOX) == ("x-a", "x-b", "x-b")


def test_more_than_1024_bytes_are_unsafe_together():
    """Nine values of 128 bytes are one too many, except in Firefox."""
    headers = (("Accept", "x" * 128),) * 9

    assert unsafe_request_header_names(headers[:8], STANDARD) == ()
    assert unsafe_request_header_names(headers, STANDARD) == ("accept",)
    assert unsafe_request_header_names(headers, FIREFOX) == ()


def test_methods_but_patch_are_put_in_upper_case():
    """Six methods are normalised; all others stay as typed."""
    typed = ("get", "Head", "post", "put", "delete", "options", "patch", "query")

    assert [normalise_method(m) for m in typed] == [
        *("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"),
        *("patch", "query"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "forbidden"),
    [
        ("Cookie", "a=b", True),
        ("ORIGIN", "null", True),
        ("Sec-Foo", "1", True),
        ("Proxy-Authorization", "1", True),
        ("Host", "x", True),
        ("X-HTTP-Method-Override", "TRACE", True),
        ("X-Method-Override", "PUT , track", True),
        ("X-HTTP-Method", '"trace"', False),
        ("X-HTTP-Method", "PUT", False),
        ("Access-Control-Request-Private-Network", "true", False),
        ("User-Agent", "x", False),
        ("Authorization", "x", False),
    ],
)
def test_forbidden_headers(name, value, forbidden):
    """What belongs to the browser cannot be set by a page."""
    assert is_forbidden_request_header(name, value) is forbidden


def test_combining_keeps_the_first_place():
    """Lines of one name are joined where the first stands."""
    assert combine([("A", "1"), ("b", ""), ("a", "2"), ("B", "")]) == (("A", "1, 2"), ("b", ","))
