"""What a preflight lists, what an answer exposes, and what carries credentials."""

from __future__ import annotations

from tests.incidents.conftest import Estate, Explain


def test_a_header_that_one_of_two_helpers_forgot_is_named(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("hn-worldmonitor-2321"), "POST", headers="x-widget-key: 1")
    assert found.is_that_of("hn-worldmonitor-2321"), found
    assert "x-widget-key is not in Access-Control-Allow-Headers" in found.evidence


def test_a_header_that_a_tracing_library_adds_is_the_pages_own(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("hn-worldmonitor-2321"), headers="baggage: a=b")
    assert found.is_that_of("hn-contentful-1381"), found
    assert "baggage is a header that tracing libraries add" in found.evidence


def test_an_emulator_that_does_not_list_patch_is_named(estate: Estate, explain: Explain) -> None:
    hops = estate.hops(emulator="mn-localstack-3965")
    found = explain(estate.url("mn-localstack-3965"), "PATCH", hop=hops)
    assert found.is_that_of("mn-localstack-3965"), found
    assert "PATCH is not in Access-Control-Allow-Methods: HEAD,GET,PUT" in found.evidence


def test_a_method_in_lower_case_is_the_pages_own(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("mn-mulesoft-272"), "patch")
    assert found.is_that_of("mn-mulesoft-272"), found
    assert "the page sends patch, the list has PATCH" in found.evidence


def test_the_wildcard_counts_for_nothing_with_credentials(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("wildcard-service"), credentials=True)
    assert found.is_that_of("wc-fetch-277"), found
    assert "must not be the wildcard" in found.told["console"]["chromium"][0]


def test_a_header_that_the_page_wants_to_read_is_not_exposed(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("em-axios-895"), read="Content-Disposition")
    assert found.is_that_of("em-axios-895"), found
    assert found.code == 1
    assert "content-disposition is there, but" in found.evidence


def test_a_stream_is_told_from_the_answers_beside_it(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("st-lodestar-2712", "/events"))
    assert found.is_that_of("st-lodestar-2712"), found
    assert "content-type: text/event-stream, no CORS" in found.evidence


def test_a_401_that_the_page_may_read_is_a_cookie_that_did_not_travel(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("ck-mdn-7025"), headers="x-csrf: 1", credentials=True)
    assert found.is_that_of("ck-mdn-7025"), found
    assert found.sentence.startswith("Nothing is blocked now, but: CORS is in order")


def test_the_wildcard_of_a_service_leaks_to_origins_that_the_mesh_does_not_allow(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("op-istio-9783"))
    assert found.is_that_of("op-istio-9783"), found
    assert ".invalid is let in: Access-Control-Allow-Origin: *" in found.evidence


def test_a_pattern_that_is_searched_for_lets_look_alikes_in(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("op-gotify-1052"), origin="https://gotify.example")
    assert found.is_that_of("op-gotify-1052"), found
    assert "https://gotify.example.corsage.invalid is let in" in found.sentence


def test_a_dot_that_is_not_escaped_lets_look_alikes_in(estate: Estate, explain: Explain) -> None:
    found = explain(estate.url("op-solana-925"), origin="https://my.vercel.app")
    assert found.is_that_of("op-solana-925"), found
    assert "https://corsagevercel.app is let in" in found.sentence
