"""Secrets never come back; what decides CORS always does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.diagnosis.redact import MASK, masking, redact, redact_headers, redact_value

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        "https://api.example/x?token=hunter2secret",
        "https://api.example/x?a=1&api_key=hunter2secret&b=2",
        "https://api.example/x?X-Amz-Signature=hunter2secret",
        "https://app.example/#access_token=hunter2secret",
        "https://app.example/cb?code=hunter2secret&state=x",
        "https://user:hunter2secret@api.example/x",
        "Authorization: Bearer hunter2secret",
        "authorization: hunter2secret",
        "Cookie: sid=hunter2secret; theme=dark",
        "set-cookie: sid=hunter2secret; Path=/",
        "X-Api-Key: hunter2secret",
        'password="hunter2secret"',
        "client_secret=hunter2secret",
        "Basic hunter2secret",
    ],
)
def test_a_secret_in_a_text_is_masked(text: str) -> None:
    assert "hunter2secret" not in redact(text)
    assert MASK in redact(text)


@pytest.mark.parametrize(
    "token", [JWT, "ghp_" + "a1" * 18, "AKIA" + "B2" * 8, "0f" * 20, "sk-" + "x9" * 12]
)
def test_what_looks_like_a_token_is_masked_wherever_it_stands(token: str) -> None:
    assert token not in redact(f"the answer was {token} and no more")


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        "Set-Cookie",
        "X-Api-Key",
        "X-CSRF-Token",
        "X-Amz-Security-Token",
        "Session-Id",
        "CF-Access-Client-Secret",
        "x-auth-user",
    ],
)
def test_headers_that_carry_secrets_lose_their_values(name: str) -> None:
    assert redact_value(name, "anything at all") == MASK


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("access-control-allow-origin", "https://app.example.com"),
        ("access-control-allow-headers", "authorization, x-api-key, cookie"),
        ("access-control-allow-credentials", "true"),
        ("www-authenticate", 'Bearer realm="api"'),
        ("vary", "Origin, Cookie, Authorization"),
        ("server", "nginx/1.31.0"),
        ("content-type", "application/json; charset=utf-8"),
        ("x-cache", "Hit from cloudfront"),
    ],
)
def test_what_decides_cors_is_kept(name: str, value: str) -> None:
    assert redact_value(name, value) == value


def test_console_lines_keep_what_they_say() -> None:
    line = (
        "Access to fetch at 'https://api.example.com/orders?page=2' from origin "
        "'https://app.example.com' has been blocked by CORS policy: Request header field "
        "authorization is not allowed by Access-Control-Allow-Headers in preflight response."
    )

    assert redact(line) == line


def test_header_lines_stay_in_order_and_repeated() -> None:
    lines = (("vary", "Origin"), ("cookie", "a=b"), ("vary", "Accept"))

    assert redact_headers(lines) == (("vary", "Origin"), ("cookie", MASK), ("vary", "Accept"))


@given(st.text())
def test_redacting_twice_is_redacting_once(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "piece", ["a", "token=", "://", "eyJ", "Bearer ", "?key=", "-_", "=", "cookie:"]
)
def test_hostile_texts_are_redacted_in_bounded_time(piece: str) -> None:
    assert len(redact(piece * 100_000)) <= 200_000


def test_secrets_that_were_given_are_taken_out_wherever_they_turn_up() -> None:
    mask = masking(["Bearer abc12345", "sid=zzzz9; lang=en"])

    assert mask("location: /login?back=abc12345") == f"location: /login?back={MASK}"
    assert mask("set again: zzzz9") == f"set again: {MASK}"
    assert mask("www-authenticate: Bearer") == "www-authenticate: Bearer"
    assert mask("in English: en") == "in English: en"
