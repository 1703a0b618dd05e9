"""An HTTP client that is a :data:`~corsage.browser.exchange.Server`: it asks the real thing.

One request, one connection, no redirects, no cookie jar, no proxy from the environment, no
decompression: the judge decides what follows, and sees every header line as it was sent.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from corsage.browser.exchange import Headers, Response, WireRequest
from corsage.browser.url import DEFAULT_PORTS, Url, parse
from corsage.live.message import MAX_HEAD, BadMessageError, decode_chunked, find_end, parse_head

_MAX_INTERIM = 16  # 1xx answers before the real one
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
    certificates with the system's authorities.
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
        head = self._head(request, url, address)
        started = time.monotonic()
        deadline = started + self._timeout
        try:
            with self._connect(url, address, deadline) as connection:
                stream = _Stream(connection, deadline)
                connection.sendall(head + (request.body or "").encode())
                response = stream.read_head()
                # With nothing to read there is no waiting for a stream's first event either.
                body, complete = b"", False
                if max_body and wanted(response):
                    body, complete = stream.read_body(request, response, max_body)
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

    def _connect(self, url: Url, address: _Address, deadline: float) -> socket.socket:
        connection = socket.create_connection(
            (address.host, address.port), timeout=_remaining(deadline)
        )
        if address.scheme == "http":
            return connection
        context = self._tls or ssl.create_default_context()
        try:
            connection.settimeout(_remaining(deadline))
            return context.wrap_socket(connection, server_hostname=_bare(url.host))
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


class _Stream:
    """The bytes of one connection, read within a deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        self._buffer = bytearray()

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
                    raise BadMessageError("the connection was closed without an answer")
                raise BadMessageError("the connection was closed within the response's head")
        head = bytes(self._buffer[:end])
        del self._buffer[:end]
        return parse_head(head)

    def read_body(self, request: WireRequest, response: Response, limit: int) -> tuple[bytes, bool]:
        """Up to ``limit`` bytes, and whether that is all of them."""
        fields = {name.lower(): value for name, value in response.headers}
        if request.method == "HEAD" or response.status in {204, 304}:
            return b"", True
        length = fields.get("content-length", "")
        expected = int(length) if length.isdecimal() and len(length) < 19 else None
        chunked = fields.get("transfer-encoding", "").lower().endswith("chunked")
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
