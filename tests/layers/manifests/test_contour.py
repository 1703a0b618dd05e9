"""HTTPProxies: what is predicted is what Envoy answers, driven as Contour drives it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

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
    "https://appxexample.com",
    "https://app.example.com.stranger.example",
)
METHODS = {"allowMethods": ["GET", "PUT"]}
POLICIES: list[dict[str, Any] | None] = [
    None,
    {"allowOrigin": [APP], **METHODS},
    {"allowOrigin": ["*"], **METHODS, "allowCredentials": True},
    {"allowOrigin": ["https://APP.example.com"], **METHODS},
    {"allowOrigin": ["https://*.example.com"], **METHODS},
    {"allowOrigin": ["https://.*.example.com"], **METHODS},
    {"allowOrigin": [r"https://.*\.example\.com"], **METHODS},
    {"allowOrigin": [r"^https://app.example.com$"], **METHODS},
    {"allowOrigin": [r"https://[a-z]+\.b\.example\.com", APP], **METHODS},
    {"allowOrigin": [f"{APP}/"], **METHODS},
    {"allowOrigin": [".*"], **METHODS},
    {"allowOrigin": [APP], "allowMethods": ["*"], "allowHeaders": ["*"], "maxAge": "10m"},
    {"allowOrigin": [APP], "allowMethods": ["*", "GET"], "exposeHeaders": ["X-A", "X-B"]},
]
EXACT = frozenset([APP, "*", "https://APP.example.com", "https://*.example.com"])
# To Go's URL parser this is a host as well.
EXACT_LOOKS_LIKE_REGEX = "https://.*.example.com"


def translated(policy: dict[str, Any]) -> dict[str, Any]:
    """The policy as Contour gives it to Envoy."""
    origins = [
        {"exact": each, "ignore_case": True}
        if each in EXACT or each == EXACT_LOOKS_LIKE_REGEX
        else {"safe_regex": {"regex": each}}
        for each in policy["allowOrigin"]
    ]
    found: dict[str, Any] = {
        "allow_origin_string_match": origins,
        "allow_credentials": policy.get("allowCredentials", False),
        "allow_methods": ",".join(policy["allowMethods"]),
        "allow_headers": ",".join(policy.get("allowHeaders", ())),
        "expose_headers": ",".join(policy.get("exposeHeaders", ())),
    }
    return {**found, **({"max_age": "600"} if "maxAge" in policy else {})}


def proxy(host: str, policy: dict[str, Any] | None, port: int) -> Any:
    virtual = {"fqdn": host, **({"corsPolicy": policy} if policy is not None else {})}
    route = {"conditions": [{"prefix": "/"}], "services": [{"name": "api", "port": port}]}
    return {
        "apiVersion": "projectcontour.io/v1",
        "kind": "HTTPProxy",
        "metadata": {"name": host.partition(".")[0]},
        "spec": {"virtualhost": virtual, "routes": [route]},
    }


def test_what_envoy_answers_is_predicted_header_for_header(tmp_path):
    with upstream() as behind:
        port = urlsplit(behind.url).port or 0
        names = [f"case{number}.example" for number in range(len(POLICIES))]
        proxies = [proxy(host, each, port) for host, each in zip(names, POLICIES, strict=True)]
        hosts = {
            host: [
                envoys.entry({"prefix": "/"}, port, None if each is None else translated(each), {})
            ]
            for host, each in zip(names, POLICIES, strict=True)
        }
        asked = [request for host in names for request in requests(host, "/api", ORIGINS)]
        with envoys.running(tmp_path, hosts, port) as listening:
            wrong = differences(listening, read_objects(proxies).instances, asked)
    assert not wrong, f"{len(wrong)}: {wrong[:3]}"


def test_included_proxies_have_the_prefix_and_the_policy_of_the_one_that_includes_them():
    root = proxy("a.example", {"allowOrigin": [APP], **METHODS}, 80)
    root["spec"]["includes"] = [{"name": "child", "conditions": [{"prefix": "/v2"}]}]
    child = proxy("b.example", None, 90)
    child["metadata"]["name"] = "child"
    del child["spec"]["virtualhost"]
    (instance,) = read_objects([root, child]).instances
    assert [(site.match.path, site.upstream) for site in instance.sites] == [
        ("/", "service/default/api:80"),
        ("/v2", "service/default/api:90"),
    ]
    assert all(site.grant is not None for site in instance.sites)


@pytest.mark.parametrize("name", ["self", "loop"])
def test_proxies_that_include_themselves_end(name):
    root = proxy("self.example", None, 80)
    loop = proxy("loop.example", None, 80)
    root["spec"]["includes"] = [{"name": name}]
    loop["spec"]["includes"] = [{"name": "self"}]
    assert len(read_objects([root, loop]).instances) == 2
