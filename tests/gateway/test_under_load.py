"""Policies change while requests are served, and large ones cost no more than small ones."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Self

import pytest

from corsage.gateway import find_engine, find_envoy, running
from corsage.gateway.supervisor import AnyEngine
from corsage.policy.model import CorsPolicy, Policy, Route
from corsage.policy.origins import OriginPattern, OriginSet
from tests.gateway.client import Asker
from tests.gateway.policies import APP, PUBLIC, SESSION, every_kind_of_route, policy_of
from tests.gateway.upstream import Upstream

pytestmark = pytest.mark.nginx

ADMIN = "https://admin.example.com"


@pytest.mark.parametrize("choice", ["wheel", "envoy"])
def test_a_reload_under_load_fails_no_request(
    upstream: Upstream, dead_url: str, choice: str
) -> None:
    engine = find_envoy() if choice == "envoy" else find_engine(choice)
    assert "without cutting" in str(engine)
    policy = every_kind_of_route(upstream.url, dead_url)
    with (
        running(policy, engine=engine, listen="127.0.0.1:0") as gateway,
        Load(gateway.address) as load,
    ):
        for number in range(5):
            load.go_on_for(200)
            gateway.reload(replace(policy, routes=policy.routes[: -1 - number % 2]))
        load.go_on_for(200)
    assert load.failures == []
    assert load.answers == {(200, APP): load.answers.total()}
    assert load.answers.total() > 1000


def test_a_policy_that_is_withdrawn_is_withdrawn_for_open_connections_too(
    engine: AnyEngine, upstream: Upstream, dead_url: str
) -> None:
    policy = every_kind_of_route(upstream.url, dead_url)
    without = replace(SESSION, allow_origins=OriginSet((ADMIN,)))
    with running(policy, engine=engine, listen="127.0.0.1:0") as gateway:
        client = http.client.HTTPConnection(*gateway.address, timeout=20)
        assert allow_origin(client) == APP
        gateway.reload(replace(policy, policies={**policy.policies, "session": without}))
        seen = {allow_origin(client) for _ in range(3)}
        client.close()
        # One answer of the old workers is allowed to those who were connected already.
        assert seen <= {APP, None}
        client = http.client.HTTPConnection(*gateway.address, timeout=20)
        assert allow_origin(client) is None
        client.close()


def allow_origin(client: http.client.HTTPConnection) -> str | None:
    for _ in range(2):
        try:
            client.request("GET", "/auth", headers={"Origin": APP})
            response = client.getresponse()
            response.read()
            return response.headers["Access-Control-Allow-Origin"]
        except (http.client.RemoteDisconnected, ConnectionError):
            client.close()  # nginx 1.22 hangs up on idle connections when it reloads
    raise AssertionError("no answer")


class Load:
    """Four clients that ask over and over on connections which they keep."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.answers: Counter[tuple[int, str | None]] = Counter()
        self.failures: list[Exception] = []
        self._address = address
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(4)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def go_on_for(self, answers: int) -> None:
        target = self.answers.total() + answers
        while self.answers.total() < target and not self.failures:
            time.sleep(0.01)

    def _run(self) -> None:
        client = http.client.HTTPConnection(*self._address, timeout=20)
        while not self._stop.is_set():
            try:
                client.request("GET", "/auth", headers={"Origin": APP})
                response = client.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(error)
                return
            origin = response.headers["Access-Control-Allow-Origin"]
            self.answers[response.status, origin] += 1
        client.close()


def large(url: str, origins: int, patterns: int, routes: int) -> Policy:
    tenants = CorsPolicy(
        "tenants",
        OriginSet(
            tuple(f"https://tenant-{n}.example.com" for n in range(origins)),
            tuple(OriginPattern("https", f"t{n}.example.net", True) for n in range(patterns)),
        ),
        ("GET", "PUT"),
        allow_credentials=True,
    )
    table = tuple(
        Route(f"/area-{n % 40}/service-{n}", "api", "tenants" if n % 2 else "public")
        for n in range(routes)
    )
    return policy_of(table, {"api": url}, tenants, PUBLIC)


def test_ten_thousand_origins_and_two_thousand_routes_load_and_reload(
    engine: AnyEngine, upstream: Upstream, tell: Callable[[str], None]
) -> None:
    policy = large(upstream.url, origins=10_000, patterns=1000, routes=2000)
    begun = time.monotonic()
    with running(policy, engine=engine, listen="127.0.0.1:0") as gateway:
        loaded = time.monotonic()
        gateway.reload(policy)
        reloaded = time.monotonic()
        ask = Asker(gateway.address)
        for origin in (
            "https://tenant-0.example.com",
            "https://tenant-9999.example.com",
            "https://a.b.t999.example.net",
        ):
            answer = ask("GET", "/area-39/service-1999", origin=origin)
            assert answer.values("access-control-allow-origin") == [origin]
        stranger = ask("GET", "/area-39/service-1999", origin="https://tenant-10000.example.com")
        assert stranger.cors == [("vary", "Origin")]
        assert ask("GET", "/area-39/service-1998").values("access-control-allow-origin") == ["*"]
    tell(
        f"10,000 origins, 1,000 wildcards, 2,000 routes on {engine.name} {engine.version}: "
        f"ready in {loaded - begun:.2f} s, reloaded in {reloaded - loaded:.2f} s"
    )
