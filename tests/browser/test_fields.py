"""Header lists are read as the standard says, and as Firefox does where it differs."""

from __future__ import annotations

import pytest

from corsage.browser import FIREFOX, STANDARD
from corsage.browser.fields import as_utf8, decode_and_split, get, is_header_value, is_token, tokens


def lists(*values, name="A"):
    return tuple((name, value) for value in values)


def test_lines_are_joined():
    """Several lines of a name in any case are one value, blanks around each line removed."""
    headers = (("A", " x "), ("B", "y"), ("a", "\tz"))

    assert get(headers, "a", STANDARD) == "x, z"
    assert get(headers, "b", STANDARD) == "y"
    assert get(headers, "c", STANDARD) is None


@pytest.mark.parametrize(
    ("name", "values", "joined"),
    [
        ("x", ("", "1"), "1"),
        ("x", ("1", "", "2"), "1, 2"),
        ("location", ("/x", "/x"), "/x"),
        ("content-type", ("a", "b"), "a,b"),
        ("content-type", ("", "b"), "b"),
        ("content-type", ("a", ""), "a,"),
        ("x-frame-options", ("", "b"), ", b"),
        ("www-authenticate", ("a", "b"), "a\nb"),
    ],
)
def test_firefox_joins_lines_its_own_way(name, values, joined):
    """Firefox leaves empty lines out and knows headers of which only one line counts."""
    assert get(lists(*values, name=name), name, FIREFOX) == joined


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("GET, POST", ("GET", "POST")),
        ("GET,,POST,", ("GET", "POST")),
        ("\tGET\t,\tPOST ", ("GET", "POST")),
        ("", ()),
        (",", ()),
        ("*", ("*",)),
        ("'a'", ("'a'",)),
    ],
)
def test_a_list_of_tokens(value, found):
    """Empty elements count for nothing, blanks around elements are not theirs."""
    assert tokens(lists(value), "a", STANDARD).tokens == found
    assert tokens(lists(value), "a", STANDARD).invalid is None


@pytest.mark.parametrize(
    ("value", "bad"),
    [
        ("GET POST", "GET POST"),
        ("a, b c, d e", "b c"),
        ('"a"', '"a"'),
        ("a;q=1", "a;q=1"),
        ("ä", "ä"),
    ],
)
def test_one_bad_element_spoils_the_list(value, bad):
    """The first element that is no token is named."""
    assert tokens(lists(value), "a", STANDARD).invalid == bad


def test_several_lines_are_one_list():
    """A bad element in any line is a failure of all; a missing header is an empty list."""
    assert tokens(lists("a", "b"), "a", STANDARD).tokens == ("a", "b")
    assert tokens(lists("a", "b c"), "a", STANDARD).invalid == "b c"
    assert tokens((), "a", STANDARD).tokens == ()


@pytest.mark.parametrize(
    ("value", "elements"),
    [
        ("a, b", ["a", "b"]),
        ('a, "b,c" , d', ["a", '"b,c"', "d"]),
        ('"a\\",b", c', ['"a\\",b"', "c"]),
        ('a, "b, c', ["a", '"b, c']),
        ("", [""]),
        (",", ["", ""]),
    ],
)
def test_commas_in_quotes_do_not_split(value, elements):
    """A quoted string is kept whole; one that nobody closes runs to the end."""
    assert decode_and_split(value) == elements


def test_tokens_and_values():
    """A name is a token; a value has no NUL, CR, LF, blanks around it or wide characters."""
    assert is_token("X-a!#$%&'*+.^_`|~0")
    assert not any(map(is_token, ("", "a b", "a:b", "ä", "a\n", "a/b")))
    assert all(map(is_header_value, ("", "a", "a b", "ä\x7f\x01")))
    assert not any(map(is_header_value, (" a", "a\t", "a\nb", "a\0", "\u0100")))


def test_bytes_can_be_read_as_utf_8():
    """Values are bytes, one a character; a console shows them as UTF-8."""
    assert as_utf8("Ã¤") == "ä"
    assert as_utf8("\xe4") == "\ufffd"
    assert as_utf8("\u0100") == "?"
