"""Every example does what its ``expect:`` lines say, with its services and gateway running."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from corsage.browser import Request, judge
from corsage.gateway import running
from corsage.live.client import Client
from corsage.policy.asking import requests_of
from corsage.policy.load import load_policy
from corsage.policy.model import Expectation, Policy
from examples.shop.addresses import free_base
from examples.shop.demo import open_shop, shop_policy
from tests.examples.processes import ROOT

pytestmark = pytest.mark.nginx

FOLDERS = ("one-gateway", "gateway-and-uploads", "direct-services", "public-api")
PORT = re.compile(r"(?<=:)85(\d\d)\b")


def read(folder: str, base: int = 8500) -> tuple[str, Policy]:
    """An example's policy file, moved to the block of ports that begins at ``base``."""
    text = (ROOT / "examples" / folder / "cors.yaml").read_text()
    moved = PORT.sub(lambda port: str(base + int(port[1])), text)
    return moved, load_policy(moved)


def lines(policies: dict[str, Policy]) -> list:
    return [
        pytest.param(name, number, id=f"{name}: {expectation.text}")
        for name, policy in policies.items()
        for number, expectation in enumerate(policy.expectations)
    ]


@contextmanager
def services(folder: str, file: Path) -> Iterator[None]:
    """The example's services, started as its README says."""
    script = ROOT / "examples" / folder / "services.py"
    with subprocess.Popen(
        [sys.executable, str(script), str(file)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert "ready\n" in iter(process.stdout.readline, ""), "the services did not start"
            yield
        finally:
            process.terminate()


def client_for(policy: Policy) -> Client:
    """Asks the public origins where they really are: behind what would end TLS for them."""
    gateway = policy.gateway.public_origin
    places = {gateway: f"http://{policy.gateway.listen}"}
    for route in policy.routes:
        if route.host is not None:
            places[f"https://{route.host}"] = policy.services[route.service].url
    return Client(places, resolve=places)


@pytest.fixture(scope="module")
def example(tmp_path_factory) -> Iterator:
    """Start an example once, and give its policy and a client for it."""
    with ExitStack() as stack:
        started: dict[str, tuple[Policy, Client]] = {}

        def start(folder: str) -> tuple[Policy, Client]:
            if folder not in started:
                text, policy = read(folder, free_base(20_000))
                file = tmp_path_factory.mktemp(folder) / "cors.yaml"
                file.write_text(text)
                stack.enter_context(services(folder, file))
                if any(route.owner == "gateway" for route in policy.routes):
                    stack.enter_context(running(policy))
                started[folder] = policy, client_for(policy)
            return started[folder]

        yield start


def assert_holds(expectation: Expectation, policy: Policy, client: Client) -> None:
    requests = list(requests_of(policy, expectation))
    assert requests
    for request in requests:
        verdict = judge(request, client)
        assert verdict.outcome == ("allowed" if expectation.allowed else "blocked")


@pytest.mark.parametrize(("folder", "number"), lines({f: read(f)[1] for f in FOLDERS}))
def test_an_example_does_what_its_file_expects(example, folder, number):
    policy, client = example(folder)
    assert_holds(policy.expectations[number], policy, client)


@pytest.fixture(scope="module")
def shop() -> Iterator[Policy]:
    policy = shop_policy(free_base(10_000))
    with open_shop(policy):
        yield policy


@pytest.mark.parametrize(("_", "number"), lines({"shop": shop_policy()}))
def test_the_shop_does_what_its_file_expects(shop, _, number):
    assert_holds(shop.expectations[number], shop, Client([shop.gateway.public_origin]))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_route_is_answered_by_its_service_and_by_no_other(example, folder):
    policy, client = example(folder)
    for route in policy.routes:
        base = f"https://{route.host}" if route.host else policy.gateway.public_origin
        request = Request(base + route.path, origin=base)
        wire = judge(request, client).sent[-1][0]
        body = client.exchange(wire, max_body=1000).body
        assert f'"service": "{route.service}"'.encode() in body
