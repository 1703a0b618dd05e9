"""The client has manners: it keeps to limits, waits when it is asked to, and goes nowhere else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from corsage.browser import Response, WireRequest
from corsage.live.audit.client import BudgetSpentError, Client, Limits
from corsage.live.client import NoAnswerError, OffLimitsError


class Served:
    """What a server on loopback has seen; ``answers`` are given in order, the last for ever."""

    def __init__(self, *answers: bytes, gate: int = 0, most: int = 99) -> None:
        self.answers = list(answers) or [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]
        self.heads: list[bytes] = []
        self.connections = 0
        self.at_once = 0
        self.most_at_once = 0
        self.opened = asyncio.Event()
        self.gate = gate
        self.most = most

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            for asked in range(99):
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                if asked == self.most:
                    return
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                if self.gate:
                    # Nobody is answered until as many as may be have come.
                    if self.at_once >= self.gate:
                        self.opened.set()
                    await self.opened.wait()
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                self.at_once -= 1
                writer.write(answer)
                if b"Content-Length" not in answer and b"chunked" not in answer:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


def asking(
    served: Served,
    use: Callable[[Client, str], Awaitable[object]],
    limits: Limits,
    **options: object,
) -> object:
    async def run() -> object:
        server = await asyncio.start_server(served, "127.0.0.1", 0)
        origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, Client([origin], limits=limits, **options) as client:
            return await use(client, origin)

    return asyncio.run(run())


def get(url: str, *headers: tuple[str, str], credentials: bool = False) -> WireRequest:
    return WireRequest("actual", "GET", url, headers, credentials)


LIMITS = Limits(rate=0, retries=0, timeout=5)


def test_connections_are_kept_and_used_again():
    served = Served()

    async def use(client: Client, origin: str) -> None:
        for _ in range(5):
            await client.send(get(origin))

    asking(served, use, LIMITS)
    assert (len(served.heads), served.connections) == (5, 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
def test_a_body_in_chunks_and_early_hints_keep_the_connection_too(answer: bytes):
    served = Served(answer)

    async def use(client: Client, origin: str) -> list[int]:
        return [(await client.send(get(origin))).status for _ in range(3)]

    assert asking(served, use, LIMITS) == [200] * 3
    assert served.connections == 1


def test_every_header_line_is_kept_as_it_was_sent():
    """Also those that stricter parsers refuse, since browsers read them."""
    served = Served(
        b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nno colon here\r\n"
        b"access-control-allow-origin:https://a.example\r\nContent-Length: 0\r\n\r\n"
    )

    async def use(client: Client, origin: str) -> Response:
        return await client.send(get(origin))

    assert asking(served, use, LIMITS).headers == (
        ("Access-Control-Allow-Origin", "*"),
        ("access-control-allow-origin", "https://a.example"),
        ("Content-Length", "0"),
    )


def test_no_more_are_asked_at_once_than_one_origin_may_be():
    served = Served(gate=3)

    async def use(client: Client, origin: str) -> None:
        await asyncio.gather(*(client.send(get(f"{origin}/{n}")) for n in range(12)))

    asking(served, use, Limits(per_host=3, rate=0, retries=0, timeout=10))
    assert served.most_at_once == 3
    assert len(served.heads) == 12


def test_the_pace_is_kept():
    served = Served()
    started = time.monotonic()

    async def use(client: Client, origin: str) -> None:
        await asyncio.gather(*(client.send(get(origin)) for _ in range(6)))

    asking(served, use, Limits(rate=20, retries=0, timeout=10))
    assert time.monotonic() - started >= 5 / 20


def test_a_busy_server_is_given_the_rest_that_it_asks_for():
    served = Served(
        b"HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    )
    started = time.monotonic()

    async def use(client: Client, origin: str) -> int:
        return (await client.send(get(origin))).status

    assert asking(served, use, Limits(rate=0, retries=2, timeout=5)) == 200
    assert time.monotonic() - started >= 1


def test_a_server_that_asks_for_a_long_rest_is_left_alone():
    served = Served(b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n")

    async def use(client: Client, origin: str) -> None:
        await client.send(get(origin))

    with pytest.raises(NoAnswerError, match="3600 s of rest"):
        asking(served, use, Limits(rate=0, retries=2))
    assert len(served.heads) == 1


def test_a_server_that_always_answers_429_is_no_server_without_findings():
    served = Served(b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n")

    async def use(client: Client, origin: str) -> None:
        await client.send(get(origin))

    with pytest.raises(NoAnswerError, match="asked too fast"):
        asking(served, use, Limits(rate=0, retries=1))


def test_a_server_that_stays_busy_is_not_waited_for_again_and_again():
    served = Served(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")

    async def use(client: Client, origin: str) -> list[int]:
        return [(await client.send(get(origin))).status for _ in range(4)]

    assert asking(served, use, Limits(rate=0, retries=1)) == [503] * 4
    assert len(served.heads) == 5


def test_a_kept_connection_that_the_server_gives_up_is_no_failure():
    """It closes as the next request comes; a new connection is made for that."""
    served = Served(most=1)

    async def use(client: Client, origin: str) -> list[int]:
        return [(await client.send(get(origin))).status for _ in range(3)]

    assert asking(served, use, LIMITS) == [200] * 3
    assert served.connections == 3


def test_a_budget_ends_the_asking():
    served = Served()

    async def use(client: Client, origin: str) -> None:
        for _ in range(5):
            await client.send(get(origin))

    with pytest.raises(BudgetSpentError, match="3 requests"):
        asking(served, use, Limits(rate=0, max_requests=3))
    assert len(served.heads) == 3


def test_nobody_is_asked_whom_nobody_named():
    async def use(client: Client, origin: str) -> None:
        await client.send(get("http://elsewhere.example/"))

    with pytest.raises(OffLimitsError):
        asking(Served(), use, LIMITS)


def test_it_says_who_it_is_and_what_it_was_given():
    served = Served()

    async def use(client: Client, origin: str) -> None:
        await client.send(get(origin, ("Origin", "null"), credentials=True))
        await client.send(get(origin), through_caches=True)

    asking(served, use, LIMITS, headers=(("X-Tenant", "7"),), cookie="a=b", user_agent="me/1")
    first, second = (head.decode().split("\r\n") for head in served.heads)
    assert {"User-Agent: me/1", "Origin: null", "X-Tenant: 7", "Cookie: a=b"} < set(first)
    assert "Cache-Control: no-cache" in first
    assert not any(line.startswith(("Cookie", "Cache-Control")) for line in second)


@pytest.mark.parametrize(
    "asked",
    [
        ("G ET", ()),
        ("GET", (("X", "a\r\nb"),)),
        ("GET", (("X Y", "a"),)),
        ("GET", (("X", "\u20ac"),)),
    ],
)
def test_what_cannot_be_written_as_http_is_not_sent(asked: tuple[str, tuple]):
    served = Served()

    async def use(client: Client, origin: str) -> None:
        await client.send(WireRequest("actual", asked[0], origin, asked[1]))

    with pytest.raises(ValueError, match="cannot be written as"):
        asking(served, use, LIMITS)
    assert served.heads == []
