"""The client shows a server's answer as it was sent, and asks nobody else."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from corsage.browser.exchange import Response, WireRequest
from corsage.live.client import Client, NoAnswerError, OffLimitsError


class RawServer:
    """Sends fixed bytes to whoever connects, and keeps what it was sent."""

    def __init__(self, answer: bytes, *, hold: bool = False) -> None:
        self.received: list[bytes] = []
        self._answer = answer
        self._hold = hold
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                data = b""
                while b"\r\n\r\n" not in data:
                    if not (piece := connection.recv(65536)):
                        break
                    data += piece
                self.received.append(data)
                connection.sendall(self._answer)
                if self._hold:
                    self._ended.wait()

    def close(self) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def raw() -> Iterator[Callable[..., RawServer]]:
    """Start servers that answer with given bytes."""
    started: list[RawServer] = []

    def start(answer: bytes, **options: bool) -> RawServer:
        started.append(RawServer(answer, **options))
        return started[-1]

    yield start
    for server in started:
        server.close()


def get(url: str, **values: object) -> WireRequest:
    return WireRequest(**{"kind": "actual", "method": "GET", "url": url, "headers": ()} | values)


def ask(server: RawServer, **values: object) -> Response | None:
    return Client([server.origin])(get(server.origin + "/", **values))


def test_repeated_headers_come_back_as_separate_lines_in_the_order_sent(raw):
    server = raw(
        b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://a.example\r\nVary: Accept\r\n"
        b"access-control-allow-origin:*\r\n\r\n"
    )
    assert ask(server) == Response(
        200,
        (
            ("Access-Control-Allow-Origin", "https://a.example"),
            ("Vary", "Accept"),
            ("access-control-allow-origin", "*"),
        ),
    )


def test_values_keep_every_byte_as_one_character(raw):
    server = raw(b"HTTP/1.1 200 OK\r\nX-Name: \xe4\xff, b \r\n\r\n")
    assert ask(server).headers == (("X-Name", "\xe4\xff, b"),)


def test_a_line_without_a_colon_does_not_hide_the_lines_after_it(raw):
    server = raw(b"HTTP/1.1 200 OK\r\nodd\r\nX-After: 1\r\n\r\n")
    assert ask(server).headers == (("X-After", "1"),)


def test_lines_may_end_in_a_bare_line_feed_and_be_folded(raw):
    server = raw(b"HTTP/1.1 204\nX-Folded: one\n two\n\n")
    assert ask(server) == Response(204, (("X-Folded", "one two"),))


def test_interim_answers_are_passed_over(raw):
    server = raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n")
    assert ask(server) == Response(200, (("A", "b"),))


def test_a_redirect_is_an_answer_and_is_not_followed(raw):
    server = raw(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n")
    assert ask(server) == Response(302, (("Location", "http://127.0.0.1:9/"),))


def test_an_origin_that_was_not_named_is_not_asked(raw):
    named, stranger = raw(b""), raw(b"HTTP/1.1 200 OK\r\n\r\n")
    with pytest.raises(OffLimitsError, match="nothing was sent there"):
        Client([named.origin])(get(stranger.origin))
    assert stranger.received == []


@pytest.mark.parametrize("trick", ["{named}@{other}/", r"{other}\@{named}/", "{other}#@{named}/"])
def test_no_spelling_of_a_url_leads_to_an_origin_that_was_not_named(raw, trick):
    named, other = raw(b"HTTP/1.1 200 OK\r\n\r\n"), raw(b"HTTP/1.1 200 OK\r\n\r\n")
    hosts = {"named": named.origin[7:], "other": other.origin[7:]}
    with pytest.raises(OffLimitsError):
        Client([named.origin])(get("http://" + trick.format(**hosts)))
    assert named.received == other.received == []


def test_resolve_asks_an_origin_elsewhere_under_its_own_name(raw):
    server = raw(b"HTTP/1.1 200 OK\r\n\r\n")
    client = Client(
        ["http://api.example.com"],
        resolve={"http://api.example.com": server.origin.removeprefix("http://")},
    )
    assert client(get("http://api.example.com/a?b=c")) == Response(200)
    assert server.received[0].startswith(b"GET /a?b=c HTTP/1.1\r\nHost: api.example.com\r\n")


def test_an_https_origin_can_be_asked_in_clear_behind_its_tls_terminator(raw):
    server = raw(b"HTTP/1.1 200 OK\r\n\r\n")
    client = Client(["https://api.example.com"], resolve={"https://api.example.com": server.origin})
    assert client(get("https://api.example.com/a")) == Response(200)
    assert b"\r\nHost: api.example.com\r\n" in server.received[0]
    assert b"\r\nX-Forwarded-Proto: https\r\n" in server.received[0]


def test_cookies_travel_with_credentialed_requests_only(raw):
    server = raw(b"HTTP/1.1 200 OK\r\n\r\n")
    client = Client([server.origin], cookies={server.origin: "session=1"})
    client(get(server.origin))
    client(get(server.origin, credentials=True))
    assert [b"Cookie: session=1\r\n" in sent for sent in server.received] == [False, True]


def test_the_page_s_headers_go_out_as_written_and_replace_the_client_s_own(raw):
    server = raw(b"HTTP/1.1 200 OK\r\n\r\n")
    ask(server, headers=(("Origin", "https://a.example"), ("accept", "text/plain")))
    assert b"Origin: https://a.example\r\naccept: text/plain\r\n" in server.received[0]
    assert server.received[0].lower().count(b"accept:") == 1


@pytest.mark.parametrize(
    ("answer", "body", "complete"),
    [
        (b"Content-Length: 5\r\n\r\nhello", b"hello", True),
        (b"Content-Length: 9\r\n\r\nhello wor", b"hello wo", False),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", b"hello", True),
        (b"\r\nhello", b"hello", True),
    ],
    ids=["by its length", "longer than wanted", "in chunks", "until the connection closes"],
)
def test_a_body_is_read_to_its_end_or_to_the_limit(raw, answer, body, complete):
    server = raw(b"HTTP/1.1 200 OK\r\n" + answer)
    limit = 8 if not complete else 64
    exchange = Client([server.origin]).exchange(get(server.origin), max_body=limit)
    assert (exchange.body, exchange.complete) == (body, complete)


def test_a_stream_that_never_ends_is_no_reason_to_wait_for_the_verdict(raw):
    server = raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", hold=True)
    assert ask(server).status == 200


def test_a_stream_that_never_ends_is_read_until_the_deadline(raw):
    server = raw(b"HTTP/1.1 200 OK\r\n\r\ndata: 1\n\n", hold=True)
    exchange = Client([server.origin], timeout=0.3).exchange(get(server.origin), max_body=99)
    assert (exchange.body, exchange.complete) == (b"data: 1\n\n", False)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "closed without an answer"),
        (b"HTTP/1.1 200 OK\r\nA: b", "closed within the response's head"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "not an HTTP/1.1 response: it begins with b'SSH-2.0"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: " + b"b" * 300_000, "longer than 256 KiB"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 99, "more than 16 interim"),
    ],
    ids=["closed", "cut off", "not HTTP", "endless head", "endless interim answers"],
)
def test_what_is_no_answer_says_why(raw, answer, reason):
    server = raw(answer)
    assert ask(server) is None
    with pytest.raises(NoAnswerError, match=reason):
        Client([server.origin]).exchange(get(server.origin))


def test_a_silent_server_costs_no_more_than_the_timeout(raw):
    server = raw(b"", hold=True)
    with pytest.raises(NoAnswerError, match=r"no answer from http://127.* within 0\.2 s"):
        Client([server.origin], timeout=0.2).exchange(get(server.origin))


def test_a_port_where_nothing_listens_is_no_answer():
    with socket.create_server(("127.0.0.1", 0)) as free:
        origin = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(NoAnswerError, match="refused"):
        Client([origin]).exchange(get(origin))


@pytest.mark.parametrize(
    "values",
    [
        {"method": "GET / HTTP/1.1\r\nX: y\r\n\r\nGET"},
        {"headers": (("X-A", "b\r\nX-Injected: 1"),)},
        {"headers": (("X-A: b\r\nX-Injected", "1"),)},
        {"headers": (("", "1"),)},
        {"headers": (("X-A", "\u2603"),)},
    ],
    ids=["method", "value", "name", "no name", "not latin-1"],
)
def test_nothing_can_be_smuggled_into_the_request(raw, values):
    server = raw(b"HTTP/1.1 200 OK\r\n\r\n")
    with pytest.raises(ValueError, match="cannot"):
        ask(server, **values)
    assert server.received == []


@pytest.mark.parametrize("url", ["ftp://a.example", "a.example", "http://", "http://a:b"])
def test_only_http_origins_can_be_named(url):
    with pytest.raises(ValueError, match="is not an http or https URL"):
        Client([url])


@pytest.fixture
def tls_server(tmp_path) -> Iterator[tuple[str, Path]]:
    """A TLS server for api.example.com: its port on 127.0.0.1 and its self-signed certificate."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    names = ["-subj", "/CN=api.example.com", "-addext", "subjectAltName=DNS:api.example.com"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    files = ["-nodes", "-days", "2", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run([*command, *files, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    handler = type("Handler", (BaseHTTPRequestHandler,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"127.0.0.1:{server.server_port}", certificate
        server.shutdown()
        thread.join()


def test_a_certificate_that_is_not_trusted_is_no_answer(tls_server):
    address, _ = tls_server
    origin = "https://api.example.com"
    with pytest.raises(NoAnswerError, match="self-signed certificate"):
        Client([origin], resolve={origin: address}).exchange(get(origin))


def test_a_certificate_is_checked_against_the_origin_s_name_and_not_the_address(tls_server):
    address, certificate = tls_server
    trusting = ssl.create_default_context(cafile=certificate)
    right, wrong = "https://api.example.com", "https://other.example.com"
    client = Client([right, wrong], resolve={right: address, wrong: address}, tls=trusting)
    assert client(get(right)).status == 501  # this server knows no GET
    with pytest.raises(NoAnswerError, match="Hostname mismatch"):
        client.exchange(get(wrong))
