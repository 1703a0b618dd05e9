"""The policy changes at run time, whole and at once."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from corsage import Cors
from corsage.policy import PolicyError
from tests.middleware.conftest import Interface
from tests.middleware.exchange import ALLOWED, OPTIONS, App, preflight

OTHER = "https://other.example"
FROM_BOTH = [(("Origin", origin),) for origin in (ALLOWED, OTHER)]


def test_the_next_request_gets_the_new_policy(interface: Interface) -> None:
    cors = interface.around(App(), **OPTIONS)

    cors.replace(allow_origins=[OTHER])

    before, after = (interface.ask(cors, headers=headers) for headers in FROM_BOTH)
    assert before.cors() == {}
    assert after.cors() == {"access-control-allow-origin": OTHER}


def test_a_refused_policy_leaves_the_old_one_in_force(interface: Interface) -> None:
    cors = interface.around(App(), **OPTIONS)

    for options in ({"allow_origins": "*", "allow_credentials": True}, {}):
        with pytest.raises(PolicyError):
            cors.replace(**options)

    assert interface.ask(cors, **preflight(ALLOWED)).status == 204


def test_a_request_under_way_keeps_the_policy_it_began_with() -> None:
    async def main() -> list[Any]:
        entered, released = asyncio.Event(), asyncio.Event()
        sent: list[Any] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            entered.set()
            await released.wait()
            await App().asgi(scope, receive, send)

        async def send(message: Any) -> None:
            sent.append(message)

        cors = Cors(app, **OPTIONS)
        headers = [(b"origin", ALLOWED.encode())]
        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
        request = asyncio.create_task(cors(scope, None, send))
        await entered.wait()
        cors.replace(allow_origins=[OTHER])
        released.set()
        await request
        return sent[0]["headers"]

    assert (b"access-control-allow-origin", ALLOWED.encode()) in asyncio.run(main())


def test_no_request_sees_parts_of_two_policies(interface: Interface) -> None:
    """While one thread changes the policy and others ask."""
    wide = {"allow_origins": [ALLOWED, OTHER], "expose_headers": ["X-Wide"]}
    narrow = {"allow_origins": [ALLOWED], "allow_credentials": True}
    cors = interface.around(App(), **wide)
    expected = {
        ALLOWED: [_granted(ALLOWED, wide), _granted(ALLOWED, narrow)],
        OTHER: [_granted(OTHER, wide), {}],
    }
    done = threading.Event()
    wrong: list[Any] = []

    def ask() -> None:
        while not done.is_set():
            for origin, answers in expected.items():
                got = interface.ask(cors, headers=(("Origin", origin),)).cors()
                if got not in answers:
                    wrong.append(got)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(150):
            cors.replace(**narrow)
            cors.replace(**wide)
    finally:
        done.set()
        for thread in threads:
            thread.join()

    assert wrong == []


def _granted(origin: str, options: dict[str, Any]) -> dict[str, str]:
    headers = {"access-control-allow-origin": origin}
    if "allow_credentials" in options:
        headers["access-control-allow-credentials"] = "true"
    if "expose_headers" in options:
        headers["access-control-expose-headers"] = "X-Wide"
    return headers
