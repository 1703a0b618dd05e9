"""What a target says it is proven on is what the suite runs."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from corsage.layers import load_target

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
