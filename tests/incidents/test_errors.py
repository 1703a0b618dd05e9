"""Errors that browsers show as CORS: who made them, and who does not stamp them."""

from __future__ import annotations

import subprocess
import sys

from tests.incidents.conftest import Estate, Explain, status_of
from tests.incidents.services import APP

AUTH = "authorization: Bearer abcdef"


def test_add_header_without_always_hides_a_bad_gateway(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("en-off-672"), headers=AUTH)
    assert found.is_that_of("en-off-672"), found
    assert found.confidence == "certain"
    assert "nginx answered with an error 502" in found.sentence


def test_the_command_itself_says_so_in_words(estate: Estate) -> None:
    page = ["--origin", APP, "-H", AUTH]
    command = [sys.executable, "-m", "corsage", "explain", estate.url("en-off-672"), *page]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "This is not a CORS refusal: nginx answered with an error 502" in ran.stdout
    assert "class error-no-cors; hop nginx; certain" in ran.stdout
    assert "Append `always`" in ran.stdout
    assert "abcdef" not in ran.stdout


def test_the_ingress_that_owns_cors_does_not_stamp_the_404_of_a_service(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(ingress="en-ingress-1679", service="plain-service")
    found = explain(estate.url("en-ingress-1679", "/missing"), headers=AUTH, hop=hops)
    assert found.is_that_of("en-ingress-1679"), found
    assert "service made the 404; ingress owns CORS and does not stamp it" in found.evidence


def test_an_upload_over_the_limit_never_reaches_the_service_that_owns_cors(
    estate: Estate, explain: Explain
) -> None:
    url, upload = estate.url("en-va-15687"), "x" * 5000
    found = explain(url, "POST", headers="x-file: a", send=True, data=upload)
    assert found.is_that_of("en-va-15687"), found
    assert found.confidence == "certain"
    assert "This is not a CORS refusal: nginx answered with an error 413" in found.sentence


def test_a_404_that_hides_a_dead_balancer_is_not_a_matter_of_origins(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(nginx_revproxy="en-va-56234", LB="nobody")
    found = explain(estate.url("en-va-56234"), headers=AUTH, hop=hops)
    assert found.is_that_of("en-va-56234"), found
    assert "LB gives no answer at all" in found.evidence
    assert "Connection refused" in found.evidence


def test_the_authentication_proxy_answers_401_by_itself(estate: Estate, explain: Explain) -> None:
    hops = estate.hops(**{"oauth2-proxy": "en-oauth2proxy-822", "API": "open-service"})
    found = explain(estate.url("en-oauth2proxy-822"), headers=AUTH, hop=hops)
    assert found.is_that_of("en-oauth2proxy-822"), found
    assert "oauth2-proxy made the 401" in found.evidence


def test_an_unhandled_exception_passes_starlettes_middleware_by(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("starlette", "/en-starlette-1116/"), headers=AUTH)
    assert found.is_that_of("en-starlette-1116"), found
    assert "an error 500" in found.sentence


def test_a_throttle_outside_of_cors_answers_without_it(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("starlette", "/en-jikan-148/"), headers=AUTH)
    assert found.is_that_of("en-jikan-148"), found
    assert "an error 429" in found.sentence


def test_an_error_raised_outside_of_the_router_with_cors_has_none(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("en-cors-126", "/orders"), headers=AUTH)
    assert found.is_that_of("en-cors-126"), found
    assert "Express" in found.told["diagnosis"]["product"]
    assert "app.use(cors(...))" in found.told["diagnosis"]["fix"]


def test_a_rate_limit_in_front_of_the_gateways_cors_filter_answers_without_it(
    estate: Estate, explain: Explain
) -> None:
    status_of(estate.url("en-emissary-2030"))  # the one request that the limit lets through
    hops = estate.hops(Ambassador="en-emissary-2030", service="plain-service")
    found = explain(estate.url("en-emissary-2030"), headers=AUTH, hop=hops)
    assert found.is_that_of("en-emissary-2030"), found
    assert "envoy.filters.http.cors before ratelimit" in found.told["diagnosis"]["fix"]


def test_the_refusal_of_a_forward_auth_passes_the_headers_middleware_by(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(Traefik="en-traefik-6918", service="plain-service")
    found = explain(estate.url("en-traefik-6918"), headers=AUTH, hop=hops)
    assert found.is_that_of("en-traefik-6918"), found
    assert "Traefik made the 401" in found.evidence


def test_a_balancer_that_waits_less_than_the_service_takes_answers_504(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(load_balancer="en-housing-557", Flask="slow-service")
    found = explain(estate.url("en-housing-557"), headers=AUTH, hop=hops)
    assert found.is_that_of("en-housing-557"), found
    assert (found.hop, found.confidence) == ("load balancer", "certain")
    assert "an error 504" in found.sentence
