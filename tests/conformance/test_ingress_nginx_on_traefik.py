"""The annotations on another controller that reads them: Traefik, which takes the place of
ingress-nginx in many clusters.

It has blanks of ``custom-headers`` sent as empty headers, where nginx drops them, and answers all
preflights itself. A browser reads what the policy allows all the same, and nothing else, but for
one kind of path: of an exact one below a prefix, Traefik 3.7 takes the rule that is longer when
written out, which is the prefix's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from corsage.layers import load_target
from corsage.policy import Policy
from tests.conformance.engines import Live, traefik
from tests.conformance.engines.process import free_port, process
from tests.conformance.policies import POLICIES, REFUSED, on_this_machine
from tests.conformance.run import Asked, Run
from tests.conformance.upstream import upstream
from tests.layers.manifests.cluster_api import cluster_api, service

TARGET = load_target("ingress-nginx")
WRITABLE = [name for name in POLICIES if name not in REFUSED["ingress-nginx"]]
CLASS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "IngressClass",
    "metadata": {"name": "nginx"},
    "spec": {"controller": "k8s.io/ingress-nginx"},
}
PROVIDER = "--providers.kubernetesIngressNGINX"


@contextmanager
def running(policy: Policy, folder: Path) -> Iterator[Run]:
    port = free_port()
    with upstream() as behind:
        here = on_this_machine(policy, port, behind.url)
        written = [each for file in TARGET.files(here) for each in _objects(file.text)]
        (controller,) = [o for o in written if o["metadata"]["name"] == "ingress-nginx-controller"]
        ingresses = [each for each in written if each["kind"] == "Ingress"]
        for each in ingresses:  # the tests speak plain http
            each["metadata"]["annotations"]["nginx.ingress.kubernetes.io/ssl-redirect"] = "false"
        with cluster_api([CLASS, *written, *_services(ingresses)]) as api:
            allowed = controller["data"]["global-allowed-response-headers"]
            options = [
                f"--entryPoints.web.address=127.0.0.1:{port}",
                f"{PROVIDER}.endpoint={api}",
                f"{PROVIDER}.token=none",
                f"{PROVIDER}.globalAllowedResponseHeaders={allowed}",
            ]
            with process([str(traefik.PROGRAM), *options], folder, port):
                run = Run(TARGET, policy, Live(port, lambda: behind.seen))
                _wait_for(run)
                yield run


def _objects(text: str) -> list[Any]:
    return [each for each in yaml.safe_load_all(text) if each]


def _services(ingresses: list[Any]) -> list[Any]:
    found = {
        (backend["name"], each["metadata"]["namespace"], backend["port"]["number"])
        for each in ingresses
        for rule in each["spec"]["rules"]
        for path in rule["http"]["paths"]
        for backend in [path["backend"]["service"]]
    }
    return [each for place in found for each in service(*place)]


def _wait_for(run: Run, seconds: float = 20) -> None:
    """It listens before it has read its objects."""
    deadline = time.monotonic() + seconds
    route = run.policy.routes[0]
    number = 0
    while True:
        # Requests are never sent twice.
        answer = run.get(f"{route.path}?waiting={number}", None, host=route.host).response
        if answer is not None and answer.status == 200:
            return
        assert time.monotonic() < deadline, "Traefik does not read the objects"
        time.sleep(0.05)
        number += 1


def _misread(run: Run) -> list[Asked]:
    """The cases of which a browser may read more or less than the policy says."""
    return [
        asked
        for asked in run.asked
        if asked.case.browser
        and asked.verdict.allowed != asked.expected.allowed
        # A 404 that no route has is bare on both controllers.
        and (asked.verdict.allowed or not run.unrouted(asked.case.request.url))
    ]


@pytest.mark.parametrize("name", WRITABLE)
def test_a_browser_may_read_the_same(name: str, tmp_path: Path) -> None:
    exact = [route for route in POLICIES[name].routes if route.match == "exact"]
    with running(POLICIES[name], tmp_path) as run:
        assert len(run.asked) > 20
        wrong = [
            (asked.case.clause, asked.verdict.sent)
            for asked in _misread(run)
            if urlsplit(asked.case.request.url).path not in {route.path for route in exact}
        ]
        assert not wrong, wrong[:3]


def test_an_exact_path_below_a_prefix_gets_the_policy_of_the_prefix(tmp_path: Path) -> None:
    """What people who move from ingress-nginx to Traefik have to look for."""
    with running(POLICIES["lists-and-hosts"], tmp_path) as run:
        paths = {urlsplit(asked.case.request.url).path for asked in _misread(run)}
    # Rules of one length are tried in any order.
    assert paths
    assert paths <= {"/accounts/me", "/status"}
