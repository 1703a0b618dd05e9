"""The readers of single values: sizes, names, addresses and paths."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.policy import addresses, names, paths, public_suffixes, quantities
from corsage.policy.problems import Fault
from corsage.policy.public_suffixes import is_public_suffix

TAKEN = [
    (quantities.size, "0", 0),
    (quantities.size, "4096", 4096),
    (quantities.size, "512k", 512 * 1024),
    (quantities.size, "10m", 10 * 1024**2),
    (quantities.size, "1g", 1024**3),
    (quantities.rate, "50/s", 50),
    (quantities.duration, "30", 30),
    (quantities.duration, "30s", 30),
    (quantities.duration, "2m", 120),
    (names.method, "PATCH", "PATCH"),
    (names.method, "M-SEARCH", "M-SEARCH"),
    (names.request_header, "X-Request-Id", "X-Request-Id"),
    (names.request_header, "Authorization", "Authorization"),
    (names.response_header, "ETag", "ETag"),
    (addresses.listen, "127.0.0.1:8080", "127.0.0.1:8080"),
    (addresses.listen, "[::1]:8080", "[::1]:8080"),
    (addresses.listen, "localhost:80", "localhost:80"),
    (addresses.public, "https://api.example.com", "https://api.example.com"),
    (addresses.service_url, "http://billing.internal:3002", "http://billing.internal:3002"),
    (addresses.service_url, "https://[::1]:3002", "https://[::1]:3002"),
    (addresses.service_url, "http://[::1]", "http://[::1]"),
    (addresses.service_url, "http://under_score", "http://under_score"),
    (addresses.route_host, "api.example.com", "api.example.com"),
    (paths.route_path, "/", "/"),
    (paths.route_path, "/billing", "/billing"),
    (paths.route_path, "/billing/v1.2/", "/billing/v1.2/"),
    (paths.route_path, "/a~b/c@d;e=f", "/a~b/c@d;e=f"),
    (paths.route_path, "/.well-known/x", "/.well-known/x"),
]


@pytest.mark.parametrize(("reader", "text", "value"), TAKEN)
def test_well_written_values_are_taken(reader, text, value):
    assert reader(text) == value


REFUSED = [
    (quantities.size, "10 MB", "CORS007", "10m"),
    (quantities.size, "10mib", "CORS007", "10m"),
    (quantities.size, "ten", "CORS007", None),
    (quantities.size, "0m ", "CORS007", None),
    (quantities.size, "00k ", "CORS007", None),
    (quantities.size, "999999999999g", "CORS007", "0"),
    (quantities.rate, "50", "CORS007", "50/s"),
    (quantities.rate, "50 r/s", "CORS007", "50/s"),
    (quantities.rate, "50/sec", "CORS007", "50/s"),
    (quantities.rate, "6000/m", "CORS007", "100/s"),
    (quantities.rate, "30/m", "CORS007", None),
    (quantities.rate, "fast", "CORS007", None),
    (quantities.duration, "30 seconds", "CORS007", "30s"),
    (quantities.duration, "2 min", "CORS007", "2m"),
    (quantities.duration, "500ms", "CORS007", None),
    (quantities.duration, "soon", "CORS007", None),
    (names.method, "patch", "CORS033", "PATCH"),
    (names.method, "Get", "CORS033", "GET"),
    (names.method, "TRACE", "CORS032", None),
    (names.method, "connect", "CORS032", None),
    (names.method, "TRACK", "CORS032", None),
    (names.method, "GET,PUT", "CORS034", "[GET, PUT]"),
    (names.method, "", "CORS034", None),
    (names.request_header, "X Request Id", "CORS034", "[X, Request, Id]"),
    (names.request_header, "X-Request-Id:", "CORS034", "X-Request-Id"),
    (names.request_header, "X-Ä", "CORS034", None),
    (names.request_header, "X" * 300, "CORS034", None),
    (names.request_header, "Cookie", "CORS035", None),
    (names.request_header, "sec-fetch-site", "CORS035", None),
    (names.request_header, "Proxy-Authorization", "CORS035", None),
    (names.request_header, "Host", "CORS035", None),
    (names.request_header, "Origin", "CORS035", None),
    (names.request_header, "ETag", "CORS036", "expose_headers: [ETag]"),
    (names.request_header, "Access-Control-Allow-Origin", "CORS036", None),
    (names.response_header, "Set-Cookie", "CORS035", None),
    (names.response_header, "Authorization", "CORS036", "allow_headers: [Authorization]"),
    (names.response_header, "Cookie", "CORS036", None),
    (names.response_header, "Access-Control-Max-Age", "CORS036", None),
    (names.response_header, "a b", "CORS034", "[a, b]"),
    (addresses.listen, "8080", "CORS051", "127.0.0.1:8080"),
    (addresses.listen, ":8080", "CORS051", "127.0.0.1:8080"),
    (addresses.listen, "*:8080", "CORS051", "0.0.0.0:8080"),
    (addresses.listen, ":::8080", "CORS051", "[::]:8080"),
    (addresses.listen, "127.0.0.1", "CORS051", "127.0.0.1:8080"),
    (addresses.listen, "http://127.0.0.1:8080/", "CORS051", "127.0.0.1:8080"),
    (addresses.listen, "http://localhost", "CORS051", None),
    (addresses.listen, "127.0.0.1:0", "CORS051", None),
    (addresses.listen, "127.0.0.1:70000", "CORS051", None),
    (addresses.listen, "[::1:8080", "CORS051", None),
    (addresses.listen, "[x]:8080", "CORS051", None),
    (addresses.listen, "no spaces:80", "CORS051", None),
    (addresses.public, "https://api.example.com/v1", "CORS052", "https://api.example.com"),
    (addresses.public, "api.example.com", "CORS052", "https://api.example.com"),
    (addresses.public, "https://*.example.com", "CORS052", None),
    (addresses.public, "capacitor://localhost", "CORS052", None),
    (addresses.service_url, "billing.internal:3002", "CORS050", "http://billing.internal:3002"),
    (addresses.service_url, "billing", "CORS050", "http://billing"),
    (addresses.service_url, "bill ing", "CORS050", None),
    (addresses.service_url, "http://billing:3002/", "CORS050", "http://billing:3002"),
    (addresses.service_url, "http://billing/v1", "CORS050", "http://billing"),
    (addresses.service_url, "http://Billing", "CORS050", "http://billing"),
    (addresses.service_url, "http://user:secret@billing", "CORS050", "http://billing"),
    (addresses.service_url, "ftp://billing", "CORS050", None),
    (addresses.service_url, "http://", "CORS050", None),
    (addresses.service_url, "http://billing:0", "CORS050", None),
    (addresses.service_url, "http://billing:x", "CORS050", None),
    (addresses.route_host, "https://api.example.com/x", "CORS054", "api.example.com"),
    (addresses.route_host, "API.example.com", "CORS054", "api.example.com"),
    (addresses.route_host, "api.example.com:8080", "CORS054", "api.example.com"),
    (addresses.route_host, "api.example.com.", "CORS054", "api.example.com"),
    (addresses.route_host, "*.example.com", "CORS054", None),
    (addresses.route_host, "https://[", "CORS054", None),
    (addresses.route_host, "", "CORS054", None),
    (paths.route_path, "billing", "CORS041", "/billing"),
    (paths.route_path, "", "CORS041", "/"),
    (paths.route_path, "/billing/*", "CORS041", "/billing"),
    (paths.route_path, "/billing/**", "CORS041", "/billing"),
    (paths.route_path, "/a/../b", "CORS041", "/b"),
    (paths.route_path, "/a/./b/", "CORS041", "/a/b/"),
    (paths.route_path, "/a//b", "CORS041", "/a/b"),
    (paths.route_path, "//", "CORS041", "/"),
    (paths.route_path, "/a?x=1", "CORS041", "/a"),
    (paths.route_path, "/a#x", "CORS041", "/a"),
    (paths.route_path, "/%61", "CORS041", "/a"),
    (paths.route_path, "/caf%C3%A9", "CORS041", None),
    (paths.route_path, "/a b", "CORS041", None),
    (paths.route_path, "https://api.example.com/a", "CORS041", "/a"),
    (paths.route_path, "https://api.example.com", "CORS041", "/"),
    (paths.route_path, "/" + "a" * 3000, "CORS041", None),
]


@pytest.mark.parametrize(("reader", "text", "rule", "fix"), REFUSED)
def test_ill_written_values_are_refused_with_the_text_to_write(reader, text, rule, fix):
    with pytest.raises(Fault) as caught:
        reader(text)
    assert caught.value.rule.id == rule
    assert caught.value.message
    assert caught.value.fix == fix


@given(st.sampled_from([reader for reader, *_ in TAKEN]), st.text(max_size=60))
def test_no_text_does_anything_but_be_taken_or_refused_and_what_is_suggested_is_taken(reader, text):
    try:
        reader(text)
    except Fault as fault:
        if fault.fix is not None and ":" not in fault.fix and "[" not in fault.fix:
            reader(fault.fix)


def test_a_password_of_a_service_is_not_repeated():
    with pytest.raises(Fault) as caught:
        addresses.service_url("http://user:secret@billing")
    assert "secret" not in f"{caught.value.message} {caught.value.why} {caught.value.fix}"


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("", "/"),
        ("/", "/"),
        ("/a", "/a"),
        ("/a/", "/a/"),
        ("//a///b", "/a/b"),
        ("/a/./b/../c", "/a/c"),
        ("/a/..", "/"),
        ("/../../a", "/a"),
        ("/a/b/.", "/a/b/"),
        ("/%62illing/%2e%2e/x", "/x"),
        ("/a%2Fb", "/a/b"),
        ("/caf%C3%A9", "/café"),
    ],
)
def test_a_requests_path_is_matched_decoded_and_normalised(raw, path):
    assert paths.requested_path(raw) == path


@pytest.mark.parametrize(
    "host",
    ["com", "co.uk", "vercel.app", "github.io", "ngrok-free.app", "nip.io", "loca.lt", "internal"],
)
def test_anybody_can_register_a_name_under_a_public_suffix(host):
    assert is_public_suffix(host)


@pytest.mark.parametrize(
    "host", ["example.com", "preview.example.com", "my-team.vercel.app", "localhost"]
)
def test_a_domain_of_ones_own_is_no_public_suffix(host):
    assert not is_public_suffix(host)


def test_without_the_list_no_wildcard_is_taken(monkeypatch):
    public_suffixes._suffixes.cache_clear()
    monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    with pytest.raises(ModuleNotFoundError, match=r"corsage\[tools\]"):
        is_public_suffix("example.com")
