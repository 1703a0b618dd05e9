"""Kong's cors plugin: who may read, and what is sent to whom (its handler's own rules)."""

from __future__ import annotations

from typing import Any

import pytest

from corsage.browser import Response, WireRequest
from corsage.layers import rules
from corsage.layers.source import Reading
from tests.layers.manifests.served import read_objects

APP, OTHER = "https://app.example.com", "https://other.example"
OWN = (("Access-Control-Allow-Origin", "https://own.example"), ("Vary", "Accept"))


def objects(annotations: Any = (), login: bool = False, **config: Any) -> list[Any]:
    def plugin(name: str, kind: str, settings: Any) -> Any:
        version = "configuration.konghq.com/v1"
        head = {"apiVersion": version, "kind": "KongPlugin", "metadata": {"name": name}}
        return {**head, "plugin": kind, "config": settings}

    backend = {"service": {"name": "api", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    named = {"konghq.com/plugins": "login, cors" if login else "cors", **dict(annotations)}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "api", "annotations": named},
        "spec": {
            "ingressClassName": "kong",
            "rules": [{"host": "a.example", "http": {"paths": [path]}}],
        },
    }
    return [ingress, plugin("cors", "cors", config), plugin("login", "key-auth", {})]


def reading(annotations: Any = (), login: bool = False, **config: Any) -> Reading:
    return read_objects(objects(annotations, login, **config))


def asked(found: Reading, method: str, origin: str | None, preflight: bool = False) -> Any:
    """The status, and the headers by their names after Access-Control-."""
    headers = [("Origin", origin)] if origin else []
    headers += [("Access-Control-Request-Method", "PUT")] if preflight else []
    request = WireRequest("actual", method, "https://a.example/x", tuple(headers))
    answer = found.instances[0].hop(request, lambda _: Response(203, OWN))
    assert answer is not None
    short = [(name.removeprefix("Access-Control-"), value) for name, value in answer.headers]
    return answer.status, short


def origin_of(answer: Any) -> list[str]:
    return [value for name, value in answer[1] if name == "Allow-Origin"]


def test_nothing_configured_allows_everybody():
    assert origin_of(asked(reading(), "GET", OTHER)) == ["*"]
    (site,) = reading().instances[0].sites
    assert site.grant is not None
    assert site.grant.by_default


def test_with_credentials_everybody_is_echoed():
    status, headers = asked(reading(credentials=True), "OPTIONS", OTHER, preflight=True)
    assert status == 200
    assert ("Allow-Origin", OTHER) in headers
    assert ("Allow-Credentials", "true") in headers
    assert ("Vary", "Origin") in headers


def test_one_plain_origin_is_sent_to_everybody():
    for origin in (None, APP, OTHER):
        assert origin_of(asked(reading(origins=[APP]), "GET", origin)) == [APP]


def test_where_none_of_several_fits_the_services_own_is_removed():
    several = reading(origins=[APP, "https://b.example"])
    assert origin_of(asked(several, "GET", APP)) == [APP]
    assert origin_of(asked(several, "GET", OTHER)) == []
    assert origin_of(asked(several, "GET", None)) == []


def test_without_an_origin_nothing_is_touched_if_that_was_asked_for():
    several = reading(origins=[APP, "https://b.example"], allow_origin_absent=False)
    assert origin_of(asked(several, "GET", None)) == ["https://own.example"]


@pytest.mark.parametrize(
    ("entry", "fits", "not_"),
    [
        (r"https://(.+\.)?example\.com", "https://a.b.example.com", "https://example.com.evil.io"),
        (r"(.+\.)?example\.com", "http://a.example.com:8080", "https://exampleacom.io"),
        (r"^https://a\.com|https://b\.com$", "https://a.com.evil.io", "https://c.com"),
    ],
)
def test_regexes_are_tied_to_both_ends_as_the_handler_ties_them(entry, fits, not_):
    found = reading(origins=[entry])
    assert origin_of(asked(found, "GET", fits)) == [fits]
    assert origin_of(asked(found, "GET", not_)) == []
    (site,) = found.instances[0].sites
    assert site.grant is not None
    (allowed,) = site.grant.entries
    assert fits in allowed.language
    assert not_ not in allowed.language


def test_a_preflight_is_answered_before_the_login():
    found = reading(login=True, origins=[APP], max_age=60)
    status, headers = asked(found, "OPTIONS", APP, preflight=True)
    assert (status, ("Max-Age", "60") in headers) == (200, True)
    assert asked(found, "GET", APP)[0] == 401
    assert origin_of(asked(found, "GET", APP)) == [APP]


def test_a_preflight_that_goes_on_has_none_of_the_plugins_headers():
    status, headers = asked(reading(preflight_continue=True), "OPTIONS", APP, preflight=True)
    assert (status, origin_of((status, headers))) == (203, ["https://own.example"])


@pytest.mark.parametrize("origin", ["https://*.example.com", "example.com", "*.example.com"])
def test_what_is_no_origin_to_kong_is_told(origin):
    (slip,) = reading(origins=[origin]).slips
    assert slip.rule is rules.MISREAD
    assert slip.where.source


def test_a_route_of_other_methods_never_sees_its_preflight():
    found = reading({"konghq.com/methods": "GET, PUT"}, origins=[APP])
    assert asked(found, "OPTIONS", APP, preflight=True)[0] == 404
    assert {slip.rule for slip in found.slips} == {rules.PREFLIGHT_NOT_ROUTED}
