"""The locations of a server take each path to the route that ``decide`` finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corsage.layers.nginx.routes import Location, hosts, locations
from corsage.policy.decide import Decisions
from corsage.policy.model import CorsPolicy, Gateway, Policy, Route, Service
from corsage.policy.origins import OriginSet

_SEGMENTS = st.lists(st.sampled_from(["a", "b", "ab"]), max_size=3)
_PATHS = st.builds(
    lambda segments, slash: "/" + "/".join(segments) + "/" * (slash and bool(segments)),
    _SEGMENTS,
    st.booleans(),
)
_ROUTES = st.builds(
    Route,
    path=_PATHS,
    service=st.just("api"),
    cors=st.just("open"),
    match=st.sampled_from(["prefix", "exact"]),
    host=st.sampled_from([None, "one.example", "two.example"]),
)


def taken_by_nginx(table: list[Location], path: str) -> Route | None:
    """nginx's choice: an exact location, a redirect to a trailing slash, the longest prefix."""
    exact = {location.path: location for location in table if location.exact}
    prefixes = {location.path: location for location in table if not location.exact}
    assert len(exact) + len(prefixes) == len(table), "nginx refuses a duplicate location"
    if path in exact:
        return exact[path].route
    proxied = [each for each in (exact.get(f"{path}/"), prefixes.get(f"{path}/")) if each]
    assert not any(each.route for each in proxied), f"nginx would redirect {path}"
    return prefixes[max((p for p in prefixes if path.startswith(p)), key=len)].route


@given(
    st.lists(_ROUTES, max_size=8, unique_by=lambda r: (r.path.rstrip("/"), r.match, r.host)),
    _PATHS,
    st.sampled_from(["one.example", "two.example", "any.example"]),
)
def test_nginx_and_decide_agree_on_every_path(routes: list[Route], path: str, host: str) -> None:
    policy = Policy(
        Gateway(),
        {"api": Service("api", "http://127.0.0.1:1")},
        {"open": CorsPolicy("open", OriginSet(any_origin=True))},
        tuple(routes),
    )
    server = host if host in hosts(routes) else None
    expected = Decisions(policy).decide("GET", host, path, {}).route
    assert taken_by_nginx(locations(routes, server), path) == expected
