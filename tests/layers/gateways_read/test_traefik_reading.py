"""What is read of Traefik's configuration: in each of its forms, with what is wrong with it."""

from __future__ import annotations

import pytest

from corsage.layers import rules
from corsage.layers.traefik.read import READER
from corsage.patterns import exactly
from tests.layers.gateways_read import live
from tests.layers.manifests.served import upstream

CASES = {case.name: case.text for case in live.cases("traefik")}
LIST = CASES["list"]

TOML = """\
[http.routers.api]
rule = "PathPrefix(`/`)"
service = "app"
middlewares = ["cors"]

[http.middlewares.cors.headers]
accessControlAllowOriginList = [
  "https://app.example.com",
]
accessControlAllowMethods = ["GET", "PUT"]
accessControlAllowHeaders = ["x-one"]
accesscontrolexposeheaders = ["x-total"]
accessControlMaxAge = 600
accessControlAllowCredentials = true
addVaryHeader = true

[[http.services.app.loadBalancer.servers]]
url = "http://127.0.0.1:8000"
"""

LABELS = """\
services:
  api:
    image: api
    labels:
      - traefik.enable=true
      - traefik.http.routers.api.rule=PathPrefix(`/`)
      - "traefik.http.routers.api.middlewares=cors@docker"
      - traefik.http.services.api.loadbalancer.server.port=8000
      - traefik.http.middlewares.cors.headers.accesscontrolalloworiginlist=https://app.example.com
      - traefik.http.middlewares.cors.headers.accesscontrolallowmethods=GET, PUT
      - traefik.http.middlewares.cors.headers.accesscontrolallowheaders=x-one
      - traefik.http.middlewares.cors.headers.accesscontrolexposeheaders=x-total
      - traefik.http.middlewares.cors.headers.accesscontrolmaxage=600
      - traefik.http.middlewares.cors.headers.accesscontrolallowcredentials=true
      - traefik.http.middlewares.cors.headers.addvaryheader=true
"""

FORMS = {"dynamic.yaml": LIST, "dynamic.toml": TOML, "compose.yaml": LABELS}


def reading(path: str, text: str):
    assert READER.detect(path, text)
    return live.read(READER, **{path.replace(".", "__"): text})


def slips(text: str) -> list[str]:
    return [slip.rule.id for slip in reading("dynamic.yaml", text).slips]


@pytest.mark.parametrize("path", FORMS)
def test_every_form_says_the_same(path):
    (instance,) = reading(path, FORMS[path]).instances
    (meant,) = reading("dynamic.yaml", LIST).instances
    for request in live.requests(live.Case("", ""), 80):
        assert live.seen(instance.hop(request, upstream)) == live.seen(meant.hop(request, upstream))


@pytest.mark.parametrize("path", FORMS)
def test_the_entry_stands_where_it_is_written(path):
    (instance,) = reading(path, FORMS[path]).instances
    (site,) = instance.sites
    assert site.grant is not None
    (entry,) = site.grant.entries
    assert entry.language == exactly("https://app.example.com")
    assert entry.where.file == path
    line = FORMS[path].splitlines()[entry.where.line - 1]
    assert line[entry.where.column - 1 :].lstrip('"').startswith("https://app.example.com")
    assert (site.grant.credentials, site.grant.max_age) == (True, 600)
    assert site.grant.methods == ("GET", "PUT")


def test_containers_and_servers_are_where_requests_go():
    upstreams = {
        path: reading(path, text).instances[0].sites[0].upstream for path, text in FORMS.items()
    }
    assert upstreams == {
        "dynamic.yaml": "http://127.0.0.1:APP",
        "dynamic.toml": "http://127.0.0.1:8000",
        "compose.yaml": "http://api:8000",
    }


def test_what_is_configured_well_has_no_slips():
    assert slips(LIST) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("https://app.example.com", "https://*.example.com", rules.MISREAD),
        ("[cors]", "[cors, nowhere]", rules.INERT),
        ("PathPrefix(`/`)", "PathPrefix(`/`", rules.INERT),
        ("accessControlExposeHeaders", "accessControlExposedHeaders", rules.NOT_KNOWN_HERE),
    ],
)
def test_what_does_not_do_what_it_looks_like_is_told(old, new, rule):
    assert old in LIST
    assert rule.id in slips(LIST.replace(old, new))


def test_a_login_before_cors_is_told_and_one_behind_it_is_not():
    assert slips(CASES["login_first"]) == [rules.MIDDLEWARE_ORDER.id]
    assert slips(CASES["login_last"]) == []
