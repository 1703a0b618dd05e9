"""`corsage explain` on what was pasted or recorded: thin callers of the diagnosis room."""

import io
import json
import sys

import pytest

CONSOLE = (
    "Access to fetch at 'https://api.example.com/me' from origin 'https://app.example.com' has "
    "been blocked by CORS policy: The 'Access-Control-Allow-Origin' header contains multiple "
    "values '*, https://app.example.com', but only one is allowed."
)
CURL = """\
> OPTIONS /orders HTTP/1.1
> Host: api.example.com
> Origin: https://app.example.com
> Access-Control-Request-Method: PUT
> Cookie: sid=s3cr3t
>
< HTTP/1.1 401 Unauthorized
< WWW-Authenticate: Bearer
<
"""


@pytest.fixture
def stdin(monkeypatch):
    def feed(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return feed


def test_a_console_line_is_explained(corsage):
    ran = corsage("explain", "--console", CONSOLE)

    assert ran.code == 1
    assert "class multi-writer" in ran.out
    assert "What to change:" in ran.out


def test_curl_output_on_standard_input_is_judged_and_explained(corsage, stdin):
    stdin(CURL)
    ran = corsage("explain", "-", "--stack", "SPA -> Kong -> API")

    assert ran.code == 1
    assert ran.out.startswith("BLOCKED PUT https://api.example.com/orders")
    assert "class preflight-auth; hop" in ran.out
    assert "Firefox prints:" in ran.out
    assert "s3cr3t" not in ran.out


def test_an_exchange_that_passes_is_exit_code_0(corsage, stdin):
    stdin(
        "> GET /x HTTP/1.1\n> Host: a.example\n> Origin: https://b.example\n>\n"
        "< HTTP/1.1 200 OK\n< Access-Control-Allow-Origin: *\n<\n"
    )
    ran = corsage("explain", "-")

    assert ran.code == 0
    assert ran.out.startswith("ALLOWED GET")


def test_json_has_one_object_a_line(corsage, stdin):
    stdin(CURL)
    ran = corsage("explain", "-", "--format", "json")
    (answer,) = map(json.loads, ran.out.splitlines())

    assert answer["allowed"] is False
    assert answer["diagnosis"]["class"] == "preflight-auth"
    assert set(answer["console"]) == {"chromium", "firefox", "safari"}


def test_observed_lines_are_answered_one_a_line(corsage, tmp_path):
    file = tmp_path / "incidents.jsonl"
    file.write_text('{"id": "a", "observed": {"preflight": {"status": 429}}}\n')
    ran = corsage("explain", "--observed", str(file))
    (answer,) = map(json.loads, ran.out.splitlines())

    assert ran.code == 0
    assert (answer["id"], answer["class"]) == ("a", "preflight-ratelimit")


def test_a_broken_observed_line_is_answered_and_the_exit_code_is_2(corsage, stdin):
    stdin('{"observed": {"preflight": {"status": 429}}}\n{broken\n{"observed": {}}\n')
    ran = corsage("explain", "--observed", "-")
    answers = [json.loads(line) for line in ran.out.splitlines()]

    assert ran.code == 2
    assert [answer.get("line") for answer in answers] == [None, 2, None]


def test_bytes_that_are_no_text_are_answered_too(corsage, tmp_path):
    file = tmp_path / "incidents.jsonl"
    file.write_bytes(b'\xff\xfe\n{"observed": {"preflight": {"status": 429}}}\n')
    ran = corsage("explain", "--observed", str(file))

    assert ran.code == 2
    assert len(ran.out.splitlines()) == 2


def test_hostile_characters_do_not_reach_the_terminal(corsage, stdin):
    stdin("HTTP/1.1 200 OK\naccess-control-allow-origin: \x1b]0;owned\x07\n")
    ran = corsage("explain", "-")

    assert "\x1b" not in ran.out


@pytest.mark.parametrize(
    "arguments",
    [(), ("cors.yaml", "GET"), ("--observed", "nowhere.jsonl"), ("nowhere.har",)],
)
def test_misuse_is_exit_code_2_and_says_what_to_name(corsage, arguments):
    ran = corsage("explain", *arguments)

    assert ran.code == 2
    assert ran.err.startswith("corsage: ")


def test_a_text_of_no_known_form_says_what_to_paste(corsage, stdin):
    stdin("hello\n")
    ran = corsage("explain", "-")

    assert ran.code == 2
    assert "copy as cURL" in ran.err
