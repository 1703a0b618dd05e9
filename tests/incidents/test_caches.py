"""Answers that depend on who asked before, or on who answers."""

from __future__ import annotations

from tests.incidents.conftest import Estate, Explain, status_of

AUTH = "authorization: Bearer abcdef"


def test_a_cdn_hands_out_the_answer_to_the_first_site(estate: Estate, explain: Explain) -> None:
    url = estate.url("cv-iiif-111", "/info.json")
    status_of(url, Origin="https://first.example")
    hops = estate.hops(CDN="cv-iiif-111", Lambda="reflecting-service")
    found = explain(url, hop=hops)
    assert found.is_that_of("cv-iiif-111"), found
    assert found.confidence == "certain"
    assert "With one more parameter in the query, which no cache knows" in found.sentence


def test_a_cdn_keeps_the_answer_to_a_request_without_origin(
    estate: Estate, explain: Explain
) -> None:
    url = estate.url("cv-prx-412", "/feed.xml")
    status_of(url)
    hops = estate.hops(CDN="cv-prx-412", S3="reflecting-service")
    found = explain(url, hop=hops)
    assert found.is_that_of("cv-prx-412"), found
    assert "at CDN access-control-allow-origin of the answer vanishes" in found.evidence


def test_an_echo_without_vary_is_told_before_a_cache_meets_it(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("cv-ingress-10490"))
    assert found.is_that_of("cv-ingress-10490"), found
    assert found.code == 0
    assert found.sentence.startswith("Nothing is blocked now, but: A cache")


def test_replicas_with_different_policies_are_not_taken_for_a_wrong_origin(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("dr-kic-1116"), headers=AUTH)
    assert found.is_that_of("dr-kic-1116"), found
    assert "requests that were all the same" in found.sentence
