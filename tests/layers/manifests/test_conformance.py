"""The cases of Gateway API's own conformance suite for CORS (HTTPRouteCORS, v1.6.1)."""

from __future__ import annotations

from typing import Any

import pytest

from corsage.browser import Response, WireRequest
from tests.layers.manifests.served import read_objects
from tests.layers.manifests.test_gateway_api import cors

FOO, BAR, DEEP, OTHER = (
    "https://www.foo.com",
    "https://www.bar.com",
    "https://xpto.www.bar.com",
    "https://foobar.com",
)
WILD = {"allowMethods": ["*"], "allowHeaders": ["*"]}
ROUTES = {
    "/list": cors(
        FOO,
        "https://*.bar.com",
        allowMethods=["GET", "OPTIONS"],
        allowHeaders=["x-header-1", "x-header-2"],
        exposeHeaders=["x-header-3", "x-header-4"],
        allowCredentials=True,
        maxAge=3600,
    ),
    "/any-method": cors(FOO, allowMethods=["*"]),
    "/any-origin": cors("*", allowMethods=["PUT"], allowCredentials=False),
    "/any": cors("*", **WILD, allowCredentials=True),
    "/any-without": cors("*", **WILD, allowCredentials=False),
}
LISTED = {
    "Allow-Methods": "GET, OPTIONS",
    "Allow-Headers": "x-header-1, x-header-2",
    "Expose-Headers": "x-header-3, x-header-4",
    "Max-Age": "3600",
    "Allow-Credentials": "true",
}
ASKED = "x-header-1, x-header-2"

Case = tuple[str, str, str, str | None, str | None, dict[str, str | None]]
CASES: list[Case] = [
    # path, method, origin, requested method, requested headers, what must (not) come back
    ("/list", "OPTIONS", FOO, "GET", ASKED, {"Allow-Origin": FOO, **LISTED}),
    ("/list", "OPTIONS", BAR, "GET", ASKED, {"Allow-Origin": BAR, **LISTED}),
    ("/list", "OPTIONS", DEEP, "GET", ASKED, {"Allow-Origin": DEEP, **LISTED}),
    ("/list", "OPTIONS", OTHER, "GET", None, {"Allow-Origin": None}),
    ("/list", "GET", FOO, None, None, {"Allow-Origin": FOO}),
    ("/list", "GET", BAR, None, None, {"Allow-Origin": BAR}),
    ("/list", "GET", OTHER, None, None, {"Allow-Origin": None}),
    (
        "/any-method",
        "OPTIONS",
        FOO,
        "POST",
        None,
        {"Allow-Origin": FOO, "Allow-Methods": "POST", "Allow-Credentials": None},
    ),
    ("/any-method", "OPTIONS", FOO, "POST", None, {"Allow-Credentials": None}),
    (
        "/any-origin",
        "OPTIONS",
        OTHER,
        "PUT",
        None,
        {"Allow-Origin": OTHER, "Allow-Methods": "PUT", "Allow-Credentials": None},
    ),
    ("/any-origin", "OPTIONS", f"{OTHER}:12345", "PUT", None, {"Allow-Origin": f"{OTHER}:12345"}),
    ("/any-origin", "PUT", f"{OTHER}:12345", None, None, {"Allow-Origin": f"{OTHER}:12345"}),
    ("/any-origin", "PUT", OTHER, None, None, {"Allow-Origin": OTHER, "Allow-Credentials": None}),
    (
        "/any",
        "OPTIONS",
        OTHER,
        "PUT",
        ASKED,
        {
            "Allow-Origin": OTHER,
            "Allow-Methods": "PUT",
            "Allow-Headers": ASKED,
            "Allow-Credentials": "true",
        },
    ),
    (
        "/any-without",
        "OPTIONS",
        OTHER,
        "PUT",
        ASKED,
        {"Allow-Origin": OTHER, "Allow-Methods": "PUT", "Allow-Credentials": None},
    ),
    ("/any", "GET", OTHER, None, None, {"Allow-Origin": OTHER, "Allow-Credentials": "true"}),
    ("/any-without", "GET", OTHER, None, None, {"Allow-Origin": OTHER, "Allow-Credentials": None}),
]


def http_route(path: str, filter_: Any) -> Any:
    return {
        "matches": [{"path": {"type": "PathPrefix", "value": path}}],
        "filters": [filter_],
        "backendRefs": [{"name": "infra-backend-v1", "port": 8080}],
    }


ROUTE = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "cors"},
    "spec": {
        "parentRefs": [{"name": "same-namespace"}],
        "rules": [http_route(*each) for each in ROUTES.items()],
    },
}


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{c[1]}-{c[0][1:]}" for n, c in enumerate(CASES)])
def test_the_suite_passes_on_what_is_predicted(case):
    path, method, origin, asked_method, asked_headers, wanted = case
    (instance,) = read_objects([ROUTE]).instances
    headers = [("Origin", origin)]
    if asked_method is not None:
        headers.append(("Access-Control-Request-Method", asked_method))
    if asked_headers is not None:
        headers.append(("Access-Control-Request-Headers", asked_headers))
    request = WireRequest("actual", method, f"https://api.example{path}", tuple(headers))
    reached = []

    def service(onward: WireRequest) -> Response:
        reached.append(onward)
        return Response(200)

    answer = instance.hop(request, service)
    assert answer is not None
    assert answer.status == 200
    # Whatever its origin, a preflight does not reach the service.
    assert bool(reached) == (method != "OPTIONS")
    found = dict(answer.headers)
    for name, value in wanted.items():
        assert found.get(f"Access-Control-{name}") == value
