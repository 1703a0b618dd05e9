"""Targets come from lists, sitemaps, OpenAPI documents and policies."""

from __future__ import annotations

import json

import pytest

from corsage.live.audit import Target
from corsage.live.audit.sources import (
    SourceError,
    from_lines,
    from_openapi,
    from_policy,
    is_openapi,
)
from corsage.policy import load_policy


def test_a_list_has_a_url_on_each_line_and_bare_hosts_mean_https():
    text = "\ufeff# ours\nhttps://a.example/x\n\n  api.example.com/v1  \nhttp://b.example:8080\n"
    assert list(from_lines(text.splitlines())) == [
        "https://a.example/x",
        "https://api.example.com/v1",
        "http://b.example:8080",
    ]


def test_a_sitemap_is_read_however_its_lines_are_broken():
    text = """<?xml version="1.0"?>
      <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.example/?a=1&amp;b=2</loc>
      </url><url><image:loc>https://a.example/i.png</image:loc><loc>
        https://a.example/two
      </loc></url><url><loc><![CDATA[https://a.example/three]]></loc></url></urlset>"""
    assert list(from_lines(text.splitlines())) == [
        "https://a.example/?a=1&b=2",
        "https://a.example/i.png",
        "https://a.example/two",
        "https://a.example/three",
    ]


def test_an_index_of_sitemaps_names_no_pages():
    with pytest.raises(SourceError, match="names other sitemaps"):
        list(from_lines(["<sitemapindex><sitemap><loc>https://a.example/s.xml</loc></sitemap>"]))


DOCUMENT = {
    "openapi": "3.1.0",
    "servers": [
        {"url": "https://{in}.example.com/v1/", "variables": {"in": {"default": "eu"}}},
    ],
    "paths": {
        "/users/{id}": {
            "parameters": [{"name": "id", "in": "path", "example": 42}],
            "get": {},
            "delete": {},
        },
        "/orders/{kind}/{n}": {
            "get": {"parameters": [{"name": "kind", "in": "path", "schema": {"enum": ["new"]}}]}
        },
        "/logins": {"post": {}},
        "/nothing": {"summary": "no operations"},
    },
}


def test_an_openapi_document_names_its_servers_with_every_path_that_has_a_get():
    assert list(from_openapi(json.dumps(DOCUMENT), "api.json")) == [
        "https://eu.example.com/v1/users/42",
        "https://eu.example.com/v1/orders/new/1",
    ]


def test_all_operations_are_asked_for_by_name():
    urls = list(from_openapi(json.dumps(DOCUMENT), "api.json", every_operation=True))
    assert urls[-1] == "https://eu.example.com/v1/logins"
    assert len(urls) == 3


def test_a_server_of_the_users_stands_for_the_documents_own():
    urls = from_openapi(json.dumps(DOCUMENT), "api.json", server="http://127.0.0.1:8000/api")
    assert next(urls) == "http://127.0.0.1:8000/api/users/42"


def test_swagger_2_and_yaml_are_read_too():
    text = "swagger: '2.0'\nhost: api.example.com\nbasePath: /v2\npaths:\n  /a: {get: {}}\n"
    assert is_openapi(text)
    assert list(from_openapi(text, "api.yaml")) == ["https://api.example.com/v2/a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("openapi: 3.0.0\npaths: {/a: {get: {}}}", "--server"),
        ("openapi: 3.0.0\nservers: [{url: /v1}]\npaths: {/a: {get: {}}}", "--server"),
        ("openapi: 3.0.0\n", "without paths"),
        ("openapi: [", "not an OpenAPI document"),
        ("{", "not an OpenAPI document"),
        ("[" * 20_000, "not an OpenAPI document"),
        ("- openapi: 3", "not an OpenAPI document"),
    ],
)
def test_a_document_that_names_no_target_says_what_is_missing(text: str, said: str):
    with pytest.raises(SourceError, match=said):
        list(from_openapi(text, "api.yaml"))


@pytest.mark.parametrize("text", ["https://a.example/openapi: x\n", "# openapi\nhttps://a.example"])
def test_a_list_is_not_taken_for_an_openapi_document(text: str):
    assert not is_openapi(text)


POLICY = """\
version: 1
gateway: {public: https://api.example.com}
services: {a: 'http://127.0.0.1:1'}
policies:
  app:
    allow_origins: [https://app.example.com, 'https://*.preview.example.com']
    allow_credentials: true
  open: {allow_origins: "*"}
routes:
  - {path: /me, service: a, cors: app}
  - {path: /partner, service: a, cors: app, host: partner.example.com}
  - {path: /open, service: a, cors: open}
  - {path: /internal, service: a, cors: none}
"""


def test_every_route_of_a_policy_comes_with_the_origins_that_it_allows():
    targets = {t.url: t for t in from_policy(load_policy(POLICY), "https://staging.example.com")}
    assert list(targets) == [
        "https://staging.example.com/me",
        "https://partner.example.com/partner",
        "https://staging.example.com/open",
        "https://staging.example.com/internal",
    ]
    own = targets["https://staging.example.com/me"]
    assert own.trusted == ("https://app.example.com", "https://app.preview.example.com")
    assert "https://any.preview.example.com" in own.meant
    assert targets["https://staging.example.com/open"].public
    assert targets["https://staging.example.com/internal"].trusted == ()


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "https://", "https://a b/", "https://u:p@a.example"]
)
def test_what_cannot_be_asked_is_no_target(url: str):
    with pytest.raises(ValueError, match=r"http|password"):
        _ = Target(url).parsed


def test_the_password_of_a_url_is_not_repeated():
    with pytest.raises(ValueError, match="a URL with a password") as error:
        _ = Target("https://user:hunter2@a.example/").parsed
    assert "hunter2" not in str(error.value)
