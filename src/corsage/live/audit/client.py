"""Asks many small questions at once, with manners: limits, a pace, retries, no strangers."""

from __future__ import annotations

import asyncio
import email.utils
import os
import re
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from corsage.browser.exchange import Headers, Response, WireRequest
from corsage.browser.url import DEFAULT_PORTS, Url, parse
from corsage.live.audit.connection import ClosedError, Connection
from corsage.live.client import NoAnswerError, OffLimitsError
from corsage.live.message import BadMessageError

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_NAME = re.compile(r"[!-9;-~]+")
_VALUE = re.compile(r"[^\x00\r\n\u0100-\U0010ffff]*")

_BODY_SECONDS = 0.5  # for the rest of a body, after which the connection is given up
_TOO_MANY = 429
_BUSY = frozenset({_TOO_MANY, 503})
_FIRST_PAUSE = 0.5  # seconds before the first retry; each further one waits twice as long
_LONGEST_PAUSE = 30.0  # seconds; a server that wants more is left for another run


class BudgetSpentError(Exception):
    """``max_requests`` have been sent."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard servers may be pressed.

    ``concurrency`` requests at once in all and ``per_host`` at one origin; ``rate`` requests a
    second at one origin (0: as fast as it answers); ``max_requests`` in all (0: no limit);
    ``retries`` after a broken connection, a 429 or a 503; ``timeout`` in seconds for one answer.
    """

    concurrency: int = 64
    per_host: int = 8
    rate: float = 50.0
    max_requests: int = 0
    retries: int = 2
    timeout: float = 10.0


@dataclass(slots=True)
class _Host:
    """One origin that may be asked: where it is, and how busy it is kept."""

    url: Url
    scheme: str
    host: str
    port: int
    slots: asyncio.Semaphore
    idle: list[Connection] = field(default_factory=list)
    next_turn: float = 0.0
    not_before: float = 0.0
    streams: bool = False
    stays_busy: bool = False
    peer: str | None = None


class Client:
    """Asks ``origins`` and no others. Use it as ``async with Client(...) as client``.

    ``resolve`` maps an origin to the ``[scheme://]host[:port]`` where it is asked instead;
    ``headers`` go with every request and ``cookie`` with those that have credentials. ``tls`` None
    verifies certificates with the system's authorities. ``sent`` counts requests.
    """

    def __init__(
        self,
        origins: Iterable[str] = (),
        *,
        limits: Limits | None = None,
        resolve: Mapping[str, str] | None = None,
        headers: Headers = (),
        cookie: str | None = None,
        user_agent: str = "corsage",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._resolve = {_http(origin).origin: at for origin, at in (resolve or {}).items()}
        given = {name.lower() for name, _ in headers}
        own = (("User-Agent", user_agent), ("Accept", "*/*"))
        lines = [*(line for line in own if line[0].lower() not in given), *headers]
        self._lines = [(name.lower(), _line(name, value)) for name, value in lines]
        self._cookie = cookie
        self._tls = tls
        self._slots = asyncio.Semaphore(self._limits.concurrency)
        self._hosts: dict[str, _Host] = {}
        self.sent = 0
        for origin in origins:
            self.allow(origin)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for origin in self._hosts:
            self.rest(origin)

    @property
    def is_spent(self) -> bool:
        """Whether ``max_requests`` have been sent."""
        return bool(self._limits.max_requests) and self.sent >= self._limits.max_requests

    def allow(self, origin: str) -> None:
        """From now on ``origin`` may be asked too; ValueError if it is no http(s) URL."""
        url = _http(origin)
        if url.origin in self._hosts:
            return
        text = self._resolve.get(url.origin, url.origin)
        at = _http(text if "://" in text else f"{url.scheme}://{text}")
        port = at.port if at.port is not None else DEFAULT_PORTS[at.scheme]
        slots = asyncio.Semaphore(self._limits.per_host)
        self._hosts[url.origin] = _Host(
            url, at.scheme, (at.host or "").strip("[]"), port or 0, slots
        )

    def rest(self, origin: str) -> None:
        """Close what is kept open to an origin that nobody asks any more."""
        host = self._hosts.get(origin)
        while host is not None and host.idle:
            host.idle.pop().close()

    def address_of(self, url: str) -> str | None:
        """The IP address at which the URL's origin was reached through DNS; None where the user
        said where to find it, or it was not reached."""
        origin = _http(url).origin
        host = self._hosts.get(origin)
        return None if host is None or origin in self._resolve else host.peer

    async def send(self, request: WireRequest, *, through_caches: bool = False) -> Response:
        """The answer's head; of the server itself unless caches may answer for it.

        Raises :class:`~corsage.live.client.NoAnswerError` when none came,
        :class:`~corsage.live.client.OffLimitsError` for an origin that nobody named,
        :class:`BudgetSpentError`, and ValueError for what cannot be written as HTTP.
        """
        url = _http(request.url)
        host = self._hosts.get(url.origin)
        if host is None:
            raise OffLimitsError(url.origin)
        head = self._head(request, url, host, through_caches)
        pause = _FIRST_PAUSE
        for retries_left in range(self._limits.retries, -1, -1):
            try:
                response = await self._once(host, request.method, head)
            except _WorthAnotherTryError as error:
                if not retries_left:
                    raise NoAnswerError(str(error)) from None
            else:
                if response.status not in _BUSY:
                    return response
                if host.stays_busy or not retries_left:
                    host.stays_busy = True  # no rest helps
                    if response.status == _TOO_MANY:
                        raise NoAnswerError(f"{url.origin} is asked too fast: still 429 (--rate)")
                    return response
                pause = max(pause, _retry_after(response) or 0)
                if pause > _LONGEST_PAUSE:
                    raise NoAnswerError(
                        f"{url.origin} answered {response.status} and asks for {pause:g} s of rest"
                    )
                # Everybody who asks this origin waits, not this request alone.
                host.not_before = max(host.not_before, time.monotonic() + pause)
            await asyncio.sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    async def _once(self, host: _Host, method: str, head: bytes) -> Response:
        # Waiting for one origin's turn keeps no slot from the others.
        async with host.slots:
            await self._turn(host)
            async with self._slots:
                return await self._counted(host, method, head)

    async def _counted(self, host: _Host, method: str, head: bytes) -> Response:
        if self.is_spent:
            raise BudgetSpentError(
                f"the budget of {self._limits.max_requests} requests is spent (--max-requests)"
            )
        self.sent += 1
        return await self._exchange(host, method, head)

    async def _turn(self, host: _Host) -> None:
        """Wait until this origin may be asked again."""
        if self._limits.rate:
            now = time.monotonic()
            at = max(host.next_turn, now)
            host.next_turn = at + 1 / self._limits.rate
            if at > now:
                await asyncio.sleep(at - now)
        while (rest := host.not_before - time.monotonic()) > 0:
            await asyncio.sleep(rest)

    async def _exchange(self, host: _Host, method: str, head: bytes) -> Response:
        origin = host.url.origin
        connection: Connection | None = None
        deadline = time.monotonic() + self._limits.timeout
        try:
            while (connection := self._idle(host)) is not None:
                try:
                    response = await connection.ask(method, head, deadline - time.monotonic())
                    break
                except (ClosedError, ConnectionError):
                    # A server may close what it has kept at any time (RFC 9112, 9.3.1).
                    connection.close()
            else:
                async with asyncio.timeout(self._limits.timeout):
                    connection = await self._connect(host)
                response = await connection.ask(method, head, deadline - time.monotonic())
            await self._put_back(host, connection)
        except TimeoutError:
            message = f"no answer from {origin} within {self._limits.timeout:g} s"
            raise NoAnswerError(message, "timeout") from None
        except BadMessageError as error:
            raise NoAnswerError(f"{origin}: {error}", "broken") from None
        except ClosedError:
            message = f"{origin}: the connection was closed without an answer"
            raise _WorthAnotherTryError(message) from None
        except ssl.SSLCertVerificationError as error:
            raise NoAnswerError(f"TLS with {origin}: {error.verify_message}", "tls") from None
        except ssl.SSLError as error:
            raise NoAnswerError(f"TLS with {origin}: {error.reason or error}", "tls") from None
        except (socket.gaierror, UnicodeError) as error:
            message = f"{origin}: the name {host.host} does not resolve ({error})"
            raise NoAnswerError(message, "unknown host") from None
        except OSError as error:
            raise _WorthAnotherTryError(f"{origin}: {_words(error)}") from None
        finally:
            if connection is not None and connection not in host.idle:
                connection.close()
        return response

    def _idle(self, host: _Host) -> Connection | None:
        while host.idle:
            connection = host.idle.pop()
            if connection.open:
                return connection
        return None

    async def _connect(self, host: _Host) -> Connection:
        loop = asyncio.get_running_loop()
        tls: ssl.SSLContext | None = None
        if host.scheme == "https":
            self._tls = tls = self._tls or ssl.create_default_context()
        _, connection = await loop.create_connection(
            Connection,
            host.host,
            host.port,
            ssl=tls,
            server_hostname=(host.url.host or "").strip("[]") if tls else None,
        )
        host.peer = connection.peer
        return connection

    async def _put_back(self, host: _Host, connection: Connection) -> None:
        # A stream never ends: whoever has waited for one in vain does not wait again.
        if await connection.drained(0 if host.streams else _BODY_SECONDS):
            host.idle.append(connection)
        elif connection.open:
            host.streams = True

    def _head(self, request: WireRequest, url: Url, host: _Host, through_caches: bool) -> bytes:
        target = url.path + ("" if url.query is None else f"?{url.query}")
        if not _VISIBLE.fullmatch(request.method) or not _VISIBLE.fullmatch(target):
            raise ValueError(f"{request.method} {target} cannot be written as an HTTP request")
        lines = [f"{request.method} {target} HTTP/1.1", f"Host: {url.authority}"]
        named = set()
        for name, value in request.headers:
            named.add(name.lower())
            lines.append(_line(name, value))
        lines += [line for name, line in self._lines if name not in named]
        if not through_caches:
            # As a browser does for `cache: "reload"`: another's stored answer tells nothing.
            lines.append("Cache-Control: no-cache")
        if url.scheme != host.scheme:
            lines.append(f"X-Forwarded-Proto: {url.scheme}")
        if request.credentials and self._cookie is not None:
            lines.append(_line("Cookie", self._cookie))
        return "\r\n".join((*lines, "", "")).encode("latin-1")


@lru_cache(maxsize=1024)
def _line(name: str, value: str) -> str:
    if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise ValueError(f"the header {name!r} cannot be written as HTTP")
    return f"{name}: {value}"


def _words(error: OSError) -> str:
    # asyncio puts the address into its own message, and several where it tried several.
    return os.strerror(error.errno) if error.errno else str(error)


class _WorthAnotherTryError(Exception):
    """The connection failed in a way that may pass."""


def _retry_after(response: Response) -> float | None:
    """Seconds, from ``Retry-After`` (RFC 9110, 10.2.3); None where there is none to be read."""
    for name, value in response.headers:
        if name.lower() == "retry-after":
            if value.isascii() and value.isdecimal() and len(value) < 10:
                return float(value)
            parsed = email.utils.parsedate_tz(value)
            if parsed is not None:
                try:
                    return email.utils.mktime_tz(parsed) - time.time()
                except (OverflowError, ValueError):
                    return None
    return None


def _http(text: str) -> Url:
    url = parse(text)
    if url is None or not url.is_http:
        raise ValueError(f"{text!r} is not an http or https URL")
    return url
