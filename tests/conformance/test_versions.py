"""What a target says it is proven on is what the suite runs, and what it writes for older releases
means the same."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from corsage.layers import load_target
from corsage.layers.versions import for_release
from tests.conformance import engines
from tests.conformance.checks import CHECKS, report
from tests.conformance.engines.process import free_port
from tests.conformance.policies import POLICIES, on_this_machine
from tests.conformance.run import Run
from tests.conformance.upstream import upstream

ENGINES = Path(__file__).parent / "engines"
POM = ENGINES / "spring" / "pom.xml"
GATEWAY_POM = ENGINES / "spring_cloud_gateway" / "pom.xml"
LOCK = Path(__file__).parent / "engines" / "node" / "package-lock.json"


@pytest.mark.parametrize(
    ("name", "packages"),
    [("express", ["express", "cors", "on-headers"]), ("fastify", ["fastify", "fastify-plugin"])],
)
def test_the_packages_of_node_targets_are_the_locked_ones(name: str, packages: list[str]) -> None:
    proven = load_target(name).proven.lower()
    locked = json.loads(LOCK.read_text())["packages"]
    for package in packages:
        assert f"{package} {locked[f'node_modules/{package}']['version']}" in proven


def test_spring_boot_is_the_one_of_the_project_file() -> None:
    pinned = ElementTree.parse(POM).findtext("{*}parent/{*}version")
    assert load_target("spring").proven.startswith(f"Spring Boot {pinned} ")


def test_spring_cloud_gateway_is_the_one_of_the_project_file() -> None:
    project = ElementTree.parse(GATEWAY_POM)
    gateway = project.findtext("{*}dependencies/{*}dependency/{*}version")
    boot = project.findtext("{*}parent/{*}version")
    proven = f"Spring Cloud Gateway {gateway} on Spring Boot {boot}, "
    assert load_target("spring-cloud-gateway").proven.startswith(proven)


def test_the_lock_names_no_host_to_download_from() -> None:
    locked = json.loads(LOCK.read_text())["packages"]
    assert not any("resolved" in package for package in locked.values())
    assert all(package.get("integrity") for name, package in locked.items() if name)


@pytest.mark.parametrize(("name", "release"), [("gateway-api", "1.3"), ("envoy-gateway", "1.1")])
def test_what_is_written_for_an_older_release_means_the_same(
    name: str, release: str, tmp_path: Path
) -> None:
    policy, port = POLICIES["subdomains"], free_port()
    target = for_release(load_target(name), release, policy)
    with upstream() as behind, engines.start(name, tmp_path) as start:
        here = on_this_machine(policy, port, behind.url)
        folder = tmp_path / "run"
        folder.mkdir()
        files = target.files(here)
        with start(engines.Rendered(here, files, folder, port, lambda: behind.seen)) as live:
            run = Run(target, policy, live)
            for check in CHECKS.values():
                assert not report(check, run).failures
