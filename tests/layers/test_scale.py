import pytest

from corsage.layers import TARGETS, load_target
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service

ORIGINS = tuple(f"https://tenant{number}.example.com" for number in range(10_000))
ROUTES = tuple(
    Route(f"/route{number}", "api", "tenants", owner=("gateway", "service")[number % 2])
    for number in range(2_000)
)


FEW_ORIGINS = {"traefik", "traefik-crd", "ingress-nginx", "gateway-api", "istio"}
"""Targets whose own formats end a list of origins early."""

NO_ORIGINS = {"linkerd"}
"""Targets that leave CORS to others."""

FEW_ROUTES = {"spring-cloud-gateway"}
"""Targets whose products take minutes to load thousands of routes."""


def policy(origins):
    return Policy(
        gateway=Gateway(public="https://api.example.com"),
        services={"api": Service("api", "http://127.0.0.1:3000")},
        policies={"tenants": CorsPolicy("tenants", OriginSet(origins), ("PUT",))},
        routes=ROUTES,
    )


def text_of(target, origins):
    return "".join(file.text for file in load_target(target).files(policy(origins)))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "target", [name for name in TARGETS if name not in FEW_ORIGINS | NO_ORIGINS | FEW_ROUTES]
)
def test_ten_thousand_origins_and_two_thousand_routes_are_written(target):
    text = text_of(target, ORIGINS)
    assert all(origin in text for origin in (ORIGINS[0], ORIGINS[-1]))
    assert all(route.path in text for route in (ROUTES[0], ROUTES[-1]))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("target", sorted(FEW_ORIGINS | NO_ORIGINS))
def test_two_thousand_routes_are_written_where_a_list_of_origins_is_short(target):
    text = text_of(target, ORIGINS[:60])
    assert all(route.path in text for route in (ROUTES[0], ROUTES[-1]))
    assert target in NO_ORIGINS or all(origin in text for origin in (ORIGINS[0], ORIGINS[59]))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("target", sorted(FEW_ORIGINS))
def test_ten_thousand_origins_are_refused_where_a_list_is_short(target):
    with pytest.raises(FidelityError, match="tenants"):
        text_of(target, ORIGINS)


@pytest.mark.parametrize("target", sorted(FEW_ROUTES))
def test_two_thousand_routes_are_refused_where_they_would_not_load(target):
    with pytest.raises(FidelityError, match="2,000 routes"):
        text_of(target, ORIGINS[:1])
