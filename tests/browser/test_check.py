"""The CORS check, byte for byte."""

from __future__ import annotations

import pytest

from corsage.browser import CHROMIUM, FIREFOX, STANDARD, Reason
from corsage.browser.check import cors_check

PAGE = "http://localhost:18101"


def lines(*values, name="Access-Control-Allow-Origin"):
    return tuple((name, value) for value in values)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ((PAGE,), None),
        ((f" {PAGE}\t",), None),
        (("*",), None),
        ((" * ",), None),
        ((), Reason.MISSING_ALLOW_ORIGIN),
        (("",), Reason.INVALID_ALLOW_ORIGIN),
        (("foo",), Reason.INVALID_ALLOW_ORIGIN),
        (("NULL",), Reason.INVALID_ALLOW_ORIGIN),
        (("*;",), Reason.INVALID_ALLOW_ORIGIN),
        (("'*'",), Reason.INVALID_ALLOW_ORIGIN),
        (("http://localhost:*",), Reason.INVALID_ALLOW_ORIGIN),
        (("http://",), Reason.INVALID_ALLOW_ORIGIN),
        (("//localhost:18101",), Reason.INVALID_ALLOW_ORIGIN),
        (("http://\xe4.example",), Reason.INVALID_ALLOW_ORIGIN),
        (("null",), Reason.ALLOW_ORIGIN_MISMATCH),
        (("http://*",), Reason.ALLOW_ORIGIN_MISMATCH),
        (("localhost:18101",), Reason.ALLOW_ORIGIN_MISMATCH),
        (("HTTP://localhost:18101",), Reason.ALLOW_ORIGIN_MISMATCH),
        ((f"{PAGE}/",), Reason.ALLOW_ORIGIN_MISMATCH),
        (("http://localhost",), Reason.ALLOW_ORIGIN_MISMATCH),
        (("https://localhost:18101",), Reason.ALLOW_ORIGIN_MISMATCH),
        (("http://Ã¤.example",), Reason.ALLOW_ORIGIN_MISMATCH),
        (("*,",), Reason.MULTIPLE_ALLOW_ORIGIN),
        ((PAGE, PAGE), Reason.MULTIPLE_ALLOW_ORIGIN),
        (("*", "*"), Reason.MULTIPLE_ALLOW_ORIGIN),
        ((f"{PAGE} http://x",), Reason.MULTIPLE_ALLOW_ORIGIN),
    ],
)
def test_without_credentials(values, reason):
    """The value is the origin's serialisation or ``*``, and its faults are told apart."""
    failure = cors_check(lines(*values), PAGE, include=False, profile=STANDARD)

    assert (failure.reason if failure else None) is reason


@pytest.mark.parametrize(
    ("origin", "credentials", "reason"),
    [
        (PAGE, ("true",), None),
        (PAGE, (" true\t",), None),
        (PAGE, (), Reason.INVALID_ALLOW_CREDENTIALS),
        (PAGE, ("TRUE",), Reason.INVALID_ALLOW_CREDENTIALS),
        (PAGE, ("1",), Reason.INVALID_ALLOW_CREDENTIALS),
        (PAGE, ("true", "true"), Reason.INVALID_ALLOW_CREDENTIALS),
        ("*", ("true",), Reason.WILDCARD_WITH_CREDENTIALS),
    ],
)
def test_with_credentials(origin, credentials, reason):
    """The origin must be named and credentials be allowed with the exact word ``true``."""
    headers = lines(origin) + lines(*credentials, name="access-control-allow-credentials")

    failure = cors_check(headers, PAGE, include=True, profile=STANDARD)

    assert (failure.reason if failure else None) is reason


def test_an_opaque_origin_is_named_null():
    """A sandboxed page reads what says ``null``, and anybody can be sandboxed."""
    assert cors_check(lines("null"), "null", include=True, profile=STANDARD) is not None
    assert cors_check(lines("null"), "null", include=False, profile=STANDARD) is None


def test_firefox_leaves_an_empty_line_out():
    """What is an invalid list elsewhere is one origin in Firefox, if the case is unusual."""
    headers = lines(PAGE, "", name="access-control-allow-origin")

    assert cors_check(headers, PAGE, include=False, profile=FIREFOX) is None
    assert cors_check(headers, PAGE, include=False, profile=CHROMIUM) is not None


def test_firefox_counts_lines_in_the_usual_case_only():
    """Two lines in the usual case fail whatever they hold."""
    failure = cors_check(lines(PAGE, ""), PAGE, include=False, profile=FIREFOX)

    assert failure.reason is Reason.MULTIPLE_ALLOW_ORIGIN
