"""Policies that are written down and do not act, and preflights that the wrong hop answers."""

from __future__ import annotations

from pathlib import Path

from tests.incidents.conftest import Estate, Explain

AUTH = "authorization: Bearer abcdef"


def test_the_last_if_of_nginx_takes_the_headers_of_the_others_with_it(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("pi-off-4073", "/?q=1"))
    assert found.is_that_of("pi-off-4073"), found
    assert "the last `if` wins" in found.told["diagnosis"]["fix"]


def test_files_that_the_proxy_serves_itself_never_meet_the_applications_policy(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(nginx="pi-ifrc-1330", Django="open-service")
    found = explain(estate.url("pi-ifrc-1330", "/static/site.css"), hop=hops)
    assert found.is_that_of("pi-ifrc-1330"), found
    assert "lets the page's origin in" in found.evidence


def test_annotations_without_enable_cors_change_nothing(
    estate: Estate, explain: Explain, tmp_path: Path
) -> None:
    excerpt = tmp_path / "ingress.yaml"
    excerpt.write_text('nginx.ingress.kubernetes.io/cors-allow-origin: "https://app.example"')
    hops = estate.hops(ingress="pi-annot-noenable", service="no-options")
    url = estate.url("pi-annot-noenable")
    found = explain(url, headers=AUTH, hop=hops, config=excerpt)
    assert found.is_that_of("pi-annot-noenable"), found
    assert "a GET is answered 200 without any Access-Control header" in found.evidence


def test_what_answers_above_the_cors_middleware_never_meets_it(
    estate: Estate, explain: Explain
) -> None:
    found = explain(estate.url("django", "/health"))
    assert found.is_that_of("pi-onadata-3021"), found
    assert "lets the page's origin in" in found.evidence


def test_an_empty_200_from_traefik_is_no_permission(estate: Estate, explain: Explain) -> None:
    hops = estate.hops(Traefik="pi-traefik-6665", nginx="plain-service")
    found = explain(estate.url("pi-traefik-6665"), "PUT", hop=hops)
    assert found.is_that_of("pi-traefik-6665"), found
    assert "an empty 200 with no Access-Control header" in found.evidence


def test_a_gateway_lets_a_preflight_through_to_a_service_that_refuses_it(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(Kong="pw-kong-3735", service="no-cors-service")
    found = explain(estate.url("pw-kong-3735"), headers=AUTH, hop=hops)
    assert found.is_that_of("pw-kong-3735"), found
    assert found.confidence == "certain"
    assert "Service answers the preflight (403), while Kong writes" in found.sentence


def test_a_filter_without_a_policy_lets_preflights_through_to_a_grpc_server(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(Envoy="pw-envoy-34995", gRPC_backend="grpc-service")
    kind = "content-type: application/grpc-web"
    found = explain(estate.url("pw-envoy-34995"), "POST", headers=kind, hop=hops)
    assert found.is_that_of("pw-envoy-34995"), found
    assert "grpc-status: 12" in found.evidence
