"""Sets of origins are combined and compared exactly."""

import subprocess
import sys

import pytest

from corsage.patterns import (
    Undecided,
    UnsupportedPattern,
    anything,
    ends_with,
    exactly,
    from_policy,
    includes,
    labels,
    nothing,
    regex,
    starts_with,
)
from corsage.policy.origins import OriginPattern, OriginSet

APP, ADMIN = "https://app.example.com", "https://admin.example.com"


def test_a_list_is_its_origins():
    apps = exactly(APP, ADMIN)
    assert APP in apps
    assert "https://other.example.com" not in apps
    assert exactly(APP) <= apps
    assert not apps <= exactly(APP)
    assert (apps - exactly(APP)).shortest() == ADMIN
    assert exactly(APP) | exactly(ADMIN) == apps
    assert apps & exactly(APP, "null") == exactly(APP)
    assert nothing().is_empty()


def test_what_no_browser_sends_is_in_no_set():
    for entry in (
        "https://app.example.com/",
        "https://App.example.com",
        "https://app.example.com:443",
        "http://app.example.com:80",
        "https://app.example.com:65536",
        "https://app.example.com:080",
        "app.example.com",
        "https://1.2.3",
        "https://0x7f.1",
        "https://a..example.com",
        "file:///etc",
        "https://*.example.com",
        "https://[::0]",
        f"https://{'a' * 64}.com",
    ):
        assert exactly(entry).is_empty(), entry
        assert entry not in anything(), entry


def test_every_origin_that_browsers_send_is_in_anything():
    for origin in (
        "null",
        APP,
        "http://localhost:3000",
        "https://127.0.0.1",
        "https://[::1]:8443",
        "https://[2001:db8::1:0:0:1]",
        "https://under_score.example.com",
        "https://example.com.",
        "https://example.com!.example.org",
        "https://xn--bcher-kva.example",
        "chrome-extension://abcdefghijklmnop",
        "capacitor://localhost",
    ):
        assert origin in anything(), origin
        assert not exactly(origin).is_empty(), origin


def test_a_policy_is_its_origin_set():
    pattern = OriginPattern("https", "example.com", subdomains=True)
    port = OriginPattern("http", "localhost", port=OriginPattern.ANY_PORT)
    policy = from_policy(OriginSet(exact=(APP, "null"), patterns=(pattern, port)))
    assert {APP, "null", "http://localhost", "http://localhost:1"} == {
        o
        for o in (APP, "null", "http://localhost", "http://localhost:1", "https://localhost")
        if o in policy
    }
    assert policy == (
        exactly("null")
        | labels("https://", ".example.com", depth=None)
        | regex(r"http://localhost(:\d+)?", "python", "full")
    )
    assert from_policy(OriginSet(any_origin=True)) == anything()


def test_comparisons_in_code_are_exact():
    assert ends_with("example.com").shortest() != "https://example.com"
    assert "https://evilexample.com" in ends_with("example.com")
    assert "https://example.com.evil.io" in starts_with("https://example.com")
    assert "https://example.com.evil.io" in includes("example.com")
    assert ends_with("Example.com").is_empty()
    assert ends_with("Example.com", ignore_case=True) == ends_with("example.com")
    assert starts_with("https://") & ends_with(".example.com") >= labels("https://", ".example.com")


def test_a_glob_has_as_many_labels_as_it_says():
    one, any_depth = (labels("https://", ".example.com", depth=depth) for depth in (1, None))
    assert APP in one
    assert "https://a.b.example.com" not in one
    assert "https://a.b.example.com" in any_depth
    assert one <= any_depth
    assert "https://example.com" not in any_depth


@pytest.mark.parametrize(
    ("pattern", "dialect", "what"),
    [
        (r"(a)\1", "python", "a back-reference"),
        (r"(?R)", "pcre", "the group '(?R)'"),
        (r"(?=a)", "re2", "look-around, which this engine does not have"),
        (r"(a|ab)++c", "pcre", "a possessive quantifier of a group"),
        (r"(?>a|ab)c", "java", "an atomic group"),
        (r"(?i)a", "javascript", "the group '(?i)'"),
        (r"a(?i)b", "python", "flags that are not at the start"),
        (r"a)", "python", "a parenthesis that was never opened"),
        (r"(a", "python", "a parenthesis that is never closed"),
        (r"[a", "python", "a bracket that is never closed"),
        (r"*.example.com", "pcre", "a quantifier with nothing before it"),
        (r"a{,3}", "pcre", "a quantifier without a minimum"),
        (r"\Z", "re2", r"the escape '\Z'"),
    ],
)
def test_what_is_not_decided_is_refused_by_name(pattern, dialect, what):
    with pytest.raises(UnsupportedPattern) as caught:
        regex(pattern, dialect, "search")
    assert caught.value.what == what


def test_the_refusal_says_where():
    with pytest.raises(UnsupportedPattern, match="a back-reference at character 4 of ") as caught:
        regex(r"(a)\1", "python", "search")
    assert caught.value.where == 3


def test_what_is_too_large_is_undecided():
    with pytest.raises(Undecided):
        regex("(a{1,1000}){1,1000}", "pcre", "full")


def test_the_public_suffix_list_is_read_only_when_owners_are_asked_for():
    program = (
        "import sys, corsage.patterns as p\n"
        "assert not p.regex('a', 'python', 'search').is_empty()\n"
        "assert 'publicsuffixlist' not in sys.modules\n"
        "p.strangers(p.ends_with('a.com'), 'a.com')\n"
        "assert 'publicsuffixlist' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
