"""What is written for gateways and routes and means something else, or nothing, is told with its
place and what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

from corsage.layers import rules
from corsage.layers.site import Slip
from tests.layers.manifests.served import read, read_objects
from tests.layers.manifests.test_gateway_api import cors, http_route
from tests.layers.manifests.test_istio import virtual_service
from tests.layers.manifests.test_traefik import LIST, REGEX, crd

APP = "https://app.example.com"


def of_route(*filters: Any, gateway_class: str = "", **more: Any) -> tuple[Slip, ...]:
    route = http_route("api.example", [{"filters": list(filters), **more}], 80)
    gateway = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "gateway"},
        "spec": {
            "gatewayClassName": gateway_class,
            "listeners": [{"name": "http", "protocol": "HTTP", "port": 80}],
        },
    }
    return read_objects([route, gateway]).slips


def of_service(**policy: Any) -> tuple[Slip, ...]:
    return read_objects([virtual_service("a.example", [{"corsPolicy": policy}], 80)]).slips


def of_policy(**policy: Any) -> tuple[Slip, ...]:
    cors_policy = {"apiVersion": "gateway.envoyproxy.io/v1alpha1", "kind": "SecurityPolicy"}
    target = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "api"}
    spec = {"targetRefs": [target], "cors": policy}
    route = http_route("api.example", [{}], 80)
    return read_objects([{**cors_policy, "metadata": {"name": "p"}, "spec": spec}, route]).slips


def of_proxy(**policy: Any) -> tuple[Slip, ...]:
    spec = {
        "virtualhost": {"fqdn": "a.example", "corsPolicy": policy},
        "routes": [{"services": [{"name": "api", "port": 80}]}],
    }
    version = "projectcontour.io/v1"
    proxy = {"apiVersion": version, "kind": "HTTPProxy", "metadata": {"name": "p"}, "spec": spec}
    return read_objects([proxy]).slips


def of_middleware(**options: Any) -> tuple[Slip, ...]:
    return read_objects([crd("Middleware", "cors", {"headers": options})]).slips


METHODS = {"allowMethods": ["GET"]}
EXACT = {"allowOrigins": [{"exact": APP}]}

TOLD: list[tuple[Any, tuple[Slip, ...], Any, str, str | None]] = [
    # what is read, the rule, a part of the message, what to write instead
    ("slash", of_route(cors(f"{APP}/")), rules.INERT, "no origin", APP),
    ("path", of_route(cors(f"{APP}/login")), rules.INERT, "no origin", APP),
    ("capitals", of_route(cors("HTTPS://APP.example.com")), rules.INERT, "no origin", APP),
    ("scheme", of_route(cors("capacitor://localhost")), rules.INERT, "no origin", None),
    ("null", of_route(cors("null")), rules.INERT, "no origin", None),
    ("middle", of_route(cors("https://a.*.com")), rules.INERT, "no origin", None),
    ("ipv6", of_route(cors("http://[::1]:3000")), rules.INERT, "no origin", None),
    ("star", of_route(cors("*", APP)), rules.INERT, "* beside others", None),
    ("many", of_route(cors(*[f"https://a{n}.b" for n in range(65)])), rules.INERT, "65", None),
    ("lower", of_route(cors(APP, allowMethods=["get"])), rules.INERT, '"get"', "GET"),
    ("purge", of_route(cors(APP, allowMethods=["PURGE"])), rules.INERT, '"PURGE"', None),
    ("methods", of_route(cors(APP, allowMethods=["*", "GET"])), rules.INERT, "* beside", None),
    ("age 0", of_route(cors(APP, maxAge=0)), rules.INERT, "maxAge", "maxAge: 1"),
    ("age -1", of_route(cors(APP, maxAge=-1)), rules.INERT, "maxAge", "maxAge: 1"),
    ("age text", of_route(cors(APP, maxAge="10m")), rules.INERT, "maxAge", None),
    (
        "field",
        of_route(cors(APP, allow_methods=["GET"])),
        rules.NOT_KNOWN_HERE,
        "no field",
        "allowMethods",
    ),
    ("twice", of_route(cors(APP), cors(APP)), rules.INERT, "one CORS filter", None),
    ("bare", of_route({"type": "CORS"}), rules.INERT, "no field cors", None),
    ("not enforced", of_route(cors(APP), gateway_class="kong"), rules.INERT, "Kong", None),
    ("policy slash", of_policy(allowOrigins=[f"{APP}/"]), rules.INERT, "no origin", APP),
    (
        "policy age",
        of_policy(allowOrigins=[APP], maxAge="600"),
        rules.INERT,
        "maxAge",
        "maxAge: 600s",
    ),
    (
        "glob",
        of_service(allowOrigins=[{"exact": "https://*.a.com"}]),
        rules.MISREAD,
        "as it stands",
        r"regex: https://[a-z0-9-]+\.a\.com",
    ),
    (
        "regex glob",
        of_service(allowOrigins=[{"regex": "https://*.a.com"}]),
        rules.MISREAD,
        "wildcard",
        r"https://[a-z0-9-]+\.a\.com",
    ),
    (
        "no regex",
        of_service(allowOrigins=[{"regex": "(?!x)https://a"}]),
        rules.INERT,
        "no regex",
        None,
    ),
    (
        "old field",
        of_service(allowOrigin=[APP]),
        rules.GONE,
        "allowOrigin",
        "allowOrigins: [{exact: https://app.example.com}]",
    ),
    (
        "text",
        of_service(allowOrigins=[APP]),
        rules.INERT,
        "exact, prefix or regex",
        f"exact: {APP}",
    ),
    (
        "istio star",
        of_service(**EXACT, allowMethods=["*", "GET"]),
        rules.MISREAD,
        "is a name",
        'allowMethods: ["*"]',
    ),
    ("istio method", of_service(**EXACT, allowMethods=["get"]), rules.INERT, '"get"', "GET"),
    ("istio age", of_service(**EXACT, maxAge="600"), rules.INERT, "maxAge", "maxAge: 600s"),
    ("istio age 0", of_service(**EXACT, maxAge="0s"), rules.INERT, "maxAge", None),
    (
        "istio field",
        of_service(**EXACT, allowCredential=True),
        rules.NOT_KNOWN_HERE,
        "no field",
        None,
    ),
    (
        "contour glob",
        of_proxy(allowOrigin=["https://*.a.com"], **METHODS),
        rules.MISREAD,
        "as it stands",
        r"https://[a-z0-9-]+\.a\.com",
    ),
    (
        "contour dots",
        of_proxy(allowOrigin=["https://.*.a.com"], **METHODS),
        rules.MISREAD,
        "as it stands",
        r"https://[a-z0-9-]+\.a\.com",
    ),
    ("contour none", of_proxy(allowOrigin=[APP]), rules.INERT, "without allowMethods", None),
    (
        "contour field",
        of_proxy(allowOrigin=[APP], allowOrigins=[APP], **METHODS),
        rules.NOT_KNOWN_HERE,
        "allowOrigins",
        "allowOrigin",
    ),
    (
        "traefik glob",
        of_middleware(**{LIST: ["https://*.a.com"]}),
        rules.MISREAD,
        "as it stands",
        f"{REGEX}: ['^https://[a-z0-9-]+\\.a\\.com$']",
    ),
    (
        "traefik regex glob",
        of_middleware(**{REGEX: ["https://*.a.com"]}),
        rules.MISREAD,
        "wildcard",
        r"https://[a-z0-9-]+\.a\.com",
    ),
    ("traefik old", of_middleware(accessControlAllowOrigin="*"), rules.GONE, "3.0", LIST),
    (
        "traefik typo",
        of_middleware(accessControlAllowOrigins=[APP]),
        rules.NOT_KNOWN_HERE,
        "no option",
        None,
    ),
]


@pytest.mark.parametrize("case", TOLD, ids=[each[0] for each in TOLD])
def test_it_is_told_with_what_to_write_instead(case):
    _, slips, rule, message, fix = case
    (slip,) = slips
    assert slip.rule is rule
    assert message in slip.message
    assert slip.where.line > 0
    assert slip.where.source
    if fix is not None:
        assert slip.fix == fix


FINE: list[tuple[str, tuple[Slip, ...]]] = [
    ("route", of_route(cors(APP, "https://*.example.com:8443", "http://localhost:3000"))),
    ("star", of_route(cors("*", allowMethods=["*"], allowHeaders=["*"], exposeHeaders=["*"]))),
    ("service", of_service(**EXACT, allowMethods=["GET"], maxAge="24h", allowCredentials=True)),
    ("regexes", of_service(allowOrigins=[{"regex": r"https://.*\.a\.com"}, {"prefix": APP}])),
    ("policy", of_policy(allowOrigins=["https://*.a.com", "capacitor://x"], maxAge="1h30m")),
    ("proxy", of_proxy(allowOrigin=[APP, "*", r"https://.*\.a\.com"], **METHODS)),
    ("middleware", of_middleware(**{LIST: [APP, "*"], REGEX: [r"^https://.*\.a\.com$"]})),
]


@pytest.mark.parametrize("case", FINE, ids=[each[0] for each in FINE])
def test_nothing_is_told_of_what_is_right(case):
    assert case[1] == ()


def test_a_route_for_one_method_never_sees_its_preflight():
    match = {"path": {"type": "PathPrefix", "value": "/api"}, "method": "PUT"}
    (slip,) = of_route(cors(APP), matches=[match])
    assert slip.rule is rules.PREFLIGHT_NOT_ROUTED
    assert "PUT" in slip.message
    # Envoy Gateway adds the route by itself, for the filter.
    assert of_route(cors(APP), matches=[match], gateway_class="eg") == ()


def test_a_route_for_a_header_never_sees_its_preflight():
    header = {"name": "x-version", "value": "2"}
    match = {"path": {"type": "PathPrefix", "value": "/"}, "headers": [header]}
    (slip,) = of_route(cors(APP), matches=[match], gateway_class="eg")
    assert slip.rule is rules.PREFLIGHT_NOT_ROUTED


def test_a_router_for_one_method_never_sees_its_preflight():
    middleware = crd("Middleware", "cors", {"headers": {LIST: [APP]}})
    route = {"match": "Host(`a.example`) && Method(`GET`)", "middlewares": [{"name": "cors"}]}
    router = crd("IngressRoute", "api", {"routes": [route]})
    assert [slip.rule for slip in read_objects([middleware, router]).slips] == [
        rules.PREFLIGHT_NOT_ROUTED
    ]


def test_the_group_that_traefik_no_longer_reads_can_be_mended():
    text = "apiVersion: traefik.containo.us/v1alpha1\nkind: Middleware\n"
    (slip,) = read(f"{text}metadata: {{name: a}}\nspec: {{}}\n").slips
    assert slip.rule is rules.GONE
    (edit,) = slip.edits
    assert (edit.start, edit.end, edit.text) == ((1, 13), (1, 41), "traefik.io/v1alpha1")


def test_a_limit_in_front_of_the_headers_counts_preflights():
    limit = crd("Middleware", "limit", {"rateLimit": {"average": 10}})
    middleware = crd("Middleware", "cors", {"headers": {LIST: [APP]}})
    names = [{"name": "limit"}, {"name": "cors"}]
    for order, told in ((names, [rules.PREFLIGHT_COUNTED]), (names[::-1], [])):
        router = crd(
            "IngressRoute", "r", {"routes": [{"match": "Path(`/`)", "middlewares": order}]}
        )
        found = [slip.rule for slip in read_objects([limit, middleware, router]).slips]
        assert found == told


@pytest.mark.parametrize("version", ["v1alpha2", "v1beta1"])
def test_older_versions_of_gateway_api_are_told(version):
    route = http_route("api.example", [{}], 80)
    route["apiVersion"] = f"gateway.networking.k8s.io/{version}"
    assert [slip.rule for slip in read_objects([route]).slips] == [rules.GONE]
