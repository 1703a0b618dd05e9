"""Paths are found where files name addresses, and never guessed."""

import pytest

from corsage.chain.topology import chains, unresolved
from corsage.layers.site import StatedChain, StatedHop, Workload
from corsage.layers.source import Reading
from corsage.layers.where import Where

COMPOSE = Where("compose.yaml", 3, 3)


def _names(*instances, workloads=(), stated=()):
    return [chain.name for chain in chains(Reading(instances, workloads, stated=stated))]


@pytest.mark.parametrize(
    ("upstream", "reached_at"),
    [
        ("http://billing:3000", "http://billing:3000"),
        ("http://billing:3000", "billing"),
        ("http://127.0.0.1:3000", ":3000"),
        ("http://billing.shop.svc.cluster.local:80", "service/shop/billing:80"),
        ("service/shop/billing:80", "service/shop/billing:80"),
    ],
)
def test_the_next_link_is_what_is_reached_at_the_upstream(make, upstream, reached_at):
    edge = make.layer(upstream=upstream, reached_at=("api.example.com",))
    app = make.layer("express", "billing", reached_at=(reached_at,))
    assert _names(edge, app) == ["nginx edge -> express billing"]


def test_a_service_of_compose_runs_the_app_in_its_folder(make):
    edge = make.layer(upstream="http://billing:3000")
    app = make.layer("express", "billing", file="services/billing/src/app.js")
    other = make.layer("express", "search", file="services/search/app.js")
    workload = Workload("billing", COMPOSE, ("billing",), folder="services/billing")
    assert _names(edge, app, other, workloads=(workload,)) == [
        "nginx edge -> express billing",
        "express search",
    ]


def test_a_service_of_compose_runs_the_configuration_mounted_into_it(make):
    edge = make.layer("traefik", "edge", upstream="http://proxy:80", file="traefik.yml")
    inner = make.layer(file="proxy/conf.d/default.conf")
    workload = Workload("proxy", COMPOSE, ("proxy",), image="nginx:1.29", mounts=("proxy/conf.d",))
    assert _names(edge, inner, workloads=(workload,)) == ["traefik edge -> nginx edge"]


def test_an_image_and_a_folder_of_one_name_are_said_to_be_assumed(make):
    edge = make.layer(upstream="service/default/billing:80")
    app = make.layer("express", "billing", file="billing/app.js")
    workload = Workload("billing", COMPOSE, ("service/default/billing:80",), image="acme/billing:1")
    [chain] = chains(Reading((edge, app), (workload,)))
    assert chain.links[1].assumed == "the image and the folder are both called billing"


def test_an_upstream_that_nothing_is_known_of_ends_the_path(make):
    assert _names(make.layer(upstream="http://billing:3000")) == [
        "nginx edge -> http://billing:3000"
    ]


def test_files_may_be_named_from_the_root(make):
    assert _names(make.layer(file="/etc/nginx/nginx.conf")) == ["nginx edge"]


def test_two_services_on_one_machine_are_told_apart_by_their_ports(make):
    edge = make.layer(upstream="http://localhost:3002")
    first = make.layer("express", "first", reached_at=(":3001",))
    second = make.layer("express", "second", reached_at=(":3002",))
    assert _names(edge, first, second) == ["nginx edge -> express second", "express first"]


def test_a_circle_of_upstreams_ends(make):
    one = make.layer(name="one", upstream="http://two", reached_at=("entry.example.com",))
    two = make.layer(name="two", upstream="http://three", reached_at=("two",))
    three = make.layer(name="three", upstream="http://two", reached_at=("three",))
    assert _names(one, two, three) == ["nginx one -> nginx two -> nginx three -> http://two"]


def test_a_mesh_stands_before_what_it_wraps(make):
    edge = make.layer(upstream="service/default/billing:80")
    mesh = make.layer("linkerd", "billing", reached_at=("service/default/billing:80",))
    app = make.layer("express", "billing", reached_at=("service/default/billing:80",))
    assert _names(edge, mesh, app) == ["nginx edge -> linkerd billing -> express billing"]


def _stated(*hops):
    where = Where("corsage.yaml", 2, 5)
    return StatedChain(
        "https://api.example.com", tuple(StatedHop(kind, text, where) for kind, text in hops), where
    )


def test_a_stated_chain_joins_what_no_file_joins(make):
    edge = make.layer(file="deploy/nginx.conf")
    app = make.layer("express", "billing", file="services/billing/app.js")
    stated = _stated(("file", "deploy/nginx.conf"), ("source", "services/billing"))
    reading = Reading((edge, app), stated=(stated,))
    [chain] = chains(reading)
    assert (chain.name, chain.url) == ("nginx edge -> express billing", "https://api.example.com/")
    assert list(unresolved(reading)) == []


def test_a_stated_hop_that_is_not_there_is_told(make):
    stated = _stated(("file", "deploy/nginx.conf"), ("service", "nobody"))
    reading = Reading((make.layer(file="deploy/nginx.conf"),), stated=(stated,))
    assert [hop.text for hop in unresolved(reading)] == ["nobody"]
