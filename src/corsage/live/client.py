"""An HTTP client that is a :data:`~corsage.browser.exchange.Server`: it asks the real thing.

No redirects, no cookie jar, no proxy from the environment, no decompression: the judge decides
what follows, and sees every header line as it was sent.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

from corsage.browser.exchange import Headers, Response, WireRequest
from corsage.browser.url import DEFAULT_PORTS, Url, parse
from corsage.live.message import MAX_HEAD, BadMessageError, decode_chunked, find_end, parse_head

_MAX_INTERIM = 16  # 1xx answers before the real one
_MOST_DRAINED = 64 * 1024  # bytes of body read to keep a connection; a new one is cheaper than more
_LONGEST_DRAIN = 0.25  # seconds for a chunked body to end, which a stream never does
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_NAME = re.compile(r"[!-9;-~]+")
_VALUE = re.compile(r"[^\x00\r\n\u0100-\U0010ffff]*")


class OffLimitsError(Exception):
    """A URL outside the origins that the client was told to ask."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"{origin} is not among the origins to ask, so nothing was sent there")
        self.origin = origin


Silence: TypeAlias = Literal["unknown host", "unreachable", "tls", "timeout", "broken"]
"""Why no HTTP answer came: the name does not resolve, nothing listens or the connection ended, the
handshake failed, the time was up, or what came is no HTTP."""


class NoAnswerError(Exception):
    """No HTTP answer came; the message says what happened instead, ``kind`` in one word."""

    def __init__(self, message: str, kind: Silence = "unreachable") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back: the response, what was read of its body, and the seconds it took.

    ``complete`` is False if the body was longer than asked for or did not end in time (a
    stream).
    """

    response: Response
    body: bytes
    complete: bool
    seconds: float


class Client:
    """Asks ``origins`` and no others, so that a redirect never leads it to a stranger.

    ``resolve`` maps an origin to the address where it is asked instead: the request says
    ``Host: api.example.com`` (and the TLS handshake the same) while the bytes go to
    ``127.0.0.1:8443``. With ``http://127.0.0.1:8080`` an https origin is asked in clear, as what
    ends TLS in front of it would. ``cookies`` maps an origin to the ``Cookie`` header of
    credentialed requests. ``timeout`` (seconds) bounds a whole exchange. ``tls`` None verifies
    certificates with the system's authorities. ``keep_alive`` uses a connection for one request
    after another, as many connections as threads ask at once; without it each request has its own.
    """

    def __init__(
        self,
        origins: Iterable[str],
        *,
        resolve: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        timeout: float = 5.0,
        tls: ssl.SSLContext | None = None,
        user_agent: str = "corsage",
        keep_alive: bool = False,
    ) -> None:
        addresses = {_http(origin).origin: address for origin, address in (resolve or {}).items()}
        self._addresses = {
            url.origin: _Address.of(addresses.get(url.origin, url.origin), url)
            for url in map(_http, origins)
        }
        self._cookies = {_http(origin).origin: value for origin, value in (cookies or {}).items()}
        self._timeout = timeout
        self._tls = tls
        self._user_agent = user_agent
        self._keep_alive = keep_alive
        # Appending and popping are atomic, so threads share it as it is.
        self._idle: Mapping[str, deque[socket.socket]] = {o: deque() for o in self._addresses}

    def close(self) -> None:
        """Close the connections that were kept."""
        for connections in self._idle.values():
            while connections:
                connections.pop().close()

    def __call__(self, request: WireRequest) -> Response | None:
        """The answer, or None if none came. The body is left unread.

        Raises :class:`OffLimitsError` for any other origin: a verdict on a guess would be worth
        nothing.
        """
        try:
            return self.exchange(request).response
        except NoAnswerError:
            return None

    def exchange(
        self,
        request: WireRequest,
        max_body: int = 0,
        *,
        wanted: Callable[[Response], bool] = lambda _: True,
    ) -> Exchange:
        """Ask, and read up to ``max_body`` bytes of the body, if it is ``wanted`` of that head.

        Raises :class:`NoAnswerError` with the reason if no HTTP answer came,
        :class:`OffLimitsError` for an origin that is not to be asked and :class:`ValueError` for
        a request that cannot be written as HTTP.
        """
        url = _http(request.url)
        origin = url.origin
        address = self._addresses.get(origin)
        if address is None:
            raise OffLimitsError(origin)
        sent = self._head(request, url, address) + (request.body or "").encode()
        started = time.monotonic()
        deadline = started + self._timeout
        try:
            try:
                stream, response = self._send(self._kept(request, url), sent, deadline)
            except (_StaleError, ConnectionError):
                connection = self._connect(url, address, deadline)
                stream, response = self._send(connection, sent, deadline)
            with stream:
                # With nothing to read there is no waiting for a stream's first event either.
                body, complete = b"", False
                if max_body and wanted(response):
                    body, complete = stream.read_body(request, response, max_body)
                if self._keep_alive and stream.drain(request, response):
                    self._idle[origin].append(stream.release())
        except BadMessageError as error:
            raise NoAnswerError(str(error), "broken") from None
        except TimeoutError:
            message = f"no answer from {origin} within {self._timeout:g} s"
            raise NoAnswerError(message, "timeout") from None
        except ssl.SSLCertVerificationError as error:
            raise NoAnswerError(f"TLS with {origin}: {error.verify_message}", "tls") from None
        except ssl.SSLError as error:
            raise NoAnswerError(f"TLS with {origin}: {error.reason or error}", "tls") from None
        except (socket.gaierror, UnicodeError) as error:  # no name, or none that DNS could hold
            message = f"{origin}: the name {url.host} does not resolve ({error})"
            raise NoAnswerError(message, "unknown host") from None
        except OSError as error:
            raise NoAnswerError(f"{origin}: {error.strerror or error}") from None
        return Exchange(response, body, complete, time.monotonic() - started)

    def _kept(self, request: WireRequest, url: Url) -> socket.socket:
        """A connection that carried a request before. Raises :class:`_StaleError` if there is
        none, or if this request must not be sent twice should it turn out to be closed."""
        idle = self._idle[url.origin]
        while idle and request.method in _REPEATABLE:
            with suppress(IndexError):
                connection = idle.pop()
                # What can be read before anything was asked is its end, or no answer to us.
                poll = select.poll()
                poll.register(connection, select.POLLIN)
                if not poll.poll(0):
                    return connection
                connection.close()
        raise _StaleError

    def _send(
        self, connection: socket.socket, sent: bytes, deadline: float
    ) -> tuple[_Stream, Response]:
        stream = _Stream(connection, deadline)
        try:
            connection.settimeout(_remaining(deadline))
            connection.sendall(sent)
            return stream, stream.read_head()
        except BaseException:
            connection.close()
            raise

    def _connect(self, url: Url, address: _Address, deadline: float) -> socket.socket:
        connection = socket.create_connection(
            (address.host, address.port), timeout=_remaining(deadline)
        )
        if address.scheme == "http":
            return connection
        try:
            # Reading the authorities takes longer than a handshake.
            self._tls = self._tls or ssl.create_default_context()
            connection.settimeout(_remaining(deadline))
            return self._tls.wrap_socket(connection, server_hostname=_bare(url.host))
        except BaseException:
            connection.close()
            raise

    def _head(self, request: WireRequest, url: Url, address: _Address) -> bytes:
        target = url.path + ("" if url.query is None else f"?{url.query}")
        named = {name.lower() for name, _ in request.headers}
        own = (("User-Agent", self._user_agent), ("Accept", "*/*"))
        lines = [
            ("Host", url.authority),
            *(line for line in own if line[0].lower() not in named),
            *request.headers,
        ]
        if url.scheme != address.scheme:
            lines.append(("X-Forwarded-Proto", url.scheme))
        if request.credentials and url.origin in self._cookies:
            lines.append(("Cookie", self._cookies[url.origin]))
        if request.body is not None or request.method in {"POST", "PUT", "PATCH"}:
            lines.append(("Content-Length", str(len((request.body or "").encode()))))
        if not self._keep_alive:
            lines.append(("Connection", "close"))
        return _encode(request.method, target, tuple(lines))


@dataclass(frozen=True, slots=True)
class _Address:
    """Where the bytes go, and whether in clear (``http``) or not."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, text: str, origin: Url) -> _Address:
        """The address that ``[scheme://]host[:port]`` means for an origin."""
        url = _http(text if "://" in text else f"{origin.scheme}://{text}")
        port = url.port if url.port is not None else DEFAULT_PORTS[url.scheme]
        return cls(url.scheme, _bare(url.host), port or 0)


class _StaleError(BadMessageError):
    """The connection was closed before the first byte of an answer, or there was none to use."""


class _Stream:
    """The bytes of one connection, read within a deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        self._buffer = bytearray()
        self._released = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._released:
            self._connection.close()

    def release(self) -> socket.socket:
        """The connection, which is the caller's from now on."""
        self._released = True
        return self._connection

    def _receive(self) -> bool:
        self._connection.settimeout(_remaining(self._deadline))
        data = self._connection.recv(65536)
        self._buffer += data
        return bool(data)

    def read_head(self) -> Response:
        for _ in range(_MAX_INTERIM):
            response = self._read_one_head()
            if response.status >= 200 or response.status == 101:
                return response
        raise BadMessageError(f"more than {_MAX_INTERIM} interim (1xx) responses")

    def _read_one_head(self) -> Response:
        searched = 0
        while (end := find_end(self._buffer, searched - 3)) is None:
            if len(self._buffer) > MAX_HEAD:
                raise BadMessageError(f"the response's head is longer than {MAX_HEAD // 1024} KiB")
            searched = len(self._buffer)
            if not self._receive():
                if not self._buffer:
                    raise _StaleError("the connection was closed without an answer")
                raise BadMessageError("the connection was closed within the response's head")
        head = bytes(self._buffer[:end])
        del self._buffer[:end]
        return parse_head(head)

    def read_body(self, request: WireRequest, response: Response, limit: int) -> tuple[bytes, bool]:
        """Up to ``limit`` bytes, and whether that is all of them."""
        if _is_bodiless(request, response):
            return b"", True
        expected, chunked = _framing(response)
        closed = False
        while True:
            body = bytes(self._buffer)
            ended = len(body) == expected
            if chunked:
                body, ended = decode_chunked(body)
            if ended or closed or len(self._buffer) > limit:
                return body[:limit], (ended or closed) and len(body) <= limit
            try:
                closed = not self._receive()
            except TimeoutError:
                return body[:limit], False

    def drain(self, request: WireRequest, response: Response) -> bool:
        """Read what is left of the body; whether the connection can carry another request.

        Not if that would take long, nor if more came than the answer to this request.
        """
        fields = {name.lower(): value.lower() for name, value in response.headers}
        if "close" in fields.get("connection", "") or response.status == 101:
            return False
        if _is_bodiless(request, response):
            return not self._buffer
        expected, chunked = _framing(response)
        if chunked:
            self._deadline = min(self._deadline, time.monotonic() + _LONGEST_DRAIN)
        elif expected is None or expected > _MOST_DRAINED:
            return False
        while not (self._chunks_ended() if chunked else len(self._buffer) >= (expected or 0)):
            try:
                if len(self._buffer) > _MOST_DRAINED or not self._receive():
                    return False
            except OSError:
                return False
        return chunked or len(self._buffer) == expected

    def _chunks_ended(self) -> bool:
        # With a trailer section, which is rare, the connection is not kept.
        return self._buffer.endswith(b"0\r\n\r\n") and decode_chunked(bytes(self._buffer))[1]


def _is_bodiless(request: WireRequest, response: Response) -> bool:
    return request.method == "HEAD" or response.status in {204, 304}


def _framing(response: Response) -> tuple[int | None, bool]:
    """The body's length in bytes, if it is said, and whether it is chunked."""
    fields = {name.lower(): value for name, value in response.headers}
    length = fields.get("content-length", "")
    expected = int(length) if length.isdecimal() and len(length) < 19 else None
    return expected, fields.get("transfer-encoding", "").lower().endswith("chunked")


def _remaining(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _http(text: str) -> Url:
    """The URL as browsers parse it, so that judge and client never see two hosts in one text.

    Raises :class:`ValueError` for anything but an http or https URL.
    """
    url = parse(text)
    if url is None or not url.is_http:
        raise ValueError(f"{text!r} is not an http or https URL")
    return url


def _bare(host: str | None) -> str:
    """The host without the brackets of an IPv6 address."""
    return (host or "").strip("[]")


def _encode(method: str, target: str, headers: Headers) -> bytes:
    if not _VISIBLE.fullmatch(method) or not _VISIBLE.fullmatch(target):
        raise ValueError(f"{method} {target} cannot be written as an HTTP request")
    for name, value in headers:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError(f"the header {name!r} cannot be written as HTTP")
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join((*lines, "", "")).encode("latin-1")
