"""HTTPRoutes: what is predicted is what Envoy answers, driven as Envoy Gateway drives it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from corsage.browser import Response, WireRequest
from tests.conformance.engines.process import free_port, process
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


FABRIC = [
    cors(APP),
    cors("*"),
    cors("*", allowCredentials=True),
    cors(APP, "https://*.example.com", allowCredentials=True, maxAge=600),
    cors(APP, allowMethods=["*"], allowHeaders=["*"]),
    cors(
        APP, allowMethods=["GET", "PUT"], allowHeaders=["X-One"], exposeHeaders=["X-Total", "X-P"]
    ),
]


def fabric(number: int, host: str, port: int, filters: Any, upstream_url: str) -> str:
    """What NGINX Gateway Fabric (2.6) writes for a filter."""
    written = filters["cors"]
    keys = [
        "~^" + each.replace(".", "\\.").replace("*", ".*") + "$" for each in written["allowOrigins"]
    ]
    rows = {
        name: "".join(f' "{key}" {value};' for key in keys)
        for name, value in (("origin", "$http_origin"), ("credentials", "true"))
    }
    maps = "".join(f"map $http_origin ${name}{number} {{{row} }}\n" for name, row in rows.items())
    headers = {"Allow-Origin": f"$origin{number}"}
    for field, name, asked in (
        ("allowMethods", "Allow-Methods", "$http_access_control_request_method"),
        ("allowHeaders", "Allow-Headers", "$http_access_control_request_headers"),
        ("exposeHeaders", "Expose-Headers", ""),
    ):
        if field in written:
            headers[name] = asked if written[field] == ["*"] else ", ".join(written[field])
    if written.get("allowCredentials"):
        headers["Allow-Credentials"] = f"$credentials{number}"
    headers["Max-Age"] = str(written.get("maxAge", 5))
    lines = "".join(f' add_header Access-Control-{n} "{v}" always;\n' for n, v in headers.items())
    return (
        f"{maps}server {{ listen 127.0.0.1:{port}; server_name {host};\n location / {{\n"
        f" if ($request_method = OPTIONS) {{ return 200; }}\n{lines}"
        f" proxy_pass {upstream_url};\n}} }}\n"
    )


def test_what_nginx_gateway_fabric_answers_is_predicted(tmp_path, nginx_with_headers_more):
    gateway = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "gateway"},
        "spec": {"gatewayClassName": "nginx", "listeners": [{"name": "http", "protocol": "HTTP"}]},
    }
    port = free_port()
    with upstream() as behind:
        hosts = [f"case{number}.example" for number in range(len(FABRIC))]
        servers = "".join(
            fabric(number, host, port, filters, behind.url)
            for number, (host, filters) in enumerate(zip(hosts, FABRIC, strict=True))
        )
        (tmp_path / "nginx.conf").write_text(
            f"daemon off; pid nginx.pid; error_log stderr; events {{}}\n"
            f"http {{ access_log off;\n{servers}}}\n"
        )
        (tmp_path / "logs").mkdir()
        routes = [
            http_route(host, [{"filters": [each]}], 80)
            for host, each in zip(hosts, FABRIC, strict=True)
        ]
        asked = [request for host in hosts for request in requests(host, "/", ORIGINS)]
        command = [nginx_with_headers_more, "-p", str(tmp_path), "-c", "nginx.conf"]
        with process(command, tmp_path, port):
            wrong = differences(port, read_objects([gateway, *routes]).instances, asked)
    assert not wrong, f"{len(wrong)} of {len(asked)}: {wrong[:3]}"


def gateway(*listeners: tuple[str, str]) -> Any:
    """A Gateway with a listener of each name and protocol."""
    found = [{"name": name, "protocol": protocol, "port": 80} for name, protocol in listeners]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "gateway"},
        "spec": {"gatewayClassName": "eg", "listeners": found},
    }


def test_a_route_of_one_listener_takes_its_scheme_alone():
    """The usual pair: http is redirected, https is served."""
    served = http_route("a.example", [{"filters": [cors(APP)]}], 80)
    redirect = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}
    moved = http_route("a.example", [{"filters": [redirect]}], 80)
    served["spec"]["parentRefs"][0]["sectionName"] = "https"
    moved["spec"]["parentRefs"][0]["sectionName"] = "http"
    both = gateway(("http", "HTTP"), ("https", "HTTPS"))
    for objects in ([both, moved, served], [moved, served]):
        (instance,) = read_objects(objects).instances
        for scheme, status in (("https", 200), ("http", 302)):
            request = WireRequest("actual", "GET", f"{scheme}://a.example/", (("Origin", APP),))
            answer = instance.hop(request, lambda _: Response(200))
            assert answer is not None
            assert answer.status == status


def test_a_route_of_two_listeners_is_one_site():
    route = http_route("a.example", [{"filters": [cors(APP)]}], 80)
    (instance,) = read_objects([gateway(("http", "HTTP"), ("https", "HTTPS")), route]).instances
    assert len(instance.sites) == 1
    assert instance.product == "envoy-gateway"
