"""Origins that a callable of the app decides."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from corsage import Cors
from corsage.middleware.asked import AskedOrigins
from corsage.policy import PolicyError
from tests.middleware.conftest import Interface
from tests.middleware.exchange import App, ask_asgi, preflight

TENANT = "https://tenant.example"


class Tenants:
    """A callable that notes what it was asked."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = set(allowed)
        self.asked: list[str] = []

    def __call__(self, origin: str) -> bool:
        self.asked.append(origin)
        return origin in self.allowed


def test_what_the_callable_allows_is_allowed_and_nothing_else(interface: Interface) -> None:
    tenants = Tenants(TENANT)
    cors = interface.around(App(), allow_origins=tenants, allow_credentials=True, max_age=60)

    for _ in range(2):
        granted = interface.ask(cors, headers=(("Origin", TENANT),))
        assert granted.cors() == {
            "access-control-allow-origin": TENANT,
            "access-control-allow-credentials": "true",
        }
        assert interface.ask(cors, **preflight(TENANT)).status == 204
        refused = interface.ask(cors, headers=(("Origin", "https://other.example"),))
        assert refused.cors() == {}
        assert refused.vary() == ["origin"]
        assert interface.ask(cors, **preflight("https://other.example")).status == 403

    assert tenants.asked == [TENANT, "https://other.example"]


def test_a_request_without_an_origin_asks_nobody(interface: Interface) -> None:
    tenants = Tenants()

    answer = interface.ask(interface.around(App(), allow_origins=tenants))

    assert (answer.vary(), tenants.asked) == (["origin"], [])


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "-",
        "*",
        "https://asked.invalid",
        "https://Tenant.example",
        "https://tenant.example/",
        "https://tenant.example:443",
        "https://a.example, https://b.example",
        "' OR 1=1 --",
        "https://" + "a" * 600,
    ],
)
def test_what_no_browser_sends_is_refused(interface: Interface, origin: str) -> None:
    """Whatever the callable would say; it is not even asked about it."""
    asked: list[str] = []
    answers = {"https://asked.invalid": False}
    cors = interface.around(App(), allow_origins=lambda o: asked.append(o) or answers.get(o, True))

    assert interface.ask(cors, headers=(("Origin", origin),)).cors() == {}
    assert interface.ask(cors, **preflight(origin)).status == 403
    assert asked == [o for o in answers if o == origin]


def test_an_error_is_a_denial_and_is_not_remembered(
    interface: Interface, caplog: pytest.LogCaptureFixture
) -> None:
    working = False

    def ask(origin: str) -> bool:
        if not working:
            raise ConnectionError("the database is away")
        return True

    cors = interface.around(App(), allow_origins=ask)

    answer = interface.ask(cors, headers=(("Origin", TENANT),))
    assert (answer.status, answer.cors()) == (200, {})
    assert "the database is away" in caplog.text
    working = True
    assert interface.ask(cors, headers=(("Origin", TENANT),)).cors() != {}


@pytest.mark.parametrize("answer", [1, "yes", None, [True]])
def test_only_true_is_yes(interface: Interface, answer: Any) -> None:
    cors = interface.around(App(), allow_origins=lambda origin: answer)

    assert interface.ask(cors, headers=(("Origin", TENANT),)).cors() == {}


def test_a_callable_cannot_allow_what_a_policy_file_may_not(
    interface: Interface, caplog: pytest.LogCaptureFixture
) -> None:
    """Plain http with credentials: refused as in a file, and with the same hatch."""
    origin = "http://tenant.example"
    asking = {"headers": (("Origin", origin),)}
    options = {"allow_origins": lambda origin: True, "allow_credentials": True}

    assert interface.ask(interface.around(App(), **options), **asking).cors() == {}
    assert "CORS014" in caplog.text
    caplog.clear()
    hatched = interface.around(App(), **options, dangerously_allow_insecure_origins=True)
    assert interface.ask(hatched, **asking).cors()["access-control-allow-origin"] == origin
    assert caplog.text == ""


def _coroutine_function(answer: bool) -> Callable[[str], Awaitable[bool]]:
    async def ask(origin: str) -> bool:
        await asyncio.sleep(0)
        return answer

    return ask


class _AsyncCallable:
    async def __call__(self, origin: str) -> bool:
        return True


@pytest.mark.parametrize(
    ("ask", "allowed"),
    [
        (_coroutine_function(True), True),
        (_coroutine_function(False), False),
        (_AsyncCallable(), True),
        (lambda origin: _coroutine_function(True)(origin), True),
    ],
)
def test_asgi_awaits_a_coroutine(ask: Any, allowed: bool) -> None:
    cors = Cors(App().asgi, allow_origins=ask)

    assert bool(ask_asgi(cors, headers=(("Origin", TENANT),)).cors()) is allowed


@pytest.mark.parametrize("ask", [_coroutine_function(True), _AsyncCallable()])
def test_wsgi_refuses_a_coroutine_function(ask: Any) -> None:
    with pytest.raises(PolicyError, match="cannot be awaited in a WSGI app"):
        Cors(App().wsgi, allow_origins=ask)


def test_an_answer_is_forgotten_after_its_time() -> None:
    now = 0.0
    tenants = Tenants(TENANT)
    asked = AskedOrigins(tenants, 60, lambda origin: None, clock=lambda: now)

    assert asked.allows(TENANT)
    tenants.allowed.clear()
    now = 59.9
    assert asked.allows(TENANT)
    now = 60.0
    assert not asked.allows(TENANT)
    tenants.allowed.add(TENANT)
    now = 119.9
    assert not asked.allows(TENANT)
    now = 120.0
    assert asked.allows(TENANT)
    assert len(tenants.asked) == 3


def test_an_expired_yes_is_no_when_the_callable_fails() -> None:
    now = 0.0
    tenants = Tenants(TENANT)
    asked = AskedOrigins(tenants, 60, lambda origin: None, clock=lambda: now)
    assert asked.allows(TENANT)

    tenants.allowed = None  # type: ignore[assignment]
    now = 60.0

    assert not asked.allows(TENANT)


def test_made_up_origins_do_not_push_out_the_real_ones_nor_fill_the_memory() -> None:
    tenants = Tenants(TENANT)
    asked = AskedOrigins(tenants, 60, lambda origin: None)
    assert asked.allows(TENANT)

    for n in range(10_000):
        assert not asked.allows(f"https://{n}.example")
    tenants.asked.clear()

    assert asked.allows(TENANT)
    assert tenants.asked == []
    assert len(asked._until[False]) < 5000


def test_threads_may_ask_at_once() -> None:
    asked = AskedOrigins(Tenants(TENANT), 0, lambda origin: None)
    wrong: list[str] = []

    def ask(number: int) -> None:
        for n in range(300):
            other = f"https://{number}-{n}.example"
            wrong.extend(o for o in (TENANT, other) if asked.allows(o) is not (o == TENANT))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
