"""Whatever a server does, an explanation ends in bounded time and memory, with a clear line."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from tests.live.conftest import Explain
from tests.live.faults import FAULTS, badly_certified, faulty, refused, speaking_first

TIMEOUT = "0.4"

# What is said of each, and the exit code.
TOLD = {
    "hangs": (2, "no answer from http://127.0.0.1:{port} within 0.4 s"),
    "closes": (2, "the connection was closed without an answer"),
    "resets": (2, "Connection reset by peer"),
    "drips its head": (2, "no answer from http://127.0.0.1:{port} within 0.4 s"),
    "drips its body": (1, "answered with an error 500"),
    "sends 100 MB": (1, "answered with an error 500"),
    "sends an endless head": (2, "the response's head is longer than 256 KiB"),
    "sends endless interim answers": (2, "more than 16 interim (1xx) responses"),
    "speaks another protocol": (2, "not an HTTP/1.1 response: it begins with b'SSH-2.0"),
    "sends a broken status line": (2, "not an HTTP/1.1 response"),
    "sends broken headers": (1, "NUL in a header"),
    "breaks off in its head": (2, "the connection was closed within the response's head"),
    "redirects to itself": (1, "redirect"),
}


def test_every_fault_is_tried() -> None:
    assert set(TOLD) == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_that_misbehaves_is_told_in_one_line(name: str, explain: Explain) -> None:
    code, line = TOLD[name]
    with faulty(name) as origin:
        started = time.monotonic()
        ran = explain(f"{origin}/x", "GET", "--timeout", TIMEOUT)
        seconds = time.monotonic() - started
    sentence = ran.told["sentence"]
    assert line.format(port=origin.rpartition(":")[2]) in sentence
    assert "\n" not in sentence
    assert ran.code == code
    # 0.4 s for each request that waits; the rest is far quicker.
    assert seconds < 10


@pytest.mark.parametrize("name", ["sends 100 MB", "sends an endless head", "drips its body"])
def test_what_a_server_sends_does_not_fill_the_memory(name: str, explain: Explain) -> None:
    tracemalloc.start()
    try:
        with faulty(name) as origin:
            explain(f"{origin}/x", "GET", "--timeout", TIMEOUT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 2**20


@pytest.mark.parametrize("name", ["hangs", "resets", "sends an endless head"])
def test_a_hop_that_misbehaves_does_not_keep_the_others_from_being_asked(
    name: str, explain: Explain
) -> None:
    with faulty("sends a broken status line") as outer, faulty(name) as origin:
        hops = ["--hop", f"gateway={outer}", "--hop", f"service={origin}"]
        ran = explain(f"{outer}/x", "GET", "--timeout", TIMEOUT, *hops)
    assert [hop["name"] for hop in ran.told["hops"]] == ["gateway", "service"]
    assert all(hop["silence"] for hop in ran.told["hops"])
    assert ran.told["diagnosis"]["class"] == "not-cors-transport"


def test_nobody_listening_is_not_cors(explain: Explain) -> None:
    with refused() as origin:
        ran = explain(origin, "GET")
    assert ran.code == 2
    assert ran.told["sentence"].startswith("This is not CORS: no HTTP answer arrived")
    assert "Connection refused" in ran.told["sentence"]
    assert ran.told["console"]["firefox"][0].endswith("did not succeed). Status code: (null).")


def test_a_certificate_that_nobody_signed_is_not_cors(explain: Explain, tmp_path: Path) -> None:
    with badly_certified(tmp_path) as origin:
        ran = explain(origin, "GET")
    assert ran.code == 2
    assert "This is not CORS" in ran.told["sentence"]
    assert "TLS with" in ran.told["sentence"]
    assert "self-signed certificate" in ran.told["sentence"]


def test_a_port_that_speaks_no_tls_is_not_cors(explain: Explain) -> None:
    with speaking_first() as origin:
        ran = explain(origin.replace("http:", "https:"), "GET", "--timeout", TIMEOUT)
    assert ran.code == 2
    assert "TLS with" in ran.told["sentence"]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 64 + ".invalid"])
def test_a_name_that_does_not_resolve_is_not_cors(host: str, explain: Explain) -> None:
    ran = explain(f"https://{host}/", "GET")
    assert ran.code == 2
    assert f"the name {host} does not resolve" in ran.told["sentence"]
    assert ran.told["diagnosis"]["hop"] == "config"
