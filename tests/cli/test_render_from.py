"""``corsage render gateway-api ingress.yaml``: the migration from ingress-nginx, trap by trap.

Each trap is told of with a request (or an origin) that shows it, and what is written is safe.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
import yaml

from corsage.chain.compare import differences
from corsage.chain.surface import of_policy, of_system
from corsage.chain.system import System
from corsage.cli._carried import carried_over, fitted
from corsage.layers import load_target
from corsage.layers.reading import read
from corsage.layers.source import Source
from tests.cli.configuration import ingress, write

APP = "https://app.example.com"
ORIGIN = f'cors-allow-origin: "{APP}"'


class Migrated(NamedTuple):
    cors: dict[str, Any]
    """The CORS filter."""
    told: str
    """What stands on standard error."""


@pytest.fixture
def migrate(corsage, tmp_path):
    """Render Gateway API from an Ingress with some annotations."""

    def migrate(*annotations: str, options: tuple[str, ...] = (), more: str = "") -> Migrated:
        folder = write(tmp_path, ingress_yaml=ingress(*annotations, more=more))
        ran = corsage("render", "gateway-api", f"{folder}/ingress.yaml", *options)
        assert ran.code == 0, ran.err
        routes = [one for one in yaml.safe_load_all(ran.out) if one and one["kind"] == "HTTPRoute"]
        filters = [
            one["cors"]
            for route in routes
            for rule in route["spec"]["rules"]
            for one in rule["filters"]
            if one["type"] == "CORS"
        ]
        return Migrated(filters[0], ran.err)

    return migrate


def test_nothing_changes_where_all_is_said(migrate):
    told = migrate(ORIGIN, 'cors-allow-credentials: "true"', 'cors-max-age: "600"')
    assert "corsage:" not in told.told
    assert told.cors["allowOrigins"] == [APP]
    assert told.cors["allowCredentials"] is True
    assert told.cors["maxAge"] == 600
    assert "PATCH" in told.cors["allowMethods"]


def test_enable_cors_alone_allows_everybody_which_nobody_chose(migrate):
    told = migrate()
    assert told.cors["allowOrigins"] == ["*"]
    assert told.cors["allowCredentials"] is False
    assert "nobody says which, and still is: https://stranger.example" in told.told
    assert "ingress.yaml:6" in told.told


def test_credentials_by_default_are_named(migrate):
    told = migrate(ORIGIN)
    assert told.cors["allowCredentials"] is True
    assert f"{APP} reads https://api.example.com/orders with cookies" in told.told
    assert "nobody says no" in told.told


def test_a_wildcard_is_one_label_and_is_not_widened_unasked(migrate):
    annotation = f'cors-allow-origin: "{APP}, https://*.example.com"'
    strict = migrate(annotation)
    assert strict.cors["allowOrigins"] == [APP]
    assert "it would admit https://a.a.example.com, too, and is not carried over" in strict.told
    assert "is no longer allowed" in strict.told
    widened = migrate(annotation, options=("--widen-wildcards",))
    assert widened.cors["allowOrigins"] == [APP, "https://*.example.com"]
    assert "it now admits https://a.a.example.com, too" in widened.told


def test_a_list_that_was_refused_becomes_what_it_meant(migrate):
    told = migrate(f'cors-allow-origin: "{APP}/"')
    assert told.cors["allowOrigins"] == [APP]
    assert "is refused, and every origin is allowed instead" in told.told
    assert "GET /orders from https://stranger.example is no longer allowed" in told.told or (
        "GET /orders from https://any.example is no longer allowed" in told.told
    )


def test_an_origin_that_was_dropped_stays_out_and_is_named(migrate):
    told = migrate(f'cors-allow-origin: "{APP}, admin.example.com"')
    assert told.cors["allowOrigins"] == [APP]
    assert '"admin.example.com" is dropped from the list' in told.told


@pytest.mark.parametrize("seconds", ["0", "-1"])
def test_a_preflight_that_must_not_be_remembered_is_for_a_second(migrate, seconds):
    told = migrate(ORIGIN, f'cors-max-age: "{seconds}"')
    assert told.cors["maxAge"] == 1
    assert f"the answer to OPTIONS /orders is, for 1 s instead of {seconds}" in told.told


def test_what_a_snippet_overrides_is_a_change(migrate):
    told = migrate(
        ORIGIN,
        more="""\
    nginx.ingress.kubernetes.io/configuration-snippet: |
      more_set_headers "Access-Control-Allow-Origin: https://other.example.com";
""",
    )
    assert f"changes: GET /orders from {APP} with credentials is now allowed" in told.told


def test_the_wildcard_loses_credentials_that_never_worked(migrate):
    told = migrate('cors-allow-origin: "*"', 'cors-allow-credentials: "true"')
    assert told.cors["allowOrigins"] == ["*"]
    assert told.cors["allowCredentials"] is False
    assert "credentials beside every origin" in told.told


def test_a_shared_host_is_refused(corsage, tmp_path):
    folder = write(tmp_path, ingress_yaml=ingress('cors-allow-origin: "https://*.vercel.app"'))
    ran = corsage("render", "gateway-api", folder)
    assert (ran.code, ran.out) == (2, "")
    assert "vercel.app" in ran.err


def test_a_route_by_method_keeps_its_preflight(corsage, tmp_path):
    route = f"""\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: orders}}
spec:
  hosts: [api.example.com]
  gateways: [public]
  http:
    - match: [{{uri: {{prefix: /orders}}, method: {{exact: PUT}}}}]
      corsPolicy:
        allowOrigins: [{{exact: "{APP}"}}]
        allowMethods: [PUT]
        maxAge: 600s
      route: [{{destination: {{host: orders, port: {{number: 80}}}}}}]
"""
    folder = write(tmp_path, route_yaml=route)
    ran = corsage("render", "gateway-api", folder)
    assert ran.code == 0
    assert f"/orders from {APP} is now allowed" in ran.err


@pytest.mark.parametrize("target", ["gateway-api", "nginx", "istio", "traefik", "express"])
def test_what_any_target_does_with_it_is_never_looser_than_what_is_told(tmp_path, target):
    folder = write(tmp_path, ingress_yaml=ingress(ORIGIN, 'cors-max-age: "600"'))
    carried = carried_over([folder], widen_wildcards=False)
    policy, _ = fitted(carried.policy, load_target(target))
    reading = read([Source("ingress.yaml", (tmp_path / "ingress.yaml").read_text())])
    before = of_system(System(reading), "before")
    assert [one for one in differences(before, of_policy(policy, "p")) if one.second.allowed] == []
