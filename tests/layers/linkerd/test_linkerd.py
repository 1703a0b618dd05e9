"""Linkerd: no CORS is written, and no preflight stops in the mesh."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest
import yaml

from corsage.layers import load_target
from corsage.layers.kubernetes import backend_of
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service
from tests.conformance.policies import POLICIES
from tests.layers.linkerd.mesh import KUBELET, OUTSIDE, UNMESHED, Mesh
from tests.layers.linkerd.schema import SPECS

TARGET = load_target("linkerd")
SERVER = "cors-api-3000"
PREFLIGHT = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "PUT"}


def policy(*routes: Route) -> Policy:
    rules = CorsPolicy("p", OriginSet(("https://app.example.com",)))
    return Policy(Gateway(), {"api": Service("api", "http://api:3000")}, {"p": rules}, routes)


def objects(meant: Policy) -> list[Any]:
    return list(yaml.safe_load_all(TARGET.files(meant)[0].text))


@pytest.fixture
def written() -> list[Any]:
    """A service with one route."""
    return objects(policy(Route("/api", "api", "p", owner="service")))


@pytest.mark.parametrize("name", POLICIES)
def test_every_object_is_as_linkerds_schemas_have_it(name: str) -> None:
    for each in objects(POLICIES[name]):
        assert set(each) == {"apiVersion", "kind", "metadata", "spec"}
        jsonschema.validate(each["spec"], SPECS[each["apiVersion"], each["kind"]])


@pytest.mark.parametrize("name", POLICIES)
def test_names_are_unique_and_every_reference_leads_somewhere(name: str) -> None:
    found = objects(POLICIES[name])
    places = [(o["kind"], o["metadata"]["namespace"], o["metadata"]["name"]) for o in found]
    assert len(places) == len(set(places))
    for each in found:
        spec = each["spec"]
        references = [
            *spec.get("parentRefs", ()),
            *spec.get("requiredAuthenticationRefs", ()),
            *([spec["targetRef"]] if "targetRef" in spec else ()),
        ]
        for to in references:
            assert (to["kind"], each["metadata"]["namespace"], to["name"]) in places


@pytest.mark.parametrize("name", POLICIES)
def test_preflights_reach_the_owner_on_every_route_of_a_policy(name: str) -> None:
    meant = POLICIES[name]
    found = objects(meant)
    for route in meant.routes:
        backend = backend_of(meant.services[route.service])
        mesh = Mesh(found, f"cors-{backend.name}-{backend.port}")
        for method in ("OPTIONS", "GET", "PUT", "patch"):
            assert mesh.status(method, route.path, headers=PREFLIGHT) is None


def test_no_object_speaks_of_cors_headers_or_filters() -> None:
    for meant in POLICIES.values():
        for each in objects(meant):
            assert "filters" not in str(each)
            assert "Access-Control" not in str(each)


def test_the_file_says_where_cors_lives_instead() -> None:
    (file,) = TARGET.files(
        policy(Route("/a", "api", "p"), Route("/b", "api", "p", owner="service"))
    )
    assert "in the gateway for /a\n" in file.text
    assert "in the service for /b\n" in file.text


def test_a_route_for_get_alone_would_stop_preflights(written: list[Any]) -> None:
    """Linkerd finds no route for them: 404, and without CORS headers."""
    narrowed = copy.deepcopy(written)
    for each in narrowed:
        for rule in each["spec"].get("rules", ()):
            for match in rule["matches"]:
                match["method"] = "GET"
    mesh = Mesh(narrowed, SERVER)
    assert mesh.status("GET", "/api") is None
    assert mesh.status("OPTIONS", "/api", headers=PREFLIGHT) == 404


def test_a_route_that_asks_for_a_token_would_stop_preflights(written: list[Any]) -> None:
    """A preflight carries no header of the page: it falls to the rest, which is not authorized."""
    narrowed = copy.deepcopy(written)
    for each in narrowed:
        if each["metadata"]["name"].endswith("-browsers") and each["kind"] == "HTTPRoute":
            each["spec"]["rules"][0]["matches"][0]["headers"] = [{"name": "X-Tenant", "value": "1"}]
    mesh = Mesh([o for o in narrowed if not o["metadata"]["name"].endswith("-rest")], SERVER)
    assert mesh.status("GET", "/api", headers={"X-Tenant": "1"}) is None
    assert mesh.status("OPTIONS", "/api", headers=PREFLIGHT) == 404


def test_without_its_authorization_a_preflight_is_forbidden(written: list[Any]) -> None:
    left = [o for o in written if o["kind"] != "AuthorizationPolicy"]
    assert Mesh(left, SERVER).status("OPTIONS", "/api", headers=PREFLIGHT) == 403


def test_a_gateway_outside_the_mesh_is_not_let_in_silently(written: list[Any]) -> None:
    assert Mesh(written, SERVER).status("OPTIONS", "/api", UNMESHED, PREFLIGHT) == 403


def test_a_cors_filter_makes_linkerd_drop_the_whole_route(written: list[Any]) -> None:
    """What was authorized by it is no longer."""
    filtered = [o for o in copy.deepcopy(written) if not o["metadata"]["name"].endswith("-rest")]
    for each in filtered:
        if each["kind"] == "HTTPRoute" and each["metadata"]["name"].endswith("-browsers"):
            each["spec"]["rules"][0]["filters"] = [{"type": "CORS", "cors": {}}]
    assert Mesh(filtered, SERVER).status("OPTIONS", "/api", headers=PREFLIGHT) == 403


def test_a_rate_limit_counts_preflights(written: list[Any]) -> None:
    mesh = Mesh(written, SERVER, tokens=1)
    assert mesh.status("OPTIONS", "/api", headers=PREFLIGHT) is None
    assert mesh.status("PUT", "/api") == 429


def test_probes_and_other_paths_stay_as_reachable_as_the_cluster_lets_them(
    written: list[Any],
) -> None:
    """The first route of a Server takes away the ones that Linkerd makes for probes."""
    mesh = Mesh(written, SERVER)
    assert mesh.status("GET", "/healthz", KUBELET) is None
    assert mesh.status("GET", "/healthz", OUTSIDE) == 403


def test_probes_pass_where_the_policy_takes_every_path() -> None:
    mesh = Mesh(objects(policy(Route("/", "api", "p"))), SERVER)
    assert mesh.status("GET", "/healthz", KUBELET) is None
    assert mesh.status("GET", "/healthz", OUTSIDE) == 403


def test_many_paths_are_spread_over_rules_and_routes() -> None:
    routes = [Route(f"/p{number}", "api", "p") for number in range(300)]
    found = objects(policy(*routes))
    for each in found:
        jsonschema.validate(each["spec"], SPECS[each["apiVersion"], each["kind"]])
    mesh = Mesh(found, SERVER)
    assert all(mesh.status("OPTIONS", route.path, headers=PREFLIGHT) is None for route in routes)


def test_a_path_that_no_route_can_hold_is_refused() -> None:
    with pytest.raises(FidelityError, match="linkerd cannot enforce"):
        TARGET.files(policy(Route(f"/{'a' * 1024}", "api", "p")))
