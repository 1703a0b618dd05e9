"""``corsage verify``: exit codes, formats, what is sent and what is not."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from corsage.browser import Response, WireRequest
from corsage.check.policy import faithful as faithful_server
from corsage.cli import main
from corsage.policy import load_policy
from tests.live.faults import refused
from tests.verify.deployment import POLICY, Deployment, deployed
from tests.verify.test_drift import within

pytestmark = pytest.mark.nginx

LACKS_PATCH = within("/orders", '"GET, PUT, PATCH"', '"GET, PUT"')


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def run(*arguments: object) -> Ran:
        try:
            code = main(["verify", *map(str, arguments)])
        except SystemExit as stopped:
            code = stopped.code if isinstance(stopped.code, int) else 1
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """PATCH is missing."""
    with deployed(tmp_path_factory.mktemp("drifted"), LACKS_PATCH) as deployment:
        yield deployment


@contextmanager
def recording(
    policy: str, change: Callable[[Response, int], Response] = lambda response, _: response
) -> Iterator[tuple[str, list[WireRequest]]]:
    """A server that does as ``policy`` says, and keeps what it was asked. ``change`` gets each
    response and how often it was asked for before."""
    meant = faithful_server(load_policy(policy))
    seen: list[WireRequest] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            headers = tuple(self.headers.items())
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = f"http://{self.headers['Host']}{self.path}"
            request = WireRequest("actual", self.command, url, headers)
            before = seen.count(request)
            seen.append(request)
            response = meant(request)
            assert response is not None
            response = change(response, before)
            self.send_response(response.status)
            for line in response.headers:
                self.send_header(*line)
            if response.status != 204:
                self.send_header("Content-Length", "0")
            self.end_headers()

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            """Not a word."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", seen
        finally:
            server.shutdown()
            thread.join()


def places() -> dict[str, str]:
    return dict.fromkeys(("gateway", "orders", "search", "files"), "127.0.0.1:1")


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Path, str, list[WireRequest]]]:
    """A policy file, where it is served, and everything that is asked there."""
    text = POLICY.format_map(places())
    path = tmp_path / "cors.yaml"
    path.write_text(text, encoding="utf-8")
    with recording(text) as (url, seen):
        yield path, url, seen


def test_no_drift_is_exit_code_0_and_says_how_much_was_asked(verify, faithful) -> None:
    ran = verify(faithful.policy, faithful.url)
    assert (ran.code, ran.err) == (0, "")
    assert "no findings; 2 expectations hold" in ran.out
    assert re.search(rf"asked {faithful.url}: all \d+ cases \(\d+ requests in ", ran.out)
    assert "judged on their preflight alone: " in ran.out
    assert "not asked, for lack of a preflight: POST (" in ran.out


def test_drift_is_exit_code_1_with_the_route_underlined(verify, drifted) -> None:
    ran = verify(drifted.policy, drifted.url, "--direct", f"orders={drifted.services['orders']}")
    assert ran.code == 1
    assert "error: the policy allows, the deployment blocks: PATCH /orders from " in ran.out
    assert "(Access-Control-Allow-Methods lacks PATCH) [CORS250]" in ran.out
    assert "- {path: /orders, service: orders, cors: session}" in ran.out
    assert "is added by what stands in front of the service orders" in ran.out
    assert "breaks the expectation on line 32" in ran.out


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_the_exit_code_does_not_depend_on_the_format(verify, faithful, drifted, form) -> None:
    assert verify(faithful.policy, faithful.url, "--format", form).code == 0
    assert verify(drifted.policy, drifted.url, "--format", form).code == 1
    assert verify(drifted.policy, drifted.url, "--format", form, "--fail-on", "never").code == 0


def test_json_holds_the_request_that_shows_it_and_the_coverage(verify, drifted) -> None:
    whole = json.loads(verify(drifted.policy, drifted.url, "--format", "json").out)
    (finding,) = whole["findings"]
    assert finding["rule"] == "CORS250"
    assert finding["line"] == 27
    assert "PATCH /orders" in finding["message"]
    assert whole["coverage"]["asked"] == whole["coverage"]["cases"] > 100
    assert whole["coverage"]["not_asked"] == {"POST": 6}


def test_sarif_and_github_name_the_rule_and_the_line(verify, drifted) -> None:
    log = json.loads(verify(drifted.policy, drifted.url, "--format", "sarif").out)
    (result,) = log["runs"][0]["results"]
    assert result["ruleId"] == "CORS250"
    ran = verify(drifted.policy, drifted.url, "--format", "github")
    assert ran.out.startswith(f"::error file={drifted.policy},line=27,col=5,title=CORS250::")
    assert len(ran.out.splitlines()) == 1
    assert "asked http://" in ran.err


def test_junit_has_a_test_for_every_clause(verify, drifted, tmp_path) -> None:
    file = tmp_path / "verify.xml"
    assert verify(drifted.policy, drifted.url, "--junit", file).code == 1
    suite = ElementTree.parse(file).getroot()
    failed = [case for case in suite if case.find("failure") is not None]
    assert suite.get("tests") == str(len(suite)) > "100"
    assert [(case.get("classname"), case.get("name")) for case in failed] == [
        ("/orders", "app: the method PATCH"),
        (
            "/orders",
            "app: expect: PATCH /orders/1 with credentials from https://admin.example.com: allowed",
        ),
    ]
    assert suite.get("failures") == "2"


def test_an_expectation_that_was_not_asked_is_not_said_to_hold(verify, asked) -> None:
    path, url, _ = asked
    path.write_text(path.read_text() + "  - POST /search from https://any.example: allowed\n")
    assert "; 2 expectations hold" in verify(path, url).out
    assert "; 3 expectations hold" in verify(path, url, "--send").out


def test_a_sample_says_what_it_covers(verify, faithful) -> None:
    ran = verify(faithful.policy, faithful.url, "--sample", 10)
    assert re.search(r": 10 of \d+ cases, 10 of \d+ clauses \(", ran.out)


def test_nothing_that_changes_something_and_no_cookie_is_sent_uninvited(verify, asked) -> None:
    path, url, seen = asked
    assert verify(path, url).code == 0
    assert {request.method for request in seen} == {"OPTIONS", "GET", "HEAD"}
    preflights = [request for request in seen if request.method == "OPTIONS"]
    names = [{name.lower() for name, _ in request.headers} for request in seen]
    assert all("access-control-request-method" in dict_of(request) for request in preflights)
    assert not any("cookie" in each for each in names)


def test_every_method_and_the_cookie_are_sent_when_told(verify, asked, tmp_path) -> None:
    path, url, seen = asked
    jar = tmp_path / "cookie"
    jar.write_text("session=s3cret\n")
    ran = verify(path, url, "--send", "--cookie", f"@{jar}")
    assert ran.code == 0
    assert {"PUT", "POST", "PATCH"} <= {request.method for request in seen}
    cookies = [dict_of(request).get("cookie") for request in seen]
    assert set(cookies) == {None, "session=s3cret"}
    assert "s3cret" not in ran.out + ran.err
    preflights = [
        request for request in seen if "access-control-request-method" in dict_of(request)
    ]
    assert not any("cookie" in dict_of(request) for request in preflights)


def dict_of(request: WireRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers}


def test_a_drift_that_is_gone_when_asked_again_is_told_with_that(verify, tmp_path) -> None:
    def bare_at_first(response: Response, before: int) -> Response:
        return response if before else Response(response.status)

    text = POLICY.format_map(places())
    (tmp_path / "cors.yaml").write_text(text, encoding="utf-8")
    with recording(text, bare_at_first) as (url, _):
        ran = verify(tmp_path / "cors.yaml", url, "--sample", 40)
    assert ran.code == 1
    assert "asked again it was as the policy says: replicas that differ" in ran.out


def test_a_rate_limit_is_said_and_is_no_drift_where_its_answers_are_readable(
    verify, tmp_path
) -> None:
    def limited(response: Response, _: int) -> Response:
        return Response(429 if response.status == 200 else response.status, response.headers)

    text = POLICY.format_map(places())
    (tmp_path / "cors.yaml").write_text(text, encoding="utf-8")
    with recording(text, limited) as (url, _):
        ran = verify(tmp_path / "cors.yaml", url)
    assert ran.code == 0
    assert "cases met a rate limit (429); --rate N asks more slowly" in ran.out


def test_a_service_that_is_not_there_is_no_reason_to_stop(verify, drifted) -> None:
    with refused() as gone:
        ran = verify(drifted.policy, drifted.url, "--direct", f"orders={gone}")
    assert ran.code == 1
    assert "the service orders, asked itself, does not answer" in ran.out


def test_hosts_of_routes_are_asked_at_the_url(verify, tmp_path) -> None:
    own = "  - {path: /own, host: own.example.com, service: search, cors: public}\n"
    text = POLICY.format_map(places()).replace("expect:\n", f"{own}expect:\n")
    path = tmp_path / "cors.yaml"
    path.write_text(text, encoding="utf-8")
    with recording(text) as (url, seen):
        assert verify(path, url).code == 0
    hosts = {dict_of(request)["host"] for request in seen}
    assert hosts == {url.removeprefix("http://"), f"own.example.com:{url.rpartition(':')[2]}"}


def test_a_name_is_asked_at_the_address_that_it_is_resolved_to(verify, asked) -> None:
    path, url, seen = asked
    assert verify(path, "https://api.example.com", "--resolve", url).code == 0
    assert {dict_of(request)["host"] for request in seen} == {"api.example.com"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["https://api.example.com/v1"], "write https://api.example.com"),
        (["api.example.com"], "write https://api.example.com"),
        (["ftp://api.example.com"], "is not the origin of a deployment"),
        (["https://user:pw@api.example.com"], "is not the origin of a deployment"),
        (["http://127.0.0.1:1", "--direct", "orders"], "write SERVICE=URL"),
        (["http://127.0.0.1:1", "--direct", "nobody=http://a"], "it has orders, search, files"),
        (["http://127.0.0.1:1", "--metrics", "127.0.0.1:0"], "give --watch SECONDS"),
        (["http://127.0.0.1:1", "--watch", "1", "--metrics", "9464"], "write HOST:PORT"),
        (["http://127.0.0.1:1", "--sample", "0"], "is not a number from 1 on"),
        (["http://127.0.0.1:1", "--rate", "-1"], "is not a number above 0"),
        (["http://127.0.0.1:1", "--timeout", "nan"], "is not a number above 0"),
        (["http://127.0.0.1:1", "--junit", "/nowhere/x.xml"], "/nowhere/x.xml: No such file"),
        (["http://127.0.0.1:1", "--cookie", "a\nb"], "--cookie"),
        (["http://127.0.0.1:1", "--resolve", "http://["], "--resolve"),
    ],
)
def test_misuse_is_exit_code_2_and_says_what_to_write(verify, faithful, arguments, said) -> None:
    ran = verify(faithful.policy, *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert "pw" not in ran.err


def test_a_policy_that_is_not_valid_is_exit_code_2(verify, tmp_path) -> None:
    path = tmp_path / "cors.yaml"
    path.write_text("verison: 1\n")
    assert verify(path, "http://127.0.0.1:1").code == 2


def test_a_deployment_that_is_down_is_exit_code_2_in_one_line(verify, faithful) -> None:
    with refused() as url:
        ran = verify(faithful.policy, url)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"corsage: {url} does not answer: ")
    assert len(ran.err.splitlines()) == 1


def test_programs_are_told_that_it_is_down_in_their_own_format(verify, faithful) -> None:
    with refused() as url:
        ran = verify(faithful.policy, url, "--format", "json")
        assert json.loads(ran.out)["unreadable"][0]["file"] == url
        ran = verify(faithful.policy, url, "--format", "junit")
    assert ElementTree.fromstring(ran.out.encode()).get("errors") == "1"
    assert ran.code == 2


def test_ctrl_c_leaves_a_report_on_what_was_asked(tmp_path) -> None:
    """The server answers wrongly a few times, and then nothing more."""
    text = POLICY.format_map(places())
    (tmp_path / "cors.yaml").write_text(text, encoding="utf-8")
    enough, released = threading.Event(), threading.Event()
    counted = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            counted.append(self.path)
            if len(counted) > 100:
                enough.set()
                released.wait(30)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_OPTIONS = do_HEAD = do_GET  # noqa: N815 -- http.server's names

        def log_message(self, *_: object) -> None:
            """Not a word."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        command = [sys.executable, "-m", "corsage", "verify", "cors.yaml", url, "--timeout", "60"]
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert enough.wait(30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        released.set()
        server.shutdown()
    assert process.returncode == 130, err
    assert "CORS250" in out
    assert re.search(r"\d+ of \d+ cases, then stopped", out)
