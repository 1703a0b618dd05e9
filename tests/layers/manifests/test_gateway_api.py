"""HTTPRoutes: what is predicted is what Envoy answers, driven as Envoy Gateway drives it."""

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
    "https://b.example",
    "https://app.example.com.stranger.example",
    "capacitor://localhost",
)


def cors(*origins: str, **fields: Any) -> Any:
    return {"type": "CORS", "cors": {"allowOrigins": list(origins), **fields}}


def edit(**fields: Any) -> Any:
    return {"type": "ResponseHeaderModifier", "responseHeaderModifier": fields}


PREFIX = {"path": {"type": "PathPrefix", "value": "/"}}
RULES: list[list[Any]] = [
    [{}],
    [{"filters": [cors(APP)]}],
    [{"filters": [cors("*")]}],
    [{"filters": [cors("*", allowCredentials=True)]}],
    [{"filters": [cors("https://*.example.com")]}],
    [{"filters": [cors("https://*")]}],
    [{"filters": [cors("https://*:8443")]}],
    [{"filters": [cors("https://*.com", "http://localhost:3000")]}],
    [{"filters": [cors("https://APP.example.com")]}],
    [{"filters": [cors(f"{APP}:443")]}],
    [{"filters": [cors(APP, allowMethods=["*"])]}],
    [{"filters": [cors(APP, allowMethods=["GET", "PUT"], allowHeaders=["X-One", "X-Two"])]}],
    [{"filters": [cors(APP, allowHeaders=["*"])]}],
    [{"filters": [cors(APP, exposeHeaders=["*"], allowCredentials=True)]}],
    [{"filters": [cors(APP, exposeHeaders=["X-Total", "X-Page"], maxAge=600)]}],
    [{"filters": [cors(APP), edit(remove=["Access-Control-Allow-Origin", "Vary"])]}],
    [{"filters": [edit(set=[{"name": "Access-Control-Allow-Origin", "value": "*"}])]}],
    [{"filters": [cors(APP), edit(add=[{"name": "Vary", "value": "Origin"}])]}],
    [{"matches": [{**PREFIX, "method": "GET"}], "filters": [cors(APP)]}],
    [
        {"matches": [{**PREFIX, "method": "GET"}], "filters": [cors(APP)]},
        {"matches": [{**PREFIX, "method": "OPTIONS"}], "filters": [cors(APP, maxAge=60)]},
    ],
    [
        {
            "matches": [{**PREFIX, "headers": [{"name": "x-version", "value": "2"}]}],
            "filters": [cors(APP)],
        },
        {"matches": [PREFIX]},
    ],
    [
        {"matches": [{"path": {"type": "Exact", "value": "/api"}}], "filters": [cors(APP)]},
        {"matches": [{"path": {"type": "PathPrefix", "value": "/api"}}], "filters": [cors("*")]},
    ],
    [
        {
            "matches": [{"path": {"type": "RegularExpression", "value": "/a.*"}}],
            "filters": [cors(APP)],
        }
    ],
    [
        {
            "filters": [
                cors(APP),
                {"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}},
            ]
        }
    ],
]
PATHS = ("/", "/api", "/api/x", "/apix", "/b")


def mutated(seed: int, count: int) -> Iterator[list[Any]]:
    """Rules that nobody thought of."""
    choose = random.Random(seed)
    pool = [APP, "https://*.example.com", "http://b.example", "https://b.example", "https://*"]
    for _ in range(count):
        fields: dict[str, Any] = {}
        if choose.random() < 0.5:
            fields["allowCredentials"] = choose.random() < 0.5
        if choose.random() < 0.5:
            fields["allowMethods"] = choose.choice([["*"], ["PUT"], ["GET", "DELETE"]])
        if choose.random() < 0.5:
            fields["allowHeaders"] = choose.choice([["*"], ["X-One"], ["x-one", "x-two"]])
        if choose.random() < 0.3:
            fields["exposeHeaders"] = choose.choice([["*"], ["X-Total"]])
        if choose.random() < 0.3:
            fields["maxAge"] = choose.randint(1, 9999)
        matches = [{"path": {"type": choose.choice(["Exact", "PathPrefix"]), "value": "/api"}}]
        rules = [{"matches": matches, "filters": [cors(*choose.sample(pool, 2), **fields)]}]
        yield rules if choose.random() < 0.5 else [*rules, {"filters": [cors(APP)]}]


def http_route(host: str, rules: list[Any], port: int) -> Any:
    backend = {"name": "api", "port": port}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": host.partition(".")[0]},
        "spec": {
            "parentRefs": [{"name": "gateway"}],
            "hostnames": [host],
            "rules": [{**rule, "backendRefs": [backend]} for rule in rules],
        },
    }


def test_what_envoy_answers_is_predicted_header_for_header(tmp_path):
    cases = [*RULES, *mutated(7, 30)]
    with upstream() as behind:
        port = int(behind.url.rpartition(":")[2])
        routes = [http_route(f"case{n}.example", rules, port) for n, rules in enumerate(cases)]
        hosts = {each["spec"]["hostnames"][0]: envoys.http_route(each, port) for each in routes}
        instances = read_objects(routes).instances
        asked = [
            request
            for number, host in enumerate(hosts)
            for path in (PATHS if 18 <= number < len(RULES) else PATHS[1:3])
            for request in requests(host, path, ORIGINS)
        ]
        with envoys.running(tmp_path, hosts, port) as listening:
            wrong = differences(listening, instances, asked)
    assert not wrong, f"{len(wrong)}: {wrong[:3]}"
