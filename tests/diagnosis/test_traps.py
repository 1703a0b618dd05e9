"""The traps that people really fall into, each told apart from its look-alike."""

from __future__ import annotations

import pytest

from corsage.diagnosis.diagnosis import Diagnosis, diagnose
from corsage.diagnosis.observation import Answer, Asked, Observation

ORIGIN = "https://app.example"
GRANT = ("access-control-allow-origin", ORIGIN)
GRANTED = Answer(204, (GRANT,))


def _diagnose(
    preflight: Answer | None = None,
    response: Answer | None = None,
    *,
    asked: Asked | None = None,
    stack: str = "",
    config: str = "",
    symptom: str = "",
) -> Diagnosis:
    return diagnose(
        Observation(
            preflight=preflight or Answer(),
            response=response or Answer(),
            asked=asked or Asked(),
            stack=stack,
            config=config,
            symptom=symptom,
        )
    )


def test_an_empty_200_to_a_preflight_is_a_policy_that_does_not_act() -> None:
    """Traefik answers so when its policy does not match; a status is no proof of CORS."""
    found = _diagnose(Answer(200, (("content-length", "0"),)), stack="SPA -> Traefik -> API")

    assert (found.cause, found.hop) == ("policy-inert", "gateway")


def test_the_same_200_with_the_lists_but_no_origin_is_an_unlisted_origin() -> None:
    lists = (("access-control-allow-methods", "GET, PUT"), ("access-control-allow-headers", "x-a"))
    found = _diagnose(Answer(200, lists), stack="SPA -> Express")

    assert found.cause == "origin-mismatch"


@pytest.mark.parametrize(
    "headers",
    [
        (GRANT, GRANT),
        (("access-control-allow-origin", f"{ORIGIN}, {ORIGIN}"),),
        (("access-control-allow-origin", f"{ORIGIN}, *"),),
        (GRANT, ("access-control-allow-credentials", "true, true")),
    ],
    ids=["two-lines", "joined", "wildcard-beside", "credentials"],
)
def test_duplicates_are_seen_whether_or_not_a_proxy_joined_them(
    headers: tuple[tuple[str, str], ...],
) -> None:
    assert _diagnose(response=Answer(200, headers)).cause == "multi-writer"


def test_a_list_of_different_origins_in_one_line_is_no_duplicate() -> None:
    value = "https://a.example, https://b.example"
    found = _diagnose(response=Answer(200, (("access-control-allow-origin", value),)))

    assert found.cause == "origin-mismatch"


def test_a_stream_without_headers_is_told_from_a_policy_that_does_not_act() -> None:
    stream = Answer(200, (("content-type", "text/event-stream"),))

    assert _diagnose(GRANTED, stream).cause == "streaming-bypass"
    assert (
        _diagnose(GRANTED, Answer(200, (("content-type", "text/html"),))).cause
        != "streaming-bypass"
    )


def test_intermittent_failures_are_told_from_constant_ones() -> None:
    answer = Answer(200)
    constant = _diagnose(answer, answer, stack="SPA -> LB -> 4 pods")
    random = _diagnose(
        answer, answer, stack="SPA -> LB -> 4 pods", symptom="fails at random, 1 of 4"
    )

    assert random.cause == "instance-drift"
    assert constant.confidence != "certain"


def test_a_cached_answer_for_another_origin_is_told_from_a_fixed_one() -> None:
    other = ("access-control-allow-origin", "https://first.example")
    cached = Answer(200, (other, ("x-cache", "Hit from cloudfront"), ("age", "120")))
    varied = Answer(200, (other, ("x-cache", "Hit from cloudfront"), ("vary", "Origin")))

    assert (_diagnose(response=cached).cause, _diagnose(response=cached).hop) == (
        "cache-vary",
        "CDN",
    )
    assert _diagnose(response=varied).cause == "origin-mismatch"


@pytest.mark.parametrize("status", [413, 429, 500, 502, 503, 504])
def test_errors_are_never_blamed_on_cors(status: int) -> None:
    found = _diagnose(GRANTED, Answer(status))

    assert found.cause == "error-no-cors"
    assert found.cors is False


def test_who_made_the_error_is_told_by_its_own_words() -> None:
    made = Answer(403, (("x-amzn-errortype", "ForbiddenException"),))
    passed = Answer(504, (("server", "awselb/2.0"),))

    assert _diagnose(GRANTED, made).hop == "API Gateway"
    assert _diagnose(GRANTED, passed).hop == "load balancer"


def test_a_401_with_cors_in_order_and_a_samesite_cookie_is_the_cookie() -> None:
    granted = Answer(204, (GRANT, ("access-control-allow-credentials", "true")))
    found = _diagnose(granted, Answer(401), config="Set-Cookie: sid; SameSite=Lax")

    assert found.cause == "cookie"
    assert found.cors is False


def test_a_401_to_the_preflight_is_authentication_before_cors() -> None:
    assert _diagnose(Answer(401)).cause == "preflight-auth"
    assert _diagnose(GRANTED, Answer(401)).cause == "error-no-cors"


@pytest.mark.parametrize(
    ("symptom", "hop"),
    [
        ("net::ERR_CONNECTION_REFUSED", "service"),
        ("ERR_CERT_AUTHORITY_INVALID", "service"),
        ("net::ERR_NAME_NOT_RESOLVED", "service"),
        ("net::ERR_BLOCKED_BY_CLIENT with the ad blocker on", "browser"),
        ("Mixed Content: http:// from https page", "config"),
    ],
)
def test_what_never_became_http_is_not_cors(symptom: str, hop: str) -> None:
    found = _diagnose(symptom=symptom)

    assert (found.cause, found.hop) == ("not-cors-transport", hop)
    assert found.cors is False


def test_the_wildcard_is_wrong_only_where_credentials_are_sent() -> None:
    star = Answer(200, (("access-control-allow-origin", "*"),))
    include = Asked(origin=ORIGIN, credentials="include")

    assert _diagnose(response=star, asked=include).cause == "wildcard-credentials"
    assert _diagnose(response=star).confidence == "ambiguous"


def test_the_fix_is_written_for_the_product() -> None:
    error = Answer(504, (("server", "nginx"),))
    found = {
        stack: _diagnose(GRANTED, error, stack=stack).fix
        for stack in ("SPA -> nginx -> API", "SPA -> ingress-nginx -> API")
    }

    assert "always" in found["SPA -> nginx -> API"]
    assert "custom-http-errors" in found["SPA -> ingress-nginx -> API"]


def test_nothing_known_is_said_to_be_nothing_known() -> None:
    found = _diagnose()

    assert found.confidence == "ambiguous"
    assert len(found.alternatives) >= 2
