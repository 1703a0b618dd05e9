"""curl, fetch, HAR and headers, as people paste them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.diagnosis.case import Case, InputError
from corsage.diagnosis.explanation import Explanation, explain
from corsage.diagnosis.paste import form_of, read_paste

PREFLIGHT_401 = """\
> OPTIONS /orders HTTP/2
> Host: api.example.com
> Origin: https://app.example.com
> Access-Control-Request-Method: PUT
> Access-Control-Request-Headers: authorization
>
* Request completely sent off
< HTTP/2 401
< www-authenticate: Bearer
< server: istio-envoy
<
* Connection #0 left intact
"""

WHOLE_EXCHANGE = """\
> OPTIONS /orders HTTP/1.1
> Host: api.example.com
> Origin: https://app.example.com
> Access-Control-Request-Method: PUT
>
< HTTP/1.1 204 No Content
< Access-Control-Allow-Origin: https://app.example.com
< Access-Control-Allow-Methods: PUT
<
> PUT /orders HTTP/1.1
> Host: api.example.com
> Origin: https://app.example.com
>
< HTTP/1.1 {status}
< Server: nginx
{headers}<
<html><center>nginx</center></html>
"""

COPY_AS_FETCH = """\
fetch("https://api.example.com/v1/me", {
  "headers": {
    "accept": "*/*",
    "authorization": "Bearer abc.def.ghi123456",
    "content-type": "application/json",
    "sec-ch-ua-mobile": "?0"
  },
  "referrer": "https://app.example.com/",
  "body": "{\\"a\\":1}",
  "method": "PATCH",
  "mode": "cors",
  "credentials": "include"
});"""

COPY_AS_CURL = """\
curl 'https://api.example.com/v1/me?page=2' \\
  -X 'PATCH' \\
  -H 'accept: */*' \\
  -H 'authorization: Bearer abc.def.ghi123456' \\
  -H 'content-type: application/json' \\
  -b 'sid=s3cr3t' \\
  -H 'origin: https://app.example.com' \\
  --data-raw $'{"name":"O\\'Neil"}'"""

COPY_AS_CURL_CMD = (
    'curl ^"https://api.example.com/v1/me^" ^\n'
    '  -H ^"Origin: https://app.example.com^" ^\n'
    '  -X ^"DELETE^"'
)


def _only(text: str, **options: Any) -> Case:
    (case,) = read_paste(text, **options)
    return case


def _explained(text: str, **options: Any) -> Explanation:
    return explain(_only(text, **options))


def test_a_preflight_in_curl_v_output_is_judged_as_browsers_do() -> None:
    explanation = _explained(PREFLIGHT_401)

    assert explanation.allowed is False
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause == "preflight-auth"
    assert set(explanation.console) == {"chromium", "firefox", "safari"}
    assert explanation.console["safari"] == (
        "Preflight response is not successful. Status code: 401",
    )


@pytest.mark.parametrize(
    ("status", "product"), [("413 Payload Too Large", "nginx"), ("502 Bad Gateway", "nginx")]
)
def test_an_error_of_the_proxy_is_not_cors(status: str, product: str) -> None:
    explanation = _explained(WHOLE_EXCHANGE.format(status=status, headers=""))

    assert explanation.allowed is False
    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause == "error-no-cors"
    assert explanation.diagnosis.product == product
    assert explanation.diagnosis.confidence == "certain"
    assert explanation.diagnosis.cors is False
    assert "This is not a CORS refusal" in explanation.sentence
    assert "always" in explanation.diagnosis.fix


def test_an_exchange_that_browsers_let_through_is_not_complained_of() -> None:
    headers = "< Access-Control-Allow-Origin: https://app.example.com\n"
    explanation = _explained(WHOLE_EXCHANGE.format(status="200 OK", headers=headers))

    assert explanation.allowed is True
    assert explanation.diagnosis is None
    assert explanation.sentence.startswith("Nothing is blocked here")


def test_an_options_without_the_request_method_is_pointed_out() -> None:
    text = "$ curl -i -X OPTIONS https://api.example.com/orders\nHTTP/1.1 200 OK\nServer: Kong\n\n"
    explanation = _explained(text)

    assert any("is not a preflight" in note for note in explanation.notes)
    assert explanation.diagnosis is None
    assert explanation.sentence.startswith("I cannot tell yet")


def test_an_answer_alone_asks_for_the_preflight_that_the_browser_would_send() -> None:
    text = (
        "curl -i https://api.example.com/o -X DELETE -H 'Origin: https://app.example.com' "
        "-H 'Authorization: Bearer abcdefgh1'\n"
        "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example.com\n\n{}"
    )
    explanation = _explained(text)

    assert explanation.allowed is None
    assert "curl -i -X OPTIONS 'https://api.example.com/o'" in explanation.missing
    assert "'Access-Control-Request-Method: DELETE'" in explanation.missing
    assert "'Access-Control-Request-Headers: authorization'" in explanation.missing


@pytest.mark.parametrize(
    ("text", "method", "credentials"),
    [
        (COPY_AS_FETCH, "PATCH", "include"),
        (COPY_AS_CURL, "PATCH", "include"),
        (COPY_AS_CURL_CMD, "DELETE", "same-origin"),
    ],
    ids=["fetch", "bash", "cmd"],
)
def test_copies_from_devtools_give_the_request(text: str, method: str, credentials: str) -> None:
    case = _only(text)

    assert case.request is not None
    assert case.request.url.startswith("https://api.example.com/v1/me")
    assert case.request.origin == "https://app.example.com"
    assert (case.request.method, case.request.credentials) == (method, credentials)
    names = {name for name, _ in case.request.headers}
    assert names <= {"accept", "authorization", "content-type"}


def test_a_fetch_typed_by_hand_is_read_too() -> None:
    case = _only(
        "await fetch('https://api.example.com/x', {method: 'PUT', // update\n"
        " headers: {'X-A': `1`,}, credentials: 'include', keepalive: true,})",
        origin="https://app.example.com",
    )

    assert case.request is not None
    assert case.request.method == "PUT"
    assert case.request.headers == (("x-a", "1"),)


def test_a_refused_connection_is_not_cors() -> None:
    explanation = _explained(
        "curl https://localhost:3000/ -H 'Origin: http://localhost:5173'\n"
        "curl: (7) Failed to connect to localhost port 3000: Connection refused\n"
    )

    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause == "not-cors-transport"
    assert explanation.diagnosis.cors is False


def test_bare_headers_are_enough_for_what_they_prove() -> None:
    explanation = _explained(
        "HTTP/2 200\naccess-control-allow-origin: https://a.example\n"
        "access-control-allow-origin: *\ncookie: sid=s3cr3t\n"
    )

    assert explanation.diagnosis is not None
    assert explanation.diagnosis.cause == "multi-writer"


def test_the_users_words_about_the_path_are_used() -> None:
    explanation = explain(
        _only("HTTP/2 401\nwww-authenticate: Bearer\n"),
        stack="SPA -> nginx -> Spring Boot with Spring Security",
        config="http.csrf().disable()",
    )

    assert explanation.diagnosis is not None
    assert explanation.diagnosis.product == "Spring"


def _entry(
    method: str, status: int, request: dict[str, str], response: dict[str, str], **more: Any
) -> Any:
    def lines(headers: dict[str, str]) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in headers.items()]

    return {
        "request": {
            "method": method,
            "url": "https://api.example.com/orders?token=s3cr3t",
            "headers": lines({"Origin": "https://app.example.com", **request}),
        },
        "response": {"status": status, "headers": lines(response), "content": {"text": "..."}},
        **more,
    }


ASKS = {"Access-Control-Request-Method": "PUT"}
GRANTS = {
    "Access-Control-Allow-Origin": "https://app.example.com",
    "Access-Control-Allow-Methods": "PUT",
}


def _har(*entries: Any) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def test_a_har_file_gives_every_request_with_its_preflight_and_verdict() -> None:
    text = _har(
        _entry("OPTIONS", 204, ASKS, GRANTS),
        _entry("PUT", 200, {}, GRANTS),
        _entry("OPTIONS", 403, ASKS, {"server": "cloudflare", "cf-mitigated": "challenge"}),
        _entry("PUT", 0, {}, {}, _error="net::ERR_FAILED"),
        _entry("GET", 504, {}, {"server": "awselb/2.0"}),
    )

    explanations = [explain(case) for case in read_paste(text)]

    assert [e.allowed for e in explanations] == [True, False, False]
    causes = [e.diagnosis and (e.diagnosis.cause, e.diagnosis.hop) for e in explanations]
    assert causes == [None, ("preflight-auth", "edge"), ("error-no-cors", "load balancer")]


def test_navigations_and_same_origin_requests_of_a_har_are_left_out() -> None:
    page = _entry("GET", 200, {"Sec-Fetch-Mode": "navigate"}, {})
    own = _entry("GET", 500, {"Origin": "https://api.example.com"}, {})

    assert read_paste(_har(page, own, "nonsense", {"request": 3})) == ()


def test_a_har_of_a_dead_service_is_not_cors() -> None:
    (case,) = read_paste(_har(_entry("GET", 0, {}, {}, _error="net::ERR_CONNECTION_REFUSED")))
    diagnosis = explain(case).diagnosis

    assert diagnosis is not None
    assert diagnosis.cause == "not-cors-transport"


@pytest.mark.parametrize("text", [COPY_AS_CURL, COPY_AS_FETCH, _har(_entry("GET", 500, {}, {}))])
def test_no_secret_comes_back_from_a_paste(text: str) -> None:
    for case in read_paste(text):
        shown = explain(case)
        said = f"{shown.title} {shown.sentence} {shown.missing} {shown.console} {shown.diagnosis}"
        assert "s3cr3t" not in said
        assert "abc.def" not in said


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (PREFLIGHT_401, "curl"),
        (COPY_AS_CURL, "curl"),
        (COPY_AS_FETCH, "fetch"),
        (_har(), "har"),
        ("HTTP/1.1 200 OK\nA: b\n", "curl"),
        ("access-control-allow-origin: *\n", "headers"),
        (
            "Origin http://a.ex is not allowed by Access-Control-Allow-Origin. Status code: 200",
            "console",
        ),
    ],
)
def test_the_form_of_a_paste_is_found_out(text: str, form: str) -> None:
    assert form_of(text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", None),
        ("hello", None),
        ("curl", "curl"),
        ("curl 'https://a.example", "curl"),
        ("curl -X OPTIONS", "curl"),
        ("fetch(", "fetch"),
        ('fetch("https://a.example", {a: b})', "fetch"),
        ("fetch(" + "[" * 100_000, "fetch"),
        ("{}", "har"),
        ('{"log": {"entries": 1}}', "har"),
        ("[" * 100_000, "har"),
        ("nothing here", "headers"),
    ],
)
def test_what_cannot_be_read_says_what_to_paste(text: str, form: Any) -> None:
    with pytest.raises(InputError) as error:
        read_paste(text, form=form)

    assert len(str(error.value)) < 400


_PIECES = st.sampled_from(
    [
        "curl ",
        "-H ",
        "'",
        '"',
        "\\\n",
        "^",
        "https://a.example/",
        "HTTP/1.1 200\n",
        "< ",
        "> ",
        "* ",
        "OPTIONS / HTTP/1.1\n",
        "Origin: https://b.example\n",
        "fetch(",
        "{",
        "}",
        "[",
        ",",
        ":",
        "access-control-allow-origin: *\n",
        "\n",
        "log",
        "entries",
        "Status code: ",
        "curl: (7) x",
    ]
)


@given(st.lists(_PIECES | st.text(max_size=8), max_size=30).map("".join))
def test_any_text_is_explained_or_refused(text: str) -> None:
    try:
        cases = read_paste(text)
    except InputError:
        return
    for case in cases:
        assert explain(case).sentence


@given(st.text(), st.sampled_from(["har", "fetch", "curl", "console", "headers"]))
def test_any_text_under_any_form_is_explained_or_refused(text: str, form: Any) -> None:
    try:
        cases = read_paste(text, form=form)
    except InputError:
        return
    for case in cases:
        assert explain(case).sentence


@pytest.mark.parametrize(
    "piece", ["curl -H 'a: b' ", "HTTP/1.1 200\n", "< a: b\n", "fetch('", "\\\n"]
)
def test_large_pastes_are_read_in_bounded_time(piece: str) -> None:
    try:
        cases = read_paste(piece * 100_000)
    except InputError:
        return
    assert len(cases) <= 2_000
