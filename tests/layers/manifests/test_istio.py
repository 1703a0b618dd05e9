"""VirtualServices: what is predicted is what Envoy answers, driven as istiod drives it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.conformance.upstream import upstream
from tests.layers.manifests import envoys
from tests.layers.manifests.served import differences, read_objects, requests

APP = "https://app.example.com"
ORIGINS = (
    None,
    "null",
    APP,
    f"{APP}:8443",
    "https://a.b.example.com",
    "https://app.example.com.stranger.example",
    "https://appxexample.com",
    "capacitor://localhost",
)
EXACT = {"exact": APP}

ROUTES: list[list[Any]] = [
    [{}],
    [{"corsPolicy": {"allowOrigins": [EXACT]}}],
    [{"corsPolicy": {"allowOrigins": [EXACT], "unmatchedPreflights": "IGNORE"}}],
    [{"corsPolicy": {"allowOrigins": [EXACT], "unmatchedPreflights": "FORWARD"}}],
    [{"corsPolicy": {"allowOrigins": [{"exact": "*"}]}}],
    [{"corsPolicy": {"allowOrigins": [{"exact": "*"}], "allowCredentials": True}}],
    [{"corsPolicy": {"allowOrigins": [{"prefix": APP}]}}],
    [{"corsPolicy": {"allowOrigins": [{"regex": "https://.*"}]}}],
    [{"corsPolicy": {"allowOrigins": [{"regex": ".*"}], "allowCredentials": True}}],
    [{"corsPolicy": {"allowOrigins": [{"regex": ".{1,9}"}]}}],
    [{"corsPolicy": {"allowOrigins": [{"regex": "https://app.example.com"}]}}],
    [{"corsPolicy": {"allowOrigins": [{"regex": r"https://[a-z]+\.example\.com"}, EXACT]}}],
    [{"corsPolicy": {"allowOrigins": [{"regex": r"^https://(.+\.)?example\.com$"}]}}],
    [{"corsPolicy": {"allowOrigins": [{"exact": "https://*.example.com"}]}}],
    [{"corsPolicy": {"allowOrigin": [APP]}}],
    [{"corsPolicy": {"allowOrigins": [EXACT], "allowMethods": ["*"], "allowHeaders": ["*"]}}],
    [{"corsPolicy": {"allowOrigins": [EXACT], "allowMethods": ["*", "GET"]}}],
    [{"corsPolicy": {"allowOrigins": [EXACT], "allowHeaders": ["X-One", "*"]}}],
    [{"corsPolicy": {"allowOrigins": [EXACT], "exposeHeaders": ["*"], "maxAge": "24h"}}],
    [
        {
            "corsPolicy": {"allowOrigins": [EXACT], "maxAge": "10m"},
            "headers": {"response": {"add": {"Vary": "Origin"}, "remove": ["X-Secret"]}},
        }
    ],
    [{"headers": {"response": {"set": {"Access-Control-Allow-Origin": "*"}}}}],
    [
        {
            "match": [{"uri": {"prefix": "/api"}, "method": {"exact": "GET"}}],
            "corsPolicy": {"allowOrigins": [EXACT]},
        },
        {"match": [{"uri": {"prefix": "/"}}]},
    ],
    [
        {
            "match": [{"uri": {"exact": "/api"}}, {"uri": {"regex": "/b.*"}}],
            "corsPolicy": {"allowOrigins": [EXACT], "allowCredentials": True},
        },
        {
            "match": [{"uri": {"prefix": "/api"}, "headers": {"origin": {"prefix": "https:"}}}],
            "corsPolicy": {"allowOrigins": [{"exact": "*"}]},
        },
    ],
    [{"redirect": {"scheme": "https"}, "corsPolicy": {"allowOrigins": [EXACT]}}],
]
PATHS = ("/", "/api", "/apix", "/b")


def mutated(seed: int, count: int) -> Iterator[list[Any]]:
    """Routes that nobody thought of."""
    choose = random.Random(seed)
    pool = [
        EXACT,
        {"prefix": "https://app"},
        {"regex": "https://app.*"},
        {"regex": r"https://[^.]+\.b\.example\.com"},
        {"regex": r"capacitor://\w+"},
        {"exact": "null"},
    ]
    for _ in range(count):
        cors: dict[str, Any] = {"allowOrigins": choose.sample(pool, 2)}
        if choose.random() < 0.5:
            cors["allowCredentials"] = choose.random() < 0.5
        if choose.random() < 0.5:
            cors["allowMethods"] = choose.choice([["*"], ["PUT"], ["GET", "DELETE"]])
        if choose.random() < 0.5:
            cors["allowHeaders"] = choose.choice([["*"], ["X-One"], ["x-one", "x-two"]])
        if choose.random() < 0.3:
            cors["unmatchedPreflights"] = choose.choice(["IGNORE", "FORWARD"])
        yield [{"match": [{"uri": {"prefix": "/api"}}], "corsPolicy": cors}, {}]


def virtual_service(host: str, routes: list[Any], port: int) -> Any:
    to = [{"destination": {"host": "api", "port": {"number": port}}}]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": host.partition(".")[0]},
        "spec": {
            "hosts": [host],
            "gateways": ["gateway"],
            "http": [each if "redirect" in each else {**each, "route": to} for each in routes],
        },
    }


def test_what_envoy_answers_is_predicted_header_for_header(tmp_path):
    cases = [*ROUTES, *mutated(11, 20)]
    with upstream() as behind:
        port = int(behind.url.rpartition(":")[2])
        services = [virtual_service(f"c{n}.example", each, port) for n, each in enumerate(cases)]
        hosts = {each["spec"]["hosts"][0]: envoys.virtual_service(each, port) for each in services}
        instances = read_objects(services).instances
        asked = [
            request
            for number, host in enumerate(hosts)
            for path in (PATHS if 20 < number < len(ROUTES) else PATHS[1:2])
            for request in requests(host, path, ORIGINS)
        ]
        with envoys.running(tmp_path, hosts, port) as listening:
            wrong = differences(listening, instances, asked)
    assert not wrong, f"{len(wrong)}: {wrong[:3]}"
