"""URLs are parsed as browsers parse them."""

from __future__ import annotations

import pytest

from corsage.browser.url import parse

BASE = parse("http://a.example/b/c?d#e")


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("http://localhost:18101", "http://localhost:18101/"),
        ("HTTP://EXAMPLE.com:80/a/../b/%2e%2E/c?q#f", "http://example.com/c?q#f"),
        ("https://h:443/", "https://h/"),
        ("https://h:0443/", "https://h/"),
        ("https://h:/", "https://h/"),
        ("http:h", "http://h/"),
        ("http:\\\\h\\x", "http://h/x"),
        ("http:////h", "http://h/"),
        ("\x00 http://h/ \t", "http://h/"),
        ("ht\ntp://h/", "http://h/"),
        ("http://h/a b`{}", "http://h/a%20b%60%7B%7D"),
        ("http://h/?a b'", "http://h/?a%20b%27"),
        ("http://h/#a b`", "http://h/#a%20b%60"),
        ("http://h/ä?ä", "http://h/%C3%A4?%C3%A4"),
        ("http://h/\ud800", "http://h/%EF%BF%BD"),
        ("http://h/.", "http://h/"),
        ("http://h/a/..", "http://h/"),
        ("http://h/..", "http://h/"),
        ("http://u:p@h/", "http://u:p@h/"),
        ("http://u@h/", "http://u@h/"),
        ("http://@h/", "http://h/"),
        ("http://a@b@h/", "http://a%40b@h/"),
        ("http://u:p:q@h/", "http://u:p%3Aq@h/"),
        ("http://ex%61mple/", "http://example/"),
        ("http://1.2.3.4", "http://1.2.3.4/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://0177.0.0.0x1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0x/", "http://0.0.0.0/"),
        ("http://1.2.3.4./", "http://1.2.3.4/"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
        ("http://[1:0:0:2:0:0:0:3]/", "http://[1:0:0:2::3]/"),
        ("http://[::]/", "http://[::]/"),
        ("http://[1:2:3:4:5:6:7:8]", "http://[1:2:3:4:5:6:7:8]/"),
        ("http://[::ffff:1.2.3.4]", "http://[::ffff:102:304]/"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://BÜCHER.example/", "http://xn--bcher-kva.example/"),
        ("http://xn--bcher-kva.example", "http://xn--bcher-kva.example/"),
        ("http://straße.example/", "http://xn--strae-oqa.example/"),
        ("http://a。b/", "http://a.b/"),
        ("http://a\u00adb/", "http://ab/"),
        ("http://*.x/", "http://*.x/"),
        ("http://a_b/", "http://a_b/"),
        ("data:text/plain,hi", "data:text/plain,hi"),
        ("mailto:a b", "mailto:a b"),
        ("foo://h:1/x", "foo://h:1/x"),
        ("foo:///x", "foo:///x"),
        ("foo:/x/../y", "foo:/y"),
        ("foo:/..//x", "foo:/.//x"),
        ("foo://h", "foo://h"),
        ("foo:x?q", "foo:x?q"),
        ("localhost:1", "localhost:1"),
        ("file://", "file:///"),
        ("file:///x", "file:///x"),
        ("file:x", "file:///x"),
        ("file://localhost/x", "file:///x"),
        ("file://h/x", "file://h/x"),
        ("ws://h:80/", "ws://h/"),
    ],
)
def test_parses(text, href):
    """An absolute URL is normalised to what the browser shows."""
    url = parse(text)

    assert url is not None
    assert url.href == href


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foo",
        "//h",
        "/x",
        "http://",
        "http:///",
        "http://:80",
        "http://u@",
        "http://h:x",
        "http://h:-1",
        "http://h:*",
        "http://h:65536",
        "http://h:99999999999999999999",
        "http://h:１",
        "http://a b/",
        "http://a<b/",
        "http://a%00b/",
        "http://%zz/",
        "http://[",
        "http://[::1",
        "http://[::1]x/",
        "http://[::g]/",
        "http://[fe80::1%25eth0]/",
        "http://[ä]/",
        "http://1.2.3.4.5/",
        "http://1.2.3.256/",
        "http://256.2.3.4/",
        "http://a.09/",
        "http://0x1000000000000000000/",
        "http://xn--/",
        "http://xn--a/",
        "http://xn--\u00e4/",
        "http://\u0301a/",
        "http://a\ue000/",
        "http://\ufffd/",
        "http://\u00ad/",
        "foo://u@",
        "foo://a b/",
        "foo://:1",
        "file://a b/",
        "http://h/" + "x" * (1 << 20),
    ],
)
def test_refuses(text):
    """What browsers do not take for a URL is None, never an error."""
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("", "http://a.example/b/c?d"),
        ("?x", "http://a.example/b/c?x"),
        ("#y", "http://a.example/b/c?d#y"),
        ("g", "http://a.example/b/g"),
        ("g/", "http://a.example/b/g/"),
        ("./g", "http://a.example/b/g"),
        ("../g", "http://a.example/g"),
        ("../../../g", "http://a.example/g"),
        ("/g?x", "http://a.example/g?x"),
        ("//h/i", "http://h/i"),
        ("\\\\h/i", "http://h/i"),
        ("\\g", "http://a.example/g"),
        ("http:g", "http://a.example/b/g"),
        ("http:?q", "http://a.example/b/c?q"),
        ("https:g", "https://g/"),
        (" ;a", "http://a.example/b/;a"),
        ("g:h", "g:h"),
        ("file:/x", "file:///x"),
    ],
)
def test_resolves_against_a_base(text, href):
    """A Location may be relative to the URL that sent it."""
    url = parse(text, BASE)

    assert url is not None
    assert url.href == href


def test_resolves_against_what_is_not_http():
    """Bases without slashes take a fragment only; a file's host comes from its URL."""
    opaque, file, odd = parse("data:x"), parse("file:///a/b"), parse("foo://h")

    assert parse("x", opaque) is None
    assert parse("#f", opaque).href == "data:x#f"
    assert parse("//h/c", file).href == "file://h/c"
    assert parse("x", odd).href == "foo://h/x"
    assert parse("//i/x", odd).href == "foo://i/x"


def test_says_what_it_consists_of():
    """The parts that CORS asks for are there under their names."""
    url = parse("http://u:p@h:81/x?q#f")

    assert url.is_http
    assert url.is_special
    assert url.has_credentials
    assert url.authority == "h:81"
    assert url.without_fragment().href == "http://u:p@h:81/x?q"
    assert parse("http://h/").without_fragment() is parse("http://h/")
    assert not parse("foo:x").is_special
