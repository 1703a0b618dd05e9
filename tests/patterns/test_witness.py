"""A witness is an origin that somebody else can have; none is a proof."""

import pytest

from corsage.patterns import (
    Witness,
    anything,
    ends_with,
    exactly,
    includes,
    labels,
    nothing,
    regex,
    starts_with,
    strangers,
    witness,
)
from corsage.patterns.witness import EVERY_BROWSER

APP = "https://app.example.com"


def found(pattern, dialect="pcre", match="search"):
    stranger = strangers(regex(pattern, dialect, match), pattern)
    return stranger and (stranger.kind, stranger.origin)


@pytest.mark.parametrize(
    ("pattern", "origin"),
    [
        (r"^https://app\.example\.com", "https://app.example.com.io"),
        (r"app\.example\.com$", None),
        (r"example\.com$", "https://aexample.com"),
        (r"https://.*example\.com$", "https://aexample.com"),
        (r"^https://app.example.com$", "https://appaexample.com"),
        (r"^https://app|admin\.example\.com$", "https://app.io"),
        (r"^https?://localhost", "https://localhost.io"),
        (r"^http://192.168.*.*:8081$", "http://192.168.io:8081"),
        (r".*", "https://aaa.io"),
    ],
)
def test_a_domain_that_anybody_can_register_is_named(pattern, origin):
    if origin is None:
        assert found(pattern)[0] == "subdomain"
    else:
        assert found(pattern) == ("anyone", origin)


@pytest.mark.parametrize(
    ("pattern", "origin"),
    [
        (r"^https://.*\.vercel\.app$", "https://a.vercel.app"),
        (r"^https://my-app-[a-z0-9]+\.vercel\.app$", "https://my-app-a.vercel.app"),
        (r"^https://[a-z0-9-]+\.github\.io$", "https://a.github.io"),
        (r"^https://[^.]+\.loca\.lt$", "https://a.loca.lt"),
        (r"^https://.*\.nip\.io$", "https://a.nip.io"),
    ],
)
def test_a_name_for_rent_on_a_shared_host_is_named(pattern, origin):
    assert found(pattern) == ("neighbour", origin)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^https://.*\.example\.com$",
        r"^https?://([a-z0-9-]+\.)*example\.(com|net|co\.uk)(:\d+)?$",
        r"((https://mydomain\.com))$",
        r"^https?://(.+\.)?globalping.io$",
        r"^http://192\.168\.\d+\.\d+(:\d+)?$",
        r"^https?://localhost(:\d+)?$",
        r"^https://(?!evil)[a-z]+\.example\.com$",
        r"^https://my-app\.vercel\.app$",
    ],
)
def test_that_nobody_else_can_have_an_origin_is_proven(pattern):
    assert found(pattern) is None


def test_comparisons_in_code_have_witnesses():
    assert strangers(ends_with("example.com"), "example.com") == Witness(
        "https://aexample.com", "anyone"
    )
    assert strangers(ends_with(".example.com"), ".example.com") is None
    assert strangers(starts_with(APP), APP) == Witness(f"{APP}.io", "anyone")
    assert strangers(includes("example.com"), "example.com").kind == "anyone"


@pytest.mark.parametrize(
    ("language", "kind", "origin"),
    [
        (anything(), "anyone", "https://aaa.io"),
        (exactly("https://beside.github.io"), "neighbour", "https://beside.github.io"),
        (exactly("null"), "null", "null"),
        (exactly("http://app.example.com"), "insecure", "http://app.example.com"),
        (exactly("http://app.example.com:8080"), "insecure", "http://app.example.com:8080"),
        (exactly(f"{APP}:8443"), "port", f"{APP}:8443"),
        (exactly("https://old.example.com"), "subdomain", "https://old.example.com"),
        (exactly("https://example.com"), "subdomain", "https://example.com"),
        (exactly(f"{APP}!.example.org"), "odd-characters", f"{APP}!.example.org"),
    ],
)
def test_the_kind_says_who_can_have_the_origin(language, kind, origin):
    assert witness(language, exactly(APP)) == Witness(origin, kind)


def test_the_worst_kind_comes_first():
    admitted = exactly("null", "https://old.example.com", f"{APP}:1", "https://example.org")
    assert witness(admitted, exactly(APP)).kind == "anyone"
    assert witness(admitted, exactly(APP), kinds=("port", "null")) == Witness("null", "null")


def test_what_is_trusted_is_no_witness():
    assert witness(exactly(APP), exactly(APP)) is None
    assert witness(nothing(), nothing()) is None
    wildcard = labels("https://", ".vercel.app", depth=None)
    assert witness(labels("https://", ".vercel.app"), wildcard) is None


def test_names_that_nobody_can_have_are_no_witness():
    for origin in ("https://co.uk", "https://com", "https://intranet", "https://host.internal"):
        assert witness(exactly(origin), nothing()) is None, origin
    for origin in ("http://10.0.0.1", "http://169.254.1.1", "http://[::1]", "http://[fe80::1]"):
        assert witness(exactly(origin), nothing()) is None, origin
    for origin in ("https://data.gov", "https://www.dm.gov.ae", "https://cam.ac.uk"):
        assert witness(exactly(origin), nothing()) is None, origin


def test_a_public_address_is_anybodys():
    for origin in ("http://8.8.8.8", "https://[2001:4860:4860::8888]"):
        assert witness(exactly(origin), nothing()) == Witness(origin, "anyone")


def test_odd_characters_name_the_browsers_that_send_them():
    sent = {
        o: Witness(o, "odd-characters").sent_by for o in (APP, "https://a+b.io", "https://a!b.io")
    }
    assert list(sent.values()) == [
        EVERY_BROWSER,
        "Chromium and Firefox behind a proxy, and Safari",
        "Chromium behind a proxy, and Safari",
    ]
