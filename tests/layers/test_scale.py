import pytest

from corsage.layers import TARGETS, load_target
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service

ORIGINS = tuple(f"https://tenant{number}.example.com" for number in range(10_000))
ROUTES = tuple(
    Route(f"/route{number}", "api", "tenants", owner=("gateway", "service")[number % 2])
    for number in range(2_000)
)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("target", TARGETS)
def test_ten_thousand_origins_and_two_thousand_routes_are_written(target):
    policy = Policy(
        gateway=Gateway(public="https://api.example.com"),
        services={"api": Service("api", "http://127.0.0.1:3000")},
        policies={"tenants": CorsPolicy("tenants", OriginSet(ORIGINS), ("PUT",))},
        routes=ROUTES,
    )
    text = "".join(file.text for file in load_target(target).files(policy))
    assert all(origin in text for origin in (ORIGINS[0], ORIGINS[-1]))
    assert all(route.path in text for route in (ROUTES[0], ROUTES[-1]))
