"""Redirects where the browser needs the answer itself."""

from __future__ import annotations

from tests.incidents.conftest import Estate, Explain

AUTH = "authorization: Bearer abcdef"


def test_a_preflight_over_http_is_sent_to_https(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("rd-ingress-4178"), headers=AUTH)
    assert found.is_that_of("rd-ingress-4178"), found
    assert "Location: https://api.example/" in found.evidence


def test_a_renamed_object_redirects_its_preflights_as_well(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("rd-datagouv-1359", "/old"), headers=AUTH)
    assert found.is_that_of("rd-datagouv-1359"), found
    assert "the preflight was answered 308" in found.evidence


def test_an_expired_session_is_sent_to_a_login_page(estate: Estate, explain: Explain) -> None:
    hops = estate.hops(**{"oauth2-proxy": "rd-oauth2proxy-2708", "API": "plain-service"})
    found = explain(estate.url("rd-oauth2proxy-2708"), headers=AUTH, hop=hops)
    assert found.is_that_of("rd-oauth2proxy-2708"), found
    assert "which was not asked; --allow-host https://sso.example" in found.told["notes"][-1]


def test_the_login_page_of_an_access_proxy_is_reported_and_not_asked(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(Pomerium="rd-pomerium-2176", service="open-service")
    found = explain(estate.url("rd-pomerium-2176"), headers=AUTH, hop=hops)
    assert found.is_that_of("rd-pomerium-2176"), found
    assert found.code == 1
    assert all("auth.corp.example" not in each["url"] for each in found.told["requests"])


def test_a_slash_redirect_behind_tls_loses_the_scheme(estate: Estate, explain: Explain) -> None:
    url = estate.tls_url("rd-starlette-2748", "/rd-starlette-2748/endpoint")
    found = explain(url, cacert=estate.certificate)
    assert found.is_that_of("rd-starlette-2748"), found
    assert "the actual answer is 307 to http://localhost:" in found.evidence
