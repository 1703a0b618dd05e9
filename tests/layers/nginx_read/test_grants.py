"""Whom a location lets read, decided for every origin at once, is whom it lets read one by one."""

from __future__ import annotations

from corsage.browser import Response, WireRequest
from corsage.layers.site import Site
from tests.layers.nginx_read import live
from tests.layers.nginx_read.conftest import MUTANTS_OF_EACH, SEED, instance_of
from tests.layers.nginx_read.mutants import mutants

_POOL = (
    live.APP,
    live.STRANGER,
    "https://x.app.example.com",
    "https://a.b.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com.evil.test",
    "https://appxexample.com",
    "https://wwwxexample.com",
    "https://evilexample.com",
    "https://evil.example",
    "null",
)


def is_read_by(site: Site, url: str, origin: str) -> bool:
    """Whether some method's answer may be read by a page of this origin."""
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        request = WireRequest("actual", method, url, (("Origin", origin),), credentials=True)
        answer = site.hop(request, lambda _: Response(200))
        if answer is None or not 200 <= answer.status < 300:
            continue
        told = [value for name, value in answer.headers if name == "Access-Control-Allow-Origin"]
        if told in ([origin], ["*"]):
            return True
    return False


def test_an_origin_is_in_the_grant_if_it_may_read_and_only_then():
    """On every hand-written configuration and its mutants: what the entries admit is admitted,
    the shortest origin of each entry too, and nobody else is."""
    written = live.cases()
    compared = 0
    for case in (*written, *mutants(written, MUTANTS_OF_EACH, SEED)):
        for site in instance_of(case.text).sites:
            if site.grant is None or site.grant.unknown:
                continue
            entries = site.grant.entries
            shortest = [entry.language.shortest() for entry in entries]
            for origin in (*_POOL, *filter(None, shortest)):
                granted = any(origin in entry.language for entry in entries)
                answer = is_read_by(site, f"http://{live.HOST}{site.example}", origin)
                assert granted == answer, f"{case.name} {site.name} {origin}\n{case.text}"
                compared += 1
    assert compared > 1500
