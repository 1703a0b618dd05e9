"""Linkerd: what the mesh lets through, and what is said to it of CORS that it does not do."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import yaml

from corsage.browser import Response, WireRequest
from corsage.layers import load_target, rules
from corsage.layers.source import Reading
from corsage.policy.cases import cases
from tests.conformance.policies import POLICIES
from tests.layers.linkerd.mesh import Client, Mesh
from tests.layers.manifests.served import read, read_objects

LINKERD, GATEWAY = "policy.linkerd.io", "gateway.networking.k8s.io"


def made(version: str, kind: str, name: str, **spec: Any) -> Any:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": spec,
    }


def deployment(inject: str = "enabled", image: str = "shop/api:1", name: str = "api") -> Any:
    metadata = {"labels": {"app": name}, "annotations": {"linkerd.io/inject": inject}}
    container = {"name": name, "image": image, "ports": [{"name": "http", "containerPort": 8080}]}
    return made(
        "apps/v1",
        "Deployment",
        name,
        template={"metadata": metadata, "spec": {"containers": [container]}},
    )


SERVICE = made(
    "v1", "Service", "api", selector={"app": "api"}, ports=[{"port": 80, "targetPort": "http"}]
)
SERVER = made(
    f"{LINKERD}/v1beta3", "Server", "api", podSelector={"matchLabels": {"app": "api"}}, port=8080
)
MESHED = made(f"{LINKERD}/v1alpha1", "MeshTLSAuthentication", "meshed", identities=["*"])
CLUSTER = made(
    f"{LINKERD}/v1alpha1", "NetworkAuthentication", "cluster", networks=[{"cidr": "10.0.0.0/8"}]
)
OUTSIDE = made(
    f"{LINKERD}/v1alpha1", "NetworkAuthentication", "outside", networks=[{"cidr": "8.8.8.0/24"}]
)


def route(name: str, *matches: Any, group: str = LINKERD, **rule: Any) -> Any:
    parent = {"group": LINKERD, "kind": "Server", "name": "api"}
    version = f"{LINKERD}/v1beta3" if group == LINKERD else f"{GATEWAY}/v1"
    return made(
        version, "HTTPRoute", name, parentRefs=[parent], rules=[{"matches": list(matches), **rule}]
    )


def authorization(kind: str, name: str, who: str, by: str) -> Any:
    return made(
        f"{LINKERD}/v1alpha1",
        "AuthorizationPolicy",
        f"{kind}-{name}-{who}".lower(),
        targetRef={"group": LINKERD, "kind": kind, "name": name},
        requiredAuthenticationRefs=[{"group": LINKERD, "kind": by, "name": who}],
    )


def path(value: str, **more: Any) -> Any:
    return {"path": {"type": "PathPrefix", "value": value}, **more}


BASE = [SERVICE, deployment(), SERVER, MESHED, CLUSTER, OUTSIDE]
ALL_MESHED = authorization("Server", "api", "meshed", "MeshTLSAuthentication")

MESHES: list[list[Any]] = [
    BASE,
    [*BASE, ALL_MESHED],
    [*BASE, authorization("Server", "api", "cluster", "NetworkAuthentication")],
    [*BASE, authorization("Server", "api", "outside", "NetworkAuthentication")],
    [*BASE, ALL_MESHED, route("get", path("/books", method="GET"))],
    [*BASE, ALL_MESHED, route("books", path("/books"))],
    [
        *BASE,
        route("books", path("/books", method="GET")),
        authorization("HTTPRoute", "books", "meshed", "MeshTLSAuthentication"),
    ],
    [
        *BASE,
        route("books", path("/books", method="GET")),
        route("rest", path("/")),
        authorization("HTTPRoute", "books", "meshed", "MeshTLSAuthentication"),
    ],
    [
        *BASE,
        route("books", path("/books", headers=[{"name": "x-version", "value": "2"}])),
        ALL_MESHED,
    ],
    [
        *BASE,
        ALL_MESHED,
        route("books", path("/books")),
        route("cors", path("/"), group=GATEWAY, filters=[{"type": "CORS", "cors": {}}]),
    ],
    [
        *BASE,
        route("exact", {"path": {"type": "Exact", "value": "/books"}}),
        authorization("HTTPRoute", "exact", "meshed", "MeshTLSAuthentication"),
    ],
]


def status(reading: Reading, method: str, url: str, headers: Any = ()) -> int | None:
    """The status of Linkerd's own answer; None if the request reaches the service."""
    (instance,) = reading.instances
    assert instance.reached_at == ("service/shop/api:80",)
    request = WireRequest("actual", method, f"https://api.example.com{url}", tuple(headers))
    answer = instance.hop(request, lambda _: Response(299))
    assert answer is not None
    return None if answer.status == 299 else answer.status


@pytest.mark.parametrize("number", range(len(MESHES)))
def test_what_reaches_the_service_is_what_the_model_of_the_mesh_lets_through(number):
    objects = MESHES[number]
    mesh = Mesh(objects, "api")
    reading = read_objects(objects)
    for method, url, version in itertools.product(
        ("GET", "OPTIONS", "DELETE"), ("/", "/books", "/books/1", "/booksx"), ("", "2")
    ):
        headers = {"x-version": version} if version else {}
        expected = mesh.status(method, url, Client(), headers)
        assert status(reading, method, url, headers.items()) == expected, (method, url)


def test_what_linkerd_ignores_because_of_a_cors_filter_is_said_at_the_filter():
    text = yaml.safe_dump_all(MESHES[9], sort_keys=False)
    (slip,) = read(text).slips
    assert slip.rule is rules.CORS_IN_THE_MESH
    assert slip.where.source.strip() == "- type: CORS"
    assert "2.19" in slip.why


def test_a_cors_filter_on_a_route_of_a_service_of_the_mesh_is_ignored_with_its_route():
    attached = made(
        f"{GATEWAY}/v1",
        "HTTPRoute",
        "api",
        parentRefs=[{"group": "", "kind": "Service", "name": "api", "port": 80}],
        rules=[{"filters": [{"type": "CORS", "cors": {"allowOrigins": ["*"]}}]}],
    )
    assert [slip.rule for slip in read_objects([SERVICE, deployment(), attached]).slips] == [
        rules.CORS_IN_THE_MESH
    ]
    # Other meshes know the filter.
    assert read_objects([SERVICE, attached]).slips == ()


@pytest.mark.parametrize(
    ("tag", "refuses"),
    [("stable-2.14.10", True), ("edge-26.4.3", True), ("edge-26.4.4", False), ("2.20.0", False)],
)
def test_an_older_linkerd_refuses_the_filter_on_every_route_of_the_cluster(tag, refuses):
    control = deployment("disabled", f"cr.l5d.io/linkerd/policy-controller:{tag}", "destination")
    attached = made(
        f"{GATEWAY}/v1",
        "HTTPRoute",
        "api",
        parentRefs=[{"name": "gateway"}],
        rules=[{"filters": [{"type": "CORS", "cors": {"allowOrigins": ["*"]}}]}],
    )
    found = [slip.rule for slip in read_objects([control, attached]).slips]
    assert found == ([rules.CORS_IN_THE_MESH] if refuses else [])


def test_headers_that_the_mesh_does_not_add_are_told():
    for parent, told in (("Server", True), ("Service", False)):
        attached = route(
            "headers",
            path("/"),
            group=GATEWAY,
            filters=[
                {
                    "type": "ResponseHeaderModifier",
                    "responseHeaderModifier": {
                        "set": [{"name": "Access-Control-Allow-Origin", "value": "*"}],
                        "add": [{"name": "X-Other", "value": "1"}],
                    },
                }
            ],
        )
        group = LINKERD if parent == "Server" else ""
        attached["spec"]["parentRefs"] = [{"group": group, "kind": parent, "name": "api"}]
        found = [slip.rule for slip in read_objects([*BASE, ALL_MESHED, attached]).slips]
        assert found == ([rules.MESH_ADDS_NOTHING] if told else [])


@pytest.mark.parametrize(("number", "answer"), [(4, "404"), (6, "404"), (7, "403"), (8, "404")])
def test_a_preflight_that_the_mesh_does_not_let_through_is_told(number, answer):
    (slip,) = read_objects(MESHES[number]).slips
    assert slip.rule is rules.PREFLIGHT_DENIED_BY_MESH
    assert f"with {answer}" in slip.message
    assert slip.witness == "OPTIONS /books"


@pytest.mark.parametrize("number", [0, 1, 2, 5])
def test_nothing_is_told_where_preflights_fare_as_their_requests(number):
    assert read_objects(MESHES[number]).slips == ()


def test_nothing_is_told_where_the_ingress_answers_preflights():
    backend = {"service": {"name": "api", "port": {"number": 80}}}
    rule = {"host": "a.example", "http": {"paths": [{"path": "/", "backend": backend}]}}
    ingress = made("networking.k8s.io/v1", "Ingress", "api", ingressClassName="nginx", rules=[rule])
    assert len(read_objects([*MESHES[6], ingress]).slips) == 1
    name = "nginx.ingress.kubernetes.io/enable-cors"
    ingress["metadata"]["annotations"] = {name: "true"}
    assert read_objects([*MESHES[6], ingress]).slips == ()


def test_a_rate_limit_that_counts_preflights_is_told_unless_the_ingress_answers_them():
    limit = made(
        f"{LINKERD}/v1alpha1",
        "HTTPLocalRateLimitPolicy",
        "limit",
        targetRef={"group": LINKERD, "kind": "Server", "name": "api"},
        total={"requestsPerSecond": 10},
    )
    (slip,) = read_objects([*BASE, ALL_MESHED, limit]).slips
    assert slip.rule is rules.PREFLIGHT_COUNTED
    assert slip.where.source.strip() == "requestsPerSecond: 10"
    backend = {"service": {"name": "api", "port": {"number": 80}}}
    rule = {"host": "a.example", "http": {"paths": [{"path": "/", "backend": backend}]}}
    ingress = made("networking.k8s.io/v1", "Ingress", "api", ingressClassName="nginx", rules=[rule])
    ingress["metadata"]["annotations"] = {"nginx.ingress.kubernetes.io/enable-cors": "true"}
    assert read_objects([*BASE, ALL_MESHED, limit, ingress]).slips == ()


def test_a_gateway_that_is_not_meshed_gets_nothing_from_a_server_that_asks_for_the_mesh():
    image = "registry.k8s.io/ingress-nginx/controller:v1.15.1"
    controller = deployment("disabled", image, "controller")
    (slip,) = read_objects([*BASE, ALL_MESHED, controller]).slips
    assert slip.rule is rules.PREFLIGHT_DENIED_BY_MESH
    assert "not meshed" in slip.message
    assert read_objects([*BASE, ALL_MESHED, deployment("enabled", image, "controller")]).slips == ()


def test_a_meshed_service_without_a_server_is_open_unless_its_pods_say_otherwise():
    assert status(read_objects([SERVICE, deployment()]), "OPTIONS", "/") is None
    closed = deployment()
    annotations = closed["spec"]["template"]["metadata"]["annotations"]
    annotations["config.linkerd.io/default-inbound-policy"] = "deny"
    assert status(read_objects([SERVICE, closed]), "GET", "/") == 403


def test_routes_of_a_service_take_the_default_route_of_its_callers_away():
    attached = made(
        f"{LINKERD}/v1beta3",
        "HTTPRoute",
        "get",
        parentRefs=[{"group": "core", "kind": "Service", "name": "api", "port": 80}],
        rules=[{"matches": [path("/books", method="GET")]}],
    )
    reading = read_objects([SERVICE, deployment(), attached])
    assert status(reading, "GET", "/books") is None
    assert status(reading, "OPTIONS", "/books") == 404


def test_what_corsage_writes_for_the_mesh_lets_every_case_of_a_policy_through():
    policy = POLICIES["shop"]
    reading = read(*(file.text for file in load_target("linkerd").files(policy)))
    assert reading.slips == ()
    names = [f"cors-{name}" for name in policy.services]
    for case in cases(policy):
        asked = WireRequest("preflight", "OPTIONS", case.request.url, ())
        for instance in reading.instances:
            assert any(name in instance.name for name in names)
            answer = instance.hop(asked, lambda _: Response(299))
            assert answer is not None
            assert answer.status == 299
