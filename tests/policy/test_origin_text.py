"""What an origin may look like in a policy, and what is said of everything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.browser import is_origin
from corsage.policy.origin_text import is_loopback, read_origin
from corsage.policy.origins import OriginPattern, OriginSet
from corsage.policy.problems import Fault

SERIALISED = [
    "https://app.example.com",
    "https://app.example.com:8443",
    "http://localhost:3000",
    "http://127.0.0.1",
    "http://[::1]:3000",
    "https://[2001:db8::1]",
    "https://xn--bcher-kva.example",
    "https://under_score.example.com",
    "https://192.168.1.1",
    "chrome-extension://abcdefghijklmnop",
    "capacitor://localhost",
]

PATTERNS = {
    "https://*.example.com": OriginPattern("https", "example.com", subdomains=True),
    "https://*.example.com:8443": OriginPattern("https", "example.com", True, 8443),
    "https://*.example.com:*": OriginPattern("https", "example.com", True, -1),
    "http://localhost:*": OriginPattern("http", "localhost", False, -1),
    "http://[::1]:*": OriginPattern("http", "[::1]", False, -1),
}

REFUSED = {
    # text: (rule, words of the message, what to write instead)
    "": ("CORS010", "empty", None),
    "https://Example.com": ("CORS010", "upper case", "https://example.com"),
    "HTTPS://example.com": ("CORS010", "upper case", "https://example.com"),
    "https://example.com/": ("CORS010", "ends with a slash", "https://example.com"),
    "https://example.com/app": ("CORS010", "has a path", "https://example.com"),
    "https://example.com?x": ("CORS010", "has a path", "https://example.com"),
    "https://example.com#x": ("CORS010", "has a path", "https://example.com"),
    "https://example.com:443": ("CORS010", "default port", "https://example.com"),
    "http://localhost:80": ("CORS010", "default port", "http://localhost"),
    "https://example.com:0443": ("CORS010", "default port", "https://example.com"),
    "https://example.com:08443": ("CORS010", "leading zeros", "https://example.com:8443"),
    "https://example.com:x": ("CORS010", "no number", None),
    "https://example.com:": ("CORS010", "no number", "https://example.com"),
    "https://example.com:0": ("CORS020", "port that does not exist", None),
    "https://example.com:70000": ("CORS020", "port that does not exist", None),
    "https://user:secret@example.com": ("CORS010", "user name", "https://example.com"),
    "example.com": ("CORS010", "no scheme", "https://example.com"),
    "//example.com": ("CORS010", "no scheme", "https://example.com"),
    "localhost:3000": ("CORS010", "no scheme", "http://localhost:3000"),
    "http:/example.com": ("CORS010", "no scheme", None),
    "https://": ("CORS010", "no host", None),
    "https:///x": ("CORS010", "no host", None),
    "://example.com": ("CORS010", "not an origin", None),
    "https://bücher.example": ("CORS010", "ASCII", "https://xn--bcher-kva.example"),
    "https://example.com.": ("CORS010", "ends with a dot", "https://example.com"),
    "https://127.1": ("CORS010", "usual form", "https://127.0.0.1"),
    "http://0x7f000001": ("CORS010", "usual form", "http://127.0.0.1"),
    "http://[0:0::1]": ("CORS010", "usual form", "http://[::1]"),
    "https://1.2.3.4.5": ("CORS010", "usual form", None),
    " https://example.com": ("CORS010", "blanks", "https://example.com"),
    "https://a.example,https://b.example": (
        "CORS010",
        "several origins",
        "[https://a.example, https://b.example]",
    ),
    "https://a.example https//b": ("CORS010", "several origins", None),
    "https://*": ("CORS011", "every host", '"*"'),
    "*.example.com": ("CORS010", "no scheme", "https://*.example.com"),
    "https://*example.com": ("CORS011", "inside a name", "https://*.example.com"),
    "https://.example.com": ("CORS011", "begins with a dot", "https://*.example.com"),
    "https://a.*.example.com": ("CORS011", "in the middle", None),
    "https://*.*.example.com": ("CORS011", "in the middle", "https://*.example.com"),
    "https://*.127.0.0.1": ("CORS011", "in an address", None),
    "*://example.com": ("CORS011", "leaves the scheme open", "https://example.com"),
    "chrome-extension://*": ("CORS011", "every host", '"*"'),
    "chrome-extension://x:*": ("CORS011", "in a chrome-extension origin", None),
    r"^https://.*\.example\.com$": ("CORS011", "regular expression", None),
    "https?://example.com": ("CORS011", "regular expression", None),
    "https://(a|b).example.com": ("CORS011", "regular expression", None),
    "file:///home/me/x.html": ("CORS020", "never sent", None),
    "data:text/html;x": ("CORS010", "several", None),
    "blob:https://x.example": ("CORS020", "never sent", None),
    "ws://example.com": ("CORS020", "WebSocket", "http://example.com"),
    "wss://example.com": ("CORS020", "WebSocket", "https://example.com"),
    "https://a..example.com": ("CORS020", "empty label", None),
    "https://a!b.example.com": ("CORS020", "no host has", None),
    f"https://{'a' * 64}.example.com": ("CORS020", "too long", None),
    f"https://{'a.' * 130}example.com": ("CORS020", "too long", None),
}


@pytest.mark.parametrize("text", SERIALISED)
def test_an_origin_as_browsers_send_it_is_taken_as_it_is(text):
    assert read_origin(text) == text


@pytest.mark.parametrize("text", PATTERNS)
def test_a_wildcard_in_front_and_any_port_are_patterns(text):
    assert read_origin(text) == PATTERNS[text]
    assert str(PATTERNS[text]) == text


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_with_the_reason_and_the_text_to_write(text):
    rule, words, fix = REFUSED[text]
    with pytest.raises(Fault) as caught:
        read_origin(text)
    assert caught.value.rule.id == rule
    assert words in caught.value.message
    assert caught.value.fix == fix


def test_a_password_in_an_origin_is_not_repeated():
    with pytest.raises(Fault) as caught:
        read_origin("https://user:secret@example.com")
    assert "secret" not in f"{caught.value.message} {caught.value.why} {caught.value.fix}"


@given(st.text(alphabet="htps:/*.@?#[]0189aZx-_ ,~^$\\é%", max_size=40))
def test_what_is_taken_is_what_browsers_send_and_what_is_suggested_is_taken(text):
    try:
        origin = read_origin(text)
    except Fault as fault:
        if fault.fix is not None and fault.fix[0] not in '"[':
            read_origin(fault.fix)
        return
    if isinstance(origin, str):
        scheme = origin.partition("://")[0]
        assert scheme not in ("http", "https") or is_origin(origin)
        assert origin in OriginSet(exact=(origin,))
    else:
        assert str(origin) == text


@pytest.mark.parametrize("host", ["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_loopback_never_leaves_the_machine(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "128.0.0.1", "[::2]"])
def test_other_hosts_are_not_loopback(host):
    assert not is_loopback(host)
