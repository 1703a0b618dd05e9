"""IngressRoutes and Ingresses of Traefik: what is predicted is what Traefik answers, which reads
the same objects through its own providers."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corsage.browser import WireRequest
from tests.conformance.engines.process import free_port, process
from tests.conformance.upstream import upstream
from tests.layers.manifests.cluster_api import cluster_api, service
from tests.layers.manifests.served import asking, differences, read_objects, requests

APP = "https://app.example.com"
ORIGINS = (
    None,
    "null",
    APP,
    f"{APP}:8443",
    "https://a.b.example.com",
    "https://app.example.com.stranger.example",
    "https://appxexample.com",
)
LIST, REGEX = "accessControlAllowOriginList", "accessControlAllowOriginListRegex"
CREDENTIALS = {"accessControlAllowCredentials": True}

HEADERS: list[dict[str, Any]] = [
    {LIST: [APP]},
    {LIST: ["*"]},
    {LIST: ["*"], **CREDENTIALS},
    {LIST: [APP], **CREDENTIALS},
    {LIST: ["https://*.example.com"]},
    {LIST: [f"{APP}/"]},
    {REGEX: [APP]},
    {REGEX: [r"^https://app\.example\.com$"], "addVaryHeader": True},
    {REGEX: [".*"], **CREDENTIALS},
    {REGEX: [r"https://[a-z]+\.b\.example\.com"], LIST: [APP]},
    {LIST: [APP], "accessControlAllowMethods": ["GET", "PUT"], "accessControlMaxAge": 600},
    {LIST: [APP], "accessControlAllowMethods": ["*"], "accessControlAllowHeaders": ["*"]},
    {
        LIST: [APP],
        "accessControlAllowMethods": ["*"],
        "accessControlAllowHeaders": ["*"],
        **CREDENTIALS,
    },
    {LIST: [APP], "accessControlExposeHeaders": ["*"], **CREDENTIALS},
    {LIST: [APP], "accessControlExposeHeaders": ["X-Total", "X-Page"], "addVaryHeader": True},
    {"customResponseHeaders": {"Access-Control-Allow-Origin": APP, "X-Secret": ""}},
    {LIST: [APP], "customResponseHeaders": {"Vary": "Accept", "Access-Control-Max-Age": ""}},
    {"accessControlMaxAge": 0},
    {"addVaryHeader": True},
]
RULES = (
    "Host(`{host}`)",
    "Host(`{host}`) && PathPrefix(`/api`)",
    "Host(`{host}`) && Method(`GET`)",
    "Host(`{host}`) && (Path(`/api`) || PathRegexp(`^/b`)) && !Header(`X-Old`, `1`)",
)
ANNOTATED: list[dict[str, str]] = [
    {"enable-cors": "true"},
    {"enable-cors": "true", "cors-allow-credentials": "false"},
    {"enable-cors": "true", "cors-allow-origin": APP},
    {"enable-cors": "true", "cors-allow-origin": f"{APP}, https://b.example"},
    {"enable-cors": "true", "cors-allow-origin": f"{APP}/"},
    {"enable-cors": "true", "cors-allow-origin": "https://*.b.example.com"},
    {"enable-cors": "true", "cors-allow-methods": "*", "cors-allow-headers": "*"},
    {"enable-cors": "true", "cors-expose-headers": "X-Total", "cors-max-age": "600"},
    {"enable-cors": "false", "cors-allow-origin": APP},
    {"enable-cors": "yes"},
    {"enable-cors": "true", "cors-allow-credentials": "no"},
    {"enable-cors": "true", "cors-allow-origin": "   "},
    {"enable-cors": "true", "cors-allow-origin": "*.b.example.com"},
    {"enable-cors": "true", "cors-allow-origin": f"*, {APP}"},
    {"enable-cors": "true", "cors-max-age": "10m", "cors-allow-origin": "https://*.example.com"},
]


def crd(kind: str, name: str, spec: Any) -> Any:
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "default"},
        "spec": spec,
    }


def ingress_routes(port: int) -> Iterator[Any]:
    """A router and its middleware for each case."""
    for number, options in enumerate(HEADERS):
        yield crd("Middleware", f"cors{number}", {"headers": options})
    for number in range(len(HEADERS) + len(RULES)):
        rule = RULES[max(0, number - len(HEADERS))].format(host=f"case{number}.example")
        route = {
            "match": rule,
            "kind": "Rule",
            "middlewares": [{"name": f"cors{number if number < len(HEADERS) else 0}"}],
            "services": [{"name": "api", "port": port}],
        }
        yield crd("IngressRoute", f"route{number}", {"entryPoints": ["web"], "routes": [route]})


def ingresses(port: int) -> Iterator[Any]:
    """An Ingress for each line of annotations."""
    for number, values in enumerate(ANNOTATED):
        backend = {"service": {"name": "api", "port": {"number": port}}}
        path = {"path": "/", "pathType": "Prefix", "backend": backend}
        yield {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {
                "name": f"annotated{number}",
                "namespace": "default",
                "annotations": {
                    **{f"nginx.ingress.kubernetes.io/{n}": v for n, v in values.items()},
                    "nginx.ingress.kubernetes.io/ssl-redirect": "false",
                },
            },
            "spec": {
                "ingressClassName": "traefik",
                "rules": [{"host": f"annotated{number}.example", "http": {"paths": [path]}}],
            },
        }


CLASS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "traefik"},
    "spec": {"controller": "k8s.io/ingress-nginx"},
}


@contextmanager
def running(folder: Path, objects: list[Any], host: str) -> Iterator[int]:
    """A Traefik that reads the objects from an API; yields its port once it knows ``host``."""
    program = Path(sys.executable).with_name("traefik")
    port = free_port()
    with cluster_api(objects) as api:
        command = [
            str(program),
            f"--entryPoints.web.address=127.0.0.1:{port}",
            f"--providers.kubernetesCRD.endpoint={api}",
            "--providers.kubernetesCRD.token=none",
            f"--providers.kubernetesIngressNGINX.endpoint={api}",
            "--providers.kubernetesIngressNGINX.token=none",
            "--providers.kubernetesIngressNGINX.ingressClass=traefik",
            "--log.level=DEBUG",
        ]
        with process(command, folder, port), asking(port) as ask:
            deadline = time.monotonic() + 30
            probe = WireRequest("actual", "GET", f"https://{host}/", ())
            while (answer := ask(probe)) is None or answer.status == 404:
                log = (folder / "output.log").read_text()[-3000:]
                assert time.monotonic() < deadline, f"Traefik does not read its objects:\n{log}"
                time.sleep(0.05)
            yield port


def test_what_traefik_answers_is_predicted_header_for_header(tmp_path):
    with upstream() as behind:
        port = int(behind.url.rpartition(":")[2])
        objects = [*ingress_routes(port), *ingresses(port)]
        (instance,) = read_objects(objects).instances
        cases = len(HEADERS) + len(RULES)
        hosts = [f"case{number}.example" for number in range(cases)]
        asked = [
            request
            for number, host in enumerate(hosts)
            for path in (("/api",) if number < len(HEADERS) else ("/", "/api", "/apix", "/b"))
            for request in requests(host, path, ORIGINS)
        ]
        asked += [
            request
            for number in range(len(ANNOTATED))
            for request in requests(f"annotated{number}.example", "/", ORIGINS)
        ]
        cluster = [CLASS, *objects, *service("api", "default", port)]
        with running(tmp_path, cluster, hosts[0]) as listening:
            wrong = differences(listening, [instance], asked)
    assert not wrong, f"{len(wrong)} of {len(asked)}: {wrong[:3]}"
