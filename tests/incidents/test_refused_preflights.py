"""Preflights that somebody refuses: for want of credentials, of a route, or for their number."""

from __future__ import annotations

from tests.incidents.conftest import Estate, Explain, status_of

AUTH = "authorization: Bearer abcdef"


def test_a_login_gate_in_front_of_every_request_stops_preflights(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("pa-flask-170"), headers=AUTH)
    assert found.is_that_of("pa-flask-170"), found
    assert "demands credentials from the preflight" in found.sentence


def test_a_token_that_is_asked_for_before_cors_stops_preflights(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("pa-kdeps-468"), headers=AUTH)
    assert found.is_that_of("pa-kdeps-468"), found
    assert "the preflight was answered 401" in found.evidence


def test_authentication_before_the_cors_filter_of_a_gateway_stops_preflights(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(agentgateway="pa-agentgateway-1020", service="plain-service")
    found = explain(estate.url("pa-agentgateway-1020"), headers=AUTH, hop=hops)
    assert found.is_that_of("pa-agentgateway-1020"), found
    assert found.confidence == "certain"
    assert "envoy.filters.http.cors before jwt_authn" in found.told["diagnosis"]["fix"]


def test_a_client_certificate_is_more_than_a_preflight_can_show(
    estate: Estate, explain: Explain
) -> None:
    url = estate.tls_url("pa-mtls-5129")
    found = explain(url, headers=AUTH, cacert=estate.certificate)
    assert found.is_that_of("pa-mtls-5129"), found
    assert "No required SSL certificate" in found.evidence


def test_a_rate_limit_counts_preflights(estate: Estate, explain: Explain) -> None:
    status_of(estate.url("pr-hyp-5423"))  # the one request that the limit lets through
    found = explain(estate.url("pr-hyp-5423"), headers=AUTH)
    assert found.is_that_of("pr-hyp-5423"), found
    assert "counts preflights against the rate limit" in found.sentence
    assert len(found.told["requests"]) == 1, "more requests would make it worse"


def test_an_edge_counts_preflights(estate: Estate, explain: Explain) -> None:
    for _ in range(2):
        status_of(estate.url("pr-nft-2180"))
    hops = estate.hops(edge="pr-nft-2180", API="open-service")
    found = explain(estate.url("pr-nft-2180"), headers=AUTH, hop=hops)
    assert found.is_that_of("pr-nft-2180"), found
    assert "edge answered the preflight: 429" in found.evidence


def test_a_cdn_that_takes_get_and_head_only_has_no_route_for_a_preflight(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(CDN="pu-hubmap-3365", service="open-service")
    found = explain(estate.url("pu-hubmap-3365"), headers=AUTH, hop=hops)
    assert found.is_that_of("pu-hubmap-3365"), found
    assert "CDN answered the preflight: 403" in found.evidence


def test_a_route_for_some_methods_does_not_take_options(estate: Estate, explain: Explain) -> None:
    hops = estate.hops(Kong="pu-kic-449", service="plain-service")
    found = explain(estate.url("pu-kic-449"), "PUT", hop=hops)
    assert found.is_that_of("pu-kic-449"), found
    assert "OPTIONS is not routed" in found.sentence


def test_a_route_for_post_alone_takes_neither_options_nor_the_get_that_stands_in(
    estate: Estate, explain: Explain
) -> None:
    body, hops = "content-type: application/json", estate.hops(platform="pu-azf-854")
    found = explain(estate.url("pu-azf-854"), "POST", headers=body, hop=hops)
    assert found.is_that_of("pu-azf-854"), found
    assert found.confidence != "certain"
