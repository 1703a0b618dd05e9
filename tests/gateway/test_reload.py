"""The gateway follows its policy file, and a bad policy never replaces a good one."""

from __future__ import annotations

import os
import queue
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from corsage.gateway import Engine, Event, Gateway, GatewayError, find_engine, running
from corsage.gateway.supervisor import AnyEngine
from corsage.policy.model import Policy
from tests.gateway.certificates import certify
from tests.gateway.client import Asker
from tests.gateway.files import policy_text, replace_file
from tests.gateway.policies import APP, PARTNER, every_kind_of_route
from tests.gateway.upstream import Upstream

pytestmark = pytest.mark.nginx

ADMIN = "https://admin.example.com"


@pytest.fixture
def path(tmp_path: Path, upstream: Upstream) -> Path:
    path = tmp_path / "cors.yaml"
    path.write_text(policy_text(upstream.url), encoding="utf-8")
    return path


@contextmanager
def following(path: Path, engine: AnyEngine) -> Iterator[tuple[Gateway, queue.Queue[Event]]]:
    """A gateway that follows its file, and what it says about that."""
    events: queue.Queue[Event] = queue.Queue()

    def note(event: Event) -> None:
        if event.kind != "engine":
            events.put(event)

    stop = threading.Event()
    with running(path, engine=engine, listen="127.0.0.1:0", notify=note) as gateway:
        thread = threading.Thread(target=gateway.follow, args=(stop,))
        thread.start()
        try:
            yield gateway, events
        finally:
            stop.set()
            thread.join()


def allowed(gateway: Gateway, origin: str) -> bool:
    answer = Asker(gateway.address)("GET", "/api", origin=origin)
    return answer.values("access-control-allow-origin") == [origin]


def next_event(events: queue.Queue[Event]) -> Event:
    return events.get(timeout=30)


def test_a_new_policy_is_in_force_once_the_gateway_says_so(
    path: Path, engine: AnyEngine, upstream: Upstream
) -> None:
    with following(path, engine) as (gateway, events):
        assert (allowed(gateway, APP), allowed(gateway, ADMIN)) == (True, False)
        path.write_text(policy_text(upstream.url, f"[{ADMIN}]"), encoding="utf-8")
        assert next_event(events).kind == "reloaded"
        assert (allowed(gateway, APP), allowed(gateway, ADMIN)) == (False, True)
        replace_file(path, policy_text(upstream.url, f"[{APP}]"))
        assert next_event(events).kind == "reloaded"
        assert (allowed(gateway, APP), allowed(gateway, ADMIN)) == (True, False)


def test_a_change_that_keeps_size_and_time_is_noticed(path: Path, quick_engine: Engine) -> None:
    with following(path, quick_engine) as (gateway, events):
        before = path.stat()
        text = path.read_text(encoding="utf-8").replace("app.example", "apq.example")
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert next_event(events).kind == "reloaded"
        assert not allowed(gateway, APP)


def test_a_list_of_origins_in_a_file_of_its_own_is_followed(
    path: Path, quick_engine: Engine, upstream: Upstream
) -> None:
    tenants = path.with_name("tenants.txt")
    tenants.write_text(f"{APP}\n", encoding="utf-8")
    text = policy_text(upstream.url, "[tenants]")
    path.write_text(f"{text}origins:\n  tenants: {{file: tenants.txt}}\n", encoding="utf-8")
    with following(path, quick_engine) as (gateway, events):
        assert allowed(gateway, APP)
        replace_file(tenants, f"{PARTNER}\n")
        assert next_event(events).kind == "reloaded"
        assert (allowed(gateway, APP), allowed(gateway, PARTNER)) == (False, True)
        replace_file(tenants, "https://*.com\n")
        event = next_event(events)
        assert event.kind == "kept"
        assert "tenants.txt:1" in event.text
        assert allowed(gateway, PARTNER)


def test_a_mistake_in_a_file_that_the_policy_began_to_name_is_mended_there(
    path: Path, quick_engine: Engine, upstream: Upstream
) -> None:
    tenants = path.with_name("tenants.txt")
    text = policy_text(upstream.url, "[tenants]")
    with following(path, quick_engine) as (gateway, events):
        replace_file(path, f"{text}origins:\n  tenants: {{file: tenants.txt}}\n")
        assert next_event(events).kind == "kept"
        tenants.write_text(f"{PARTNER}\n", encoding="utf-8")
        assert next_event(events).kind == "reloaded"
        assert (allowed(gateway, APP), allowed(gateway, PARTNER)) == (False, True)


def test_an_address_of_the_caller_s_outlasts_the_policy_s(
    path: Path, quick_engine: Engine, upstream: Upstream
) -> None:
    with following(path, quick_engine) as (gateway, events):
        address = gateway.address
        replace_file(path, policy_text(upstream.url, listen="127.0.0.1:1"))
        assert next_event(events).kind == "reloaded"
        assert gateway.address == address
        assert allowed(gateway, APP)


def test_a_policy_can_move_the_gateway(
    tmp_path: Path, engine: AnyEngine, upstream: Upstream
) -> None:
    def at(port: int) -> str:
        return policy_text(upstream.url, listen=f"127.0.0.1:{port}")

    path = tmp_path / "cors.yaml"
    first, second = two_free_ports()
    path.write_text(at(first), encoding="utf-8")
    with running(path, engine=engine) as gateway:
        assert gateway.address == ("127.0.0.1", first)
        path.write_text(at(second), encoding="utf-8")
        gateway.reload()
        assert gateway.address == ("127.0.0.1", second)
        assert allowed(gateway, APP)
        with pytest.raises(ConnectionRefusedError):
            Asker(("127.0.0.1", first))("GET", "/api")


def two_free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("version: 1\nroutes: ]", "cors.yaml:2:"),
        (policy_text("http://127.0.0.1:1", '"*"'), "cors.yaml:8:"),
        (policy_text("http://nowhere.invalid:1"), "cors.yaml:5: the host nowhere.invalid has no"),
        ("", "cors.yaml:"),
    ],
    ids=["not YAML", "not allowed", "not what nginx can do", "empty"],
)
def test_a_bad_policy_is_refused_with_its_reason_and_the_good_one_stays(
    path: Path, engine: AnyEngine, upstream: Upstream, broken: str, said: str
) -> None:
    with following(path, engine) as (gateway, events):
        replace_file(path, broken)
        event = next_event(events)
        assert event.kind == "kept"
        assert said in event.text
        assert allowed(gateway, APP)
        replace_file(path, policy_text(upstream.url, f"[{ADMIN}]"))
        assert next_event(events).kind == "reloaded"
        assert (allowed(gateway, APP), allowed(gateway, ADMIN)) == (False, True)


def test_a_file_that_is_gone_for_a_while_changes_nothing(path: Path, quick_engine: Engine) -> None:
    with following(path, quick_engine) as (gateway, events):
        away = path.rename(path.with_suffix(".away"))
        assert next_event(events).kind == "kept"
        assert allowed(gateway, APP)
        away.rename(path)
        assert next_event(events).kind == "reloaded"
        assert allowed(gateway, APP)


@pytest.mark.parametrize("which", ["system", "wheel"])
def test_a_renewed_certificate_is_taken_over(path: Path, which: str, upstream: Upstream) -> None:
    folder = path.parent
    certify(folder)
    tls = "127.0.0.1:8443\n  tls: {certificate: cert.pem, key: key.pem}"
    path.write_text(policy_text(upstream.url, listen=tls), encoding="utf-8")
    with following(path, find_engine(which)) as (gateway, events):
        before = certificate(gateway)
        certify(folder)
        while certificate(gateway) == before:  # two files: there may be an event for each
            next_event(events)


def certificate(gateway: Gateway) -> str:
    host, port = gateway.address
    return ssl.get_server_certificate((host, port))


def test_a_policy_given_as_a_value_is_taken_over_and_refused_alike(
    engine: AnyEngine, upstream: Upstream, dead_url: str
) -> None:
    policy = every_kind_of_route(upstream.url, dead_url)
    with running(policy, engine=engine, listen="127.0.0.1:0") as gateway:
        address = gateway.address
        with pytest.raises(GatewayError):
            gateway.reload(without_address(policy))
        assert Asker(address)("GET", "/auth").status == 200
        gateway.reload(replace(policy, routes=policy.routes[1:2]))
        assert gateway.address == address
        assert Asker(address)("GET", "/auth").status == 404


def without_address(policy: Policy) -> Policy:
    service = replace(policy.services["api"], url="http://nowhere.invalid:1")
    return replace(policy, services={**policy.services, "api": service})
