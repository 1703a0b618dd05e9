"""Which origins are sent: those that a browser can send and an attacker can have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.browser import is_origin, parse_url
from corsage.live.audit.probes import (
    NULL,
    Kind,
    family,
    imitations,
    local_pages,
    shared_hosts,
    special,
    stranger,
)
from corsage.policy.public_suffixes import is_listed, is_public_suffix, registrable_domain

TRUSTED = (
    "https://app.example.com",
    "https://example.co.uk",
    "https://a.b.example.org:8443",
    "https://shop-main.vercel.app",
    "http://localhost:3000",
    "https://10.0.0.1",
    "http://[::1]:8080",
    "https://xn--bcher-kva.example.com",
)

_LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
_ORIGINS = st.builds(
    lambda labels, suffix, port: f"https://{'.'.join(labels)}.{suffix}{port}",
    st.lists(_LABEL, min_size=1, max_size=4),
    st.sampled_from(["com", "co.uk", "io", "vercel.app", "github.io", "net"]),
    st.sampled_from(["", ":8443", ":3000"]),
).filter(lambda origin: "attacker" not in origin)


def probes(trusted: str):
    return [*imitations(trusted), *special(trusted)]


@given(_ORIGINS)
def test_a_browser_can_send_every_probe_and_none_is_the_trusted_origin_itself(trusted: str):
    for probe in probes(trusted):
        assert is_origin(probe.origin), probe
        assert probe.origin != trusted
        assert probe.of == trusted


@given(_ORIGINS)
def test_a_strangers_name_is_one_that_a_stranger_can_register(trusted: str):
    """Not under the trusted domain, and under a suffix that exists."""
    owned = registrable_domain(parse_url(trusted).host)
    theirs = {Kind.PREFIX, Kind.SUFFIX, Kind.SUBSTRING, Kind.SIMILAR, Kind.DOT, Kind.SHARED}
    for probe in probes(trusted):
        if probe.kind in theirs:
            domain = registrable_domain(parse_url(probe.origin).host)
            assert domain is not None, probe
            assert domain != owned, probe
            suffix = domain.partition(".")[2]
            assert suffix == "test" or is_listed(suffix), probe


@pytest.mark.parametrize("trusted", TRUSTED)
def test_no_probe_is_sent_twice(trusted: str):
    origins = [probe.origin for probe in probes(trusted)]
    assert len(origins) == len(set(origins))


def test_the_dot_before_a_top_level_domain_is_left_alone():
    """Nobody can register a name under examplexcom."""
    dots = [p.origin for p in imitations("https://app.example.com") if p.kind is Kind.DOT]
    assert dots == ["https://appxexample.com"]
    dots = [p.origin for p in imitations("https://a.example.co.uk") if p.kind is Kind.DOT]
    assert dots == ["https://axexample.co.uk", "https://a.examplexco.uk"]


def test_addresses_have_no_names_to_imitate():
    assert {p.kind for p in probes("https://10.0.0.1")} == {Kind.SCHEME, Kind.PORT}


def test_what_is_no_web_origin_has_no_imitations():
    for text in ("null", "", "file:///etc", "chrome-extension://abc", "https://"):
        assert probes(text) == []
        assert list(family(text)) == []


def test_special_characters_are_those_that_browsers_send_raw():
    """Never what no browser sends: a percent sign, an upper-case letter, a backslash."""
    sent = {
        p.origin.removeprefix("https://a.example.com")[0] for p in special("https://a.example.com")
    }
    assert sent == set("_+$!\"&'(),;=`{}~")
    everywhere = [p.origin for p in special("https://a.example.com") if not p.senders]
    assert everywhere == ["https://a.example.com_.attacker.test"]


def test_shared_hosts_are_open_to_everybody():
    for probe in shared_hosts("https"):
        host = parse_url(probe.origin).host
        parent = host.partition(".")[2]
        assert is_public_suffix(parent) or host in {"codepen.io", "jsfiddle.net", "jsbin.com"}, host


def test_the_probes_without_a_trusted_origin_can_be_sent_too():
    others = [stranger("https"), stranger("http"), NULL, *local_pages(), *shared_hosts("https")]
    assert all(is_origin(probe.origin) for probe in others)


def test_an_api_probably_trusts_its_neighbours():
    assert list(family("https://api.example.com/v1")) == [
        "https://api.example.com",
        "https://example.com",
        "https://www.example.com",
        "https://app.example.com",
        "http://example.com",
    ]
    assert list(family("http://127.0.0.1:8000/")) == ["http://127.0.0.1:8000"]
