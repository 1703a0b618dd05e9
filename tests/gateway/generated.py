"""Policies that nobody wrote, and the requests that could tell nginx from ``decide``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from hypothesis import strategies as st

from corsage.browser.exchange import WireRequest
from corsage.policy.model import CorsPolicy, Gateway, Policy, Route, Service
from corsage.policy.origins import OriginPattern, OriginSet

# Few of each, so that routes collide, hosts overlap and patterns cover exact origins. Names are
# what nginx could trip over: its own words and variables, upper case, syntax.
_NAMES = ("default", "http", "a-b", "A_B", "a b;{", "$uri", 'q"\\', "none", "é")
_HOSTS = (None, "one.example", "two.example")
_PATHS = ("/", "/a", "/a/b", "/a/bb", "/a/b/c", "/ab", "/b/", "/p q", "/$uri", '/"{;', "/é")
_EXACT = (
    "https://app.example.com",
    "https://a.example.com:8443",
    "http://localhost:3000",
    "https://x.wild.example",
    "http://[::1]:8080",
    "null",
    "chrome-extension://abcdefghijklmnop",
)
_WILD = (
    OriginPattern("https", "wild.example", subdomains=True),
    OriginPattern("https", "deep.wild.example", subdomains=True),
    OriginPattern("https", "wild.example", subdomains=True, port=8443),
    OriginPattern("https", "example.com", port=OriginPattern.ANY_PORT),
    OriginPattern("http", "wild.example", subdomains=True, port=OriginPattern.ANY_PORT),
    OriginPattern("http", "localhost", port=OriginPattern.ANY_PORT),
    OriginPattern("http", "[::1]", port=OriginPattern.ANY_PORT),
    OriginPattern("https", "never.example", subdomains=True, port=443),
)
_METHODS = ("GET", "PUT", "X-A", "*", "A_B")
_TOKENS = ("GET", "PUT", "X-A", "X-$uri", "*", "X-'`|~", "X-" + "l" * 3000)

ORIGINS = (
    None,
    *_EXACT,
    "",
    "NULL",
    "https://APP.example.com",
    "https://app.example.com:443",
    "https://app.example.com.evil.example",
    "https://app.example.com/",
    "https://evil.example,https://app.example.com",
    "http://app.example.com",
    "https://wild.example",
    "https://a.b.wild.example",
    "https://a_b.deep.wild.example",
    "https://-a.wild.example",
    "https://a..wild.example",
    "https://evilwild.example",
    "https://x.wild.example:443",
    "https://x.wild.example:8443",
    "https://x.wild.example:08443",
    "https://x.wild.example:65536",
    "http://x.wild.example",
    "http://x.wild.example:80",
    "http://x.wild.example:0",
    "http://wild.example:81",
    "https://wild.example.https",
    "wild.example.https://evil.example",
    "https://example.com:1",
    "https://never.example:443",
    "https://x.never.example:443",
    "https://x.never.example",
    "http://localhost",
    "http://localhost:65535",
    "http://[::1]:9",
    "https://x." + "a" * 600 + ".wild.example",
    "$http_host",
    '"; add_header X-Evil 1; #',
)

_origins = st.one_of(
    st.just(OriginSet(any_origin=True)),
    st.builds(
        OriginSet,
        exact=st.lists(st.sampled_from(_EXACT), unique=True, max_size=4).map(tuple),
        patterns=st.lists(st.sampled_from(_WILD), unique=True, max_size=4).map(tuple),
    ),
)
_methods = st.lists(st.sampled_from(_METHODS), unique=True, max_size=3).map(tuple)
_tokens = st.lists(st.sampled_from(_TOKENS), unique=True, max_size=3).map(tuple)


@st.composite
def policies(draw: st.DrawFn, url: str) -> Policy:
    names = draw(st.lists(st.sampled_from(_NAMES), unique=True, min_size=1, max_size=3))
    rulesets = {
        name: CorsPolicy(
            name,
            draw(_origins),
            draw(_methods),
            draw(_tokens),
            draw(_tokens),
            allow_credentials=draw(st.booleans()),
            max_age=draw(st.sampled_from([None, 0, 600])),
            allow_timing=draw(st.booleans()),
        )
        for name in names
    }
    services = draw(st.lists(st.sampled_from(_NAMES), unique=True, min_size=1, max_size=2))
    route = st.builds(
        Route,
        path=st.sampled_from(_PATHS),
        service=st.sampled_from(services),
        cors=st.sampled_from([*names, *names, None]),
        match=st.sampled_from(["prefix", "prefix", "exact"]),
        host=st.sampled_from(_HOSTS),
        owner=st.sampled_from(["gateway", "gateway", "gateway", "service"]),
    )
    routes = draw(
        st.lists(route, max_size=8, unique_by=lambda r: (r.path.rstrip("/"), r.match, r.host))
    )
    return Policy(
        Gateway(listen="127.0.0.1:0"),
        {name: Service(name, url) for name in services},
        rulesets,
        tuple(routes),
    )


def requests(policy: Policy) -> Iterator[WireRequest]:
    """Every origin somewhere, every path with a few origins, as preflight and as actual request.

    URLs hold the path as ``decide`` reads it: decoded.
    """
    paths = {"/nowhere"}
    for route in policy.routes:
        bare = route.path.rstrip("/")
        paths |= {route.path, bare or "/", f"{bare}/", f"{bare}/deeper/x", f"{bare or '/'}x"}
    places = [
        f"http://{host or 'any.example'}{path}"
        for host in _HOSTS
        for path in sorted(paths, key=lambda path: (len(path), path))
    ]
    telling = itertools.cycle(ORIGINS)
    for url in places:
        for origin in {next(telling), next(telling), "https://x.wild.example"}:
            yield from _both(url, origin)
    for origin in ORIGINS:
        for url in places[:: max(1, len(places) // 3)]:
            yield from _both(url, origin)


def _both(url: str, origin: str | None) -> Iterator[WireRequest]:
    named = () if origin is None else (("Origin", origin),)
    wanted = ("Access-Control-Request-Method", "PUT")
    yield WireRequest("actual", "GET", url, named)
    yield WireRequest("preflight", "OPTIONS", url, (*named, wanted))
