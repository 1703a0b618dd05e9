"""`corsage explain URL` asks what a browser asks, changes nothing unasked, and keeps secrets."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time

import pytest

from tests.gateway.upstream import Seen, Upstream, reply, serving
from tests.live.conftest import APP, Explain

GRANT = ("Access-Control-Allow-Origin", APP)
LISTS = (("Access-Control-Allow-Methods", "PUT"), ("Access-Control-Allow-Headers", "x-token"))
SECRET = "s3cr3t-value-9f"


def granting(seen: Seen) -> bytes:
    return reply(204, (GRANT, *LISTS)) if seen.method == "OPTIONS" else reply(200, (GRANT,))


def methods(service: Upstream) -> list[str]:
    return [seen.method for seen in service.seen]


def test_the_server_is_asked_exactly_what_the_browser_would_ask(
    service: Upstream, explain: Explain
) -> None:
    service.answer = granting
    token = ("-H", "x-token: 1", "-H", "content-type: text/plain")
    ran = explain(service.url, "PUT", "/orders", *token, "--send", "--probes", "none")
    preflight, actual = service.seen
    assert (ran.code, ran.told["allowed"]) == (0, True)
    assert preflight.target == actual.target == "/orders"
    assert preflight.method == "OPTIONS"
    assert preflight.values("Origin") == actual.values("Origin") == [APP]
    assert preflight.values("Access-Control-Request-Method") == ["PUT"]
    assert preflight.values("Access-Control-Request-Headers") == ["x-token"]
    assert preflight.values("x-token") == preflight.values("cookie") == []
    assert (actual.method, actual.values("x-token")) == ("PUT", ["1"])


def test_a_method_that_changes_something_is_not_sent_unasked(
    service: Upstream, explain: Explain
) -> None:
    service.answer = granting
    ran = explain(service.url, "PUT", "--probes", "all")
    assert "PUT" not in methods(service)
    assert ran.told["predicted"] is True
    assert ran.code == 0
    assert any("PUT was not sent" in note for note in ran.told["notes"])


@pytest.mark.parametrize("status", [404, 405])
def test_where_a_get_meets_no_handler_the_answer_is_that_nobody_knows(
    service: Upstream, explain: Explain, status: int
) -> None:
    service.answer = lambda seen: granting(seen) if seen.method == "OPTIONS" else reply(status)
    ran = explain(service.url, "PUT", "--probes", "none")
    assert (ran.told["allowed"], ran.told["diagnosis"]) == (None, None)
    assert f"I cannot tell: a GET in its place is answered {status}" in ran.told["sentence"]
    assert ran.code == 1


def test_what_a_get_in_place_of_a_put_shows_is_never_certain(
    service: Upstream, explain: Explain
) -> None:
    service.answer = lambda seen: granting(seen) if seen.method == "OPTIONS" else reply(500)
    predicted, sent = explain(service.url, "PUT"), explain(service.url, "PUT", "--send")
    assert predicted.cause == sent.cause == "error-no-cors"
    assert predicted.confidence == "likely"


def test_the_body_goes_with_the_method_that_is_sent(service: Upstream, explain: Explain) -> None:
    service.answer = granting
    explain(service.url, "PUT", "--send", "--data", "12345", "--probes", "none")
    assert [seen.size for seen in service.seen] == [0, 5]


def test_nothing_secret_is_printed_not_even_what_the_server_sends_back(
    service: Upstream, explain: Explain
) -> None:
    def echoing(seen: Seen) -> bytes:
        told = ", ".join(value for _, value in seen.headers)
        lines = (("WWW-Authenticate", f"Bearer {told}"), ("Location", f"/?{told}"))
        return reply(401, (*lines, ("Server", told)), told.encode())

    service.answer = echoing
    secrets = ("-H", f"authorization: Bearer {SECRET}-a", "-H", f"x-tenant: {SECRET}-t")
    cookie = ("--credentials", "--cookie", f"sid={SECRET}-c; lang=en", "--probes", "all")
    for text in (True, False):
        ran = explain(f"{service.url}/?token={SECRET}-q", "GET", *secrets, *cookie, text=text)
        assert any(seen.values("cookie") for seen in service.seen)
        assert SECRET not in ran.out + ran.err
        assert "[redacted]" in ran.out


def test_cookies_travel_as_the_browser_sends_them(service: Upstream, explain: Explain) -> None:
    service.answer = granting
    cookie = ("--credentials", "--cookie", "sid=1")
    explain(service.url, "PUT", *cookie, "--send", "--probes", "none")
    assert [seen.values("cookie") for seen in service.seen] == [[]]  # refused: no credentials

    service.seen.clear()
    yes = ("Access-Control-Allow-Credentials", "true")
    service.answer = lambda seen: reply(200, (GRANT, yes, *LISTS))
    explain(service.url, "PUT", *cookie, "--send", "--probes", "none")
    assert [seen.values("cookie") for seen in service.seen] == [[], ["sid=1"]]


def test_what_happens_to_a_page_whose_cookie_is_kept_back_is_noted(
    service: Upstream, explain: Explain
) -> None:
    lines = (GRANT, ("Access-Control-Allow-Credentials", "true"))
    service.answer = lambda seen: reply(200 if seen.values("cookie") else 401, lines)
    ran = explain(service.url, "GET", "--credentials", "--cookie", "sid=1")
    assert ran.code == 0
    assert any("without the cookie the answer is 401" in note for note in ran.told["notes"])


def test_a_cookie_without_credentials_is_misuse(service: Upstream, explain: Explain) -> None:
    ran = explain(service.url, "GET", "--cookie", "sid=1")
    assert ran.code == 2
    assert "cookies travel only with --credentials" in ran.err
    assert service.seen == []


def test_a_redirect_is_followed_to_origins_that_were_named_and_no_others(
    service: Upstream, explain: Explain
) -> None:
    with serving(Upstream()) as other:
        other.says(200)
        service.says(302, GRANT, ("Location", f"{other.url}/elsewhere"))
        reported = explain(service.url, "GET")
        assert other.seen == []
        assert reported.told["allowed"] is None
        assert reported.cause == "redirect"
        assert f"--allow-host {other.url}" in reported.told["notes"][-1]

        followed = explain(service.url, "GET", "--allow-host", other.url)
        assert other.seen[0].target == "/elsewhere"
        assert other.seen[0].values("Origin") == ["null"]
        assert followed.cause == "redirect"
        assert (
            f"leads to {other.url}/elsewhere: 200, null is not let in"
            in (followed.told["sentence"])
        )


def test_a_redirect_back_to_the_same_server_that_may_be_read_is_fine(
    service: Upstream, explain: Explain
) -> None:
    def moved(seen: Seen) -> bytes:
        return (
            reply(200, (GRANT,))
            if seen.target == "/new"
            else reply(301, (GRANT, ("Location", "/new")))
        )

    service.answer = moved
    assert explain(f"{service.url}/old", "GET", "--probes", "none").code == 0


def test_credentials_of_one_origin_do_not_follow_a_redirect_to_another(
    service: Upstream, explain: Explain
) -> None:
    with serving(Upstream()) as other:
        where = ("Location", f"{other.url}/elsewhere")
        allows = ("Access-Control-Allow-Headers", "authorization")
        service.answer = lambda seen: (
            reply(204, (GRANT, allows, *LISTS[:1]))
            if seen.method == "OPTIONS"
            else reply(307, (GRANT, where))
        )
        token = ("-H", "authorization: Bearer abcdef")
        explain(service.url, "PUT", *token, "--allow-host", other.url)
    assert any(seen.values("authorization") for seen in service.seen)
    assert other.seen
    assert not any(seen.values("authorization") for seen in other.seen)


def test_a_known_good_origin_that_is_refused_as_well_clears_the_list(
    service: Upstream, explain: Explain
) -> None:
    service.answer = lambda _: reply(200)
    open_question = explain(service.url, "GET")
    ran = explain(service.url, "GET", "--known-good", "https://partner.example.net")
    assert open_question.confidence == "ambiguous"
    assert open_question.told["sentence"].startswith("I cannot tell between ")
    assert (ran.cause, ran.confidence) == ("policy-inert", "likely")
    assert "https://partner.example.net, known to be good, is not let in" in ran.out


def test_probes_can_be_left_out_limited_or_all_asked(service: Upstream, explain: Explain) -> None:
    service.answer = lambda _: reply(200)
    counts = {}
    for probes in ("none", "3", "auto", "all"):
        service.seen.clear()
        ran = explain(service.url, "GET", "--probes", probes)
        counts[probes] = len(service.seen)
        assert len(ran.told["requests"]) == len(service.seen)
    assert counts["none"] == 1
    assert counts["3"] == 4
    assert counts["3"] < counts["auto"] <= counts["all"] <= 49


def test_what_was_left_unasked_is_told(service: Upstream, explain: Explain) -> None:
    service.answer = lambda _: reply(200)
    ran = explain(service.url, "GET", "--probes", "3")
    assert "more requests would have been asked; --probes sets how many" in ran.told["notes"][-1]


def test_probes_change_nothing_on_the_server(service: Upstream, explain: Explain) -> None:
    service.answer = lambda _: reply(403)
    explain(service.url, "DELETE", "-H", "x-token: 1", "--probes", "all", "--send")
    assert set(methods(service)) <= {"GET", "OPTIONS"}


def test_a_host_can_be_asked_where_it_really_is(service: Upstream, explain: Explain) -> None:
    service.answer = granting
    port = service.address[1]
    resolve = ("--resolve", f"api.example.com:{port}:127.0.0.1", "--probes", "none")
    ran = explain(f"http://api.example.com:{port}/x", "GET", *resolve, origin="http://a.example")
    assert service.seen[0].values("Host") == [f"api.example.com:{port}"]
    assert ran.told["requests"][0]["answer"]["status"] == 200


def test_hops_are_asked_the_same_under_the_same_name(service: Upstream, explain: Explain) -> None:
    with serving(Upstream()) as inner:
        service.answer = lambda seen: reply(200, (GRANT, GRANT))
        inner.says(200, GRANT)
        hops = ("--hop", f"gateway={service.url}", "--hop", f"service={inner.url}/rewritten")
        ran = explain(f"{service.url}/api/x", "GET", *hops)
    assert [hop["name"] for hop in ran.told["hops"]] == ["gateway", "service"]
    assert {seen.target for seen in inner.seen} == {"/rewritten"}
    assert {tuple(seen.values("Host")) for seen in inner.seen} == {
        (service.url.removeprefix("http://"),)
    }
    assert {tuple(seen.values("Origin")) for seen in inner.seen} == {(APP,)}
    assert (ran.cause, ran.told["diagnosis"]["hop"]) == ("multi-writer", "gateway")
    assert ran.confidence == "certain"


def test_hops_are_drawn_as_a_table(service: Upstream, explain: Explain) -> None:
    service.answer = granting
    with serving(Upstream()) as inner:
        inner.answer = granting
        ran = explain(service.url, "PUT", "--hop", f"service={inner.url}", text=True)
    assert "Hop by hop, from the outside in:" in ran.out
    rows = [line.split() for line in ran.out.splitlines()]
    assert ["the", "URL", "204", "200", APP] in rows
    assert ["service", "204", "200", APP] in rows
    assert "preflights are answered by service" in ran.out


def test_a_page_over_https_may_not_call_http_and_nothing_is_sent(explain: Explain) -> None:
    ran = explain("http://api.example.com/", "GET")
    assert ran.code == 1
    assert ran.told["requests"] == []
    assert (ran.cause, ran.told["diagnosis"]["hop"]) == ("not-cors-transport", "config")
    assert "A page loaded over https may not call http" in ran.told["sentence"]


def test_a_public_page_needs_permission_for_this_machine(
    service: Upstream, explain: Explain
) -> None:
    ran = explain(service.url, "GET", "--page-network", "public")
    assert ran.cause == "private-network"
    assert service.seen == []


def test_the_permission_for_the_local_network_is_noted_where_the_page_may_be_public(
    service: Upstream, explain: Explain
) -> None:
    service.answer = granting
    public = explain(service.url, "GET", "--probes", "none")
    local = explain(service.url, "GET", "--probes", "none", origin="http://localhost:3000")
    assert "--page-network public judges that" in public.told["notes"][0]
    assert "Local Network" not in local.out


def test_page_and_server_of_one_origin_need_no_cors(service: Upstream, explain: Explain) -> None:
    service.says(200)
    ran = explain(service.url, "GET", origin=service.url)
    assert ran.code == 0
    assert "one origin: CORS is not asked" in ran.told["sentence"]
    assert len(service.seen) == 1


def test_what_the_browsers_print_is_told_and_safaris_is_marked(
    service: Upstream, explain: Explain
) -> None:
    service.says(200)
    ran = explain(service.url, "GET", "--probes", "none", origin="http://a.example", text=True)
    assert "Chrome prints:\n  Access to fetch at" in ran.out
    assert "Firefox prints:\n  Cross-Origin Request Blocked" in ran.out
    assert "Safari prints (by its source, not proven):\n  Origin http://a.example" in ran.out


def test_hostile_headers_do_not_reach_the_terminal(service: Upstream, explain: Explain) -> None:
    service.says(200, ("Access-Control-Allow-Origin", "\x1b]0;owned\x07"), ("Server", "\x9b31m"))
    ran = explain(service.url, "GET", text=True)
    assert "\x1b" not in ran.out
    assert "\x9b" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--hop", "nginx"), "write NAME=URL"),
        (("--hop", "nginx=ftp://a"), "write NAME=URL"),
        (("--resolve", "a:b:c"), "write HOST:PORT:ADDRESS"),
        (("--probes", "some"), "write none, auto, all or a number"),
        (("--known-good", "https://a.example/"), "is not as a browser sends an origin"),
        (("--allow-host", "ftp://a.example"), "is no origin"),
        (("--timeout", "0"), "--timeout takes seconds"),
        (("--timeout", "nan"), "--timeout takes seconds"),
        (("--cacert", "/no/such/file"), "--cacert /no/such/file: No such file"),
        (("--config", "/no/such/file"), "/no/such/file"),
    ],
)
def test_misuse_is_told_with_what_to_write(
    explain: Explain, arguments: tuple[str, str], message: str
) -> None:
    ran = explain("http://127.0.0.1:9/", "GET", *arguments)
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.parametrize("url", ["http://", "https://a b/", "http://[::1/"])
def test_a_url_that_is_none_is_misuse(explain: Explain, url: str) -> None:
    ran = explain(url, "GET")
    assert ran.code == 2
    assert "is not a URL" in ran.err


def test_the_command_itself_answers_with_its_exit_code(service: Upstream) -> None:
    service.answer = lambda _: reply(200, (GRANT, GRANT))
    command = [sys.executable, "-m", "corsage", "explain", service.url, "--origin", APP]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stdout.startswith(f"BLOCKED GET {service.url}/ from {APP}\nTwo writers: ")
    assert ran.stderr == ""


def test_a_terminal_is_told_how_far_it_is(service: Upstream) -> None:
    service.answer = lambda _: reply(200)
    command = [sys.executable, "-m", "corsage", "explain", service.url, "--origin", APP]
    terminal, other = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(
        [*command, "--format", "json"], stdout=subprocess.PIPE, stderr=other, env=environment
    ) as running:
        assert running.stdout is not None
        told = running.stdout.read()
    os.close(other)
    seen = b""
    try:
        while piece := os.read(terminal, 65536):
            seen += piece
    except OSError:  # the end of a terminal whose other side is closed
        pass
    os.close(terminal)
    assert json.loads(told)["allowed"] is False
    assert b"asking" in seen or b"the same" in seen


def test_a_list_of_any_length_is_judged_to_its_end(service: Upstream, explain: Explain) -> None:
    many = ", ".join([*(f"x-header-{number}" for number in range(2000)), "x-token"])
    lists = (("Access-Control-Allow-Headers", many), GRANT)
    service.answer = lambda seen: reply(200, lists)
    token = ("-H", "x-token: 1", "--probes", "none")
    assert explain(service.url, "GET", *token).code == 0


def test_long_headers_cost_little(service: Upstream, explain: Explain) -> None:
    long = [("Server", "https://" + "a." * 4000)] * 20 + [("Vary", "," * 8000)] * 5
    service.says(403, *long)
    started = time.monotonic()
    ran = explain(service.url, "PUT")
    assert time.monotonic() - started < 20  # about 2 seconds; it was 15 before values were cut
    assert len(ran.out) < 2_000_000
