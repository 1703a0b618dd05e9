"""Hypothesis strategies: policies that a file can hold, and requests that come near their limits.

Names come from small alphabets, so that origins, paths and lists collide and overlap.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from hypothesis import strategies as st

from corsage.browser import Request
from corsage.policy.model import CorsPolicy, Gateway, Policy, Route, Service
from corsage.policy.near_misses import STRANGER, near_misses
from corsage.policy.origins import OriginPattern, OriginSet

_LABELS = st.sampled_from(["app", "admin", "a", "x-y", "evilapp"])
_BASES = st.sampled_from(["example.com", "partner.example", "api.example.com", "example.org"])
_HOSTS = st.one_of(_BASES, st.builds("{}.{}".format, _LABELS, _BASES))
_PORTS = st.sampled_from([None, None, 8080, 8443])
_LOOPBACK = st.sampled_from(["localhost", "127.0.0.1", "[::1]"])

exact_origins = st.one_of(
    st.builds(lambda host, port: str(OriginPattern("https", host, port=port)), _HOSTS, _PORTS),
    st.builds(lambda host, port: str(OriginPattern("http", host, port=port)), _LOOPBACK, _PORTS),
)
"""Origins that may be allowed with credentials."""

origin_patterns = st.one_of(
    st.builds(OriginPattern, st.just("https"), _HOSTS, st.just(True), _PORTS),
    st.builds(
        OriginPattern,
        st.just("https"),
        _HOSTS,
        st.booleans(),
        st.just(OriginPattern.ANY_PORT),
    ),
    st.builds(OriginPattern, st.just("http"), _LOOPBACK, st.just(False), st.just(-1)),
)

origin_sets = st.builds(
    OriginSet,
    st.lists(exact_origins, max_size=4, unique=True).map(tuple),
    st.lists(origin_patterns, max_size=3, unique=True).map(tuple),
).filter(bool)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE")
HEADERS = ("Authorization", "Content-Type", "X-Request-Id", "X-Other", "Accept", "If-Match")
EXPOSED = ("ETag", "X-Request-Id", "Link", "Location")


def _lists(names: tuple[str, ...], wildcard: bool) -> st.SearchStrategy[tuple[str, ...]]:
    values = (*names, "*") if wildcard else names
    return st.lists(st.sampled_from(values), max_size=4, unique=True).map(tuple)


@st.composite
def cors_policies(draw: st.DrawFn, name: str = "rules") -> CorsPolicy:
    """One policy: with credentials and named origins, or without and perhaps any origin."""
    credentials = draw(st.booleans())
    any_origin = st.just(OriginSet(any_origin=True))
    origins = origin_sets if credentials else st.one_of(origin_sets, any_origin)
    return CorsPolicy(
        name,
        draw(origins),
        allow_methods=draw(_lists(METHODS, not credentials)),
        allow_headers=draw(_lists(HEADERS, not credentials)),
        expose_headers=draw(_lists(EXPOSED, not credentials)),
        allow_credentials=credentials,
        max_age=draw(st.sampled_from([None, -1, 0, 5, 600, 86400])),
        allow_timing=draw(st.booleans()),
    )


_PUBLIC = (
    "https://api.example.com",
    "https://api.example.com:8443",
    "http://api.example.com",
    None,
)
_SEGMENTS = st.lists(st.sampled_from(["a", "ab", "b", "A"]), max_size=3)
_PATHS = _SEGMENTS.map(lambda segments: "/" + "/".join(segments))


@st.composite
def routes(draw: st.DrawFn, names: tuple[str, ...]) -> Route:
    cors = draw(st.sampled_from([*names, None]))
    return Route(
        path=draw(_PATHS),
        service=draw(st.sampled_from(["one", "two"])),
        cors=cors,
        match=draw(st.sampled_from(["prefix", "exact"])),
        host=draw(st.sampled_from([None, None, None, "other.example.com"])),
        owner="gateway" if cors is None else draw(st.sampled_from(["gateway", "service"])),
        max_body=draw(st.sampled_from([None, 0, 4096])),
        rate_limit=draw(st.sampled_from([None, 50])),
        timeout=draw(st.sampled_from([None, 30])),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A whole policy, as valid as one that was read from a file."""
    names = draw(st.sampled_from([("session",), ("session", "public"), ("a", "b", "c")]))
    table = draw(
        st.lists(
            routes(names),
            min_size=1,
            max_size=6,
            unique_by=lambda route: (route.host, route.match, route.path),
        )
    )
    return Policy(
        gateway=Gateway(public=draw(st.sampled_from(_PUBLIC))),
        services={name: Service(name, f"http://{name}.internal:3000") for name in ("one", "two")},
        policies={name: draw(cors_policies(name)) for name in names},
        routes=tuple(table),
    )


@st.composite
def requests(draw: st.DrawFn, policy: Policy) -> Request:
    """A request to a route of ``policy`` or near one, from an allowed origin or near one."""
    return Request(
        url=draw(_urls(policy)),
        origin=draw(_origins(policy)),
        method=draw(st.sampled_from([*METHODS, "patch", "get", "TRACE"])),
        headers=tuple(
            (name, draw(st.sampled_from(["x", "text/plain"])))
            for name in draw(_lists((*HEADERS, "X-Unlisted"), wildcard=False))
        ),
        credentials=draw(st.sampled_from(["omit", "same-origin", "include"])),
        upload_listeners=draw(st.booleans()),
        initiator="xmlhttprequest",
    )


@st.composite
def _urls(draw: st.DrawFn, policy: Policy) -> str:
    route = draw(st.sampled_from(policy.routes))
    tail = draw(st.sampled_from(["", "", "/", "/x", "x", "/a"]))
    path = route.path.rstrip("/") + tail
    path = path if path.startswith("/") else f"/{path}"
    public = urlsplit(policy.gateway.public_origin)
    port = f":{public.port}" if public.port else ""
    host = draw(st.sampled_from([public.hostname, public.hostname, "other.example.com"]))
    return f"{public.scheme}://{host}{port}{path}"


@st.composite
def _origins(draw: st.DrawFn, policy: Policy) -> str:
    rules = draw(st.sampled_from(list(policy.policies.values())))
    origin = draw(st.one_of(st.sampled_from(_members(rules.allow_origins)), exact_origins))
    misses = [miss.origin for miss in near_misses(origin) if miss.browser]
    return draw(st.one_of(st.just(origin), st.sampled_from(misses), st.just(STRANGER)))


def _members(origins: OriginSet) -> list[str]:
    some = [str(OriginSet(patterns=(p,)).witness(OriginSet())) for p in origins.patterns]
    return [*origins.exact, *some, STRANGER] if not origins.any_origin else ["null", STRANGER]
