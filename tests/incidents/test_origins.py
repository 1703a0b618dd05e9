"""Origins that no entry of a list equals, byte for byte: what differs is named."""

from __future__ import annotations

from tests.incidents.conftest import Estate, Explain

AUTH = "authorization: Bearer abcdef"


def test_a_slash_at_the_end_of_an_entry_is_named(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("om-keycloak-25522"))
    assert found.is_that_of("om-keycloak-25522"), found
    assert "From 'https://app.example/' the same request is let in" in found.sentence
    assert "it has a slash at the end" in found.sentence
    assert "In Flask: `origins`" in found.told["diagnosis"]["fix"]


def test_a_slash_is_found_behind_a_403_too(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("om-metabase-75839"), origin="http://localhost:6274", headers=AUTH)
    assert found.is_that_of("om-metabase-75839"), found
    assert "it has a slash at the end" in found.sentence


def test_localhost_is_not_127_0_0_1(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("om-webdev-89"), origin="http://127.0.0.1:5500")
    assert found.is_that_of("om-webdev-89"), found
    assert "its host is localhost" in found.sentence


def test_the_port_that_a_tool_had_before_is_named(estate: Estate, explain: Explain) -> None:
    page = "http://localhost:5173"
    found = explain(estate.url("om-govariants-156"), origin=page, headers=AUTH)
    assert found.is_that_of("om-govariants-156"), found
    assert "its port is 3000" in found.sentence


def test_an_entry_without_the_port_of_the_page_is_named(estate: Estate, explain: Explain) -> None:
    page = "https://backstage.example:8443"
    found = explain(estate.url("om-backstage-11662"), origin=page, headers=AUTH)
    assert found.is_that_of("om-backstage-11662"), found
    assert "From 'https://backstage.example'" in found.sentence
    assert "it has no port" in found.sentence


def test_a_wildcard_that_a_product_takes_literally_is_named(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(Traefik="om-traefik-13726", service="plain-service")
    page = "https://a.preview.example"
    found = explain(estate.url("om-traefik-13726"), "PUT", origin=page, hop=hops)
    assert found.is_that_of("om-traefik-13726"), found
    assert found.confidence == "certain"
    assert "it is a wildcard, taken literally" in found.sentence


def test_a_list_that_is_sent_as_it_stands_is_seen_on_the_wire(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(ingress="om-ingress-7162", service="plain-service")
    found = explain(estate.url("om-ingress-7162"), headers=AUTH, hop=hops)
    assert found.is_that_of("om-ingress-7162"), found
    assert "lists several: https://app.example, https://admin.example" in found.evidence


def test_one_fixed_origin_is_told_from_a_cached_one(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("om-instatoken-23"))
    assert found.is_that_of("om-instatoken-23"), found
    assert "https://domain.example, but the page's origin is https://app.example" in found.evidence
    asked = {request["why"] for request in found.told["requests"]}
    assert "the same with one more parameter, which no cache has seen" in asked
