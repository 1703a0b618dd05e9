"""Two writers of one header: where the second one writes."""

from __future__ import annotations

import subprocess
import sys

from tests.incidents.conftest import Estate, Explain


def test_add_header_stands_beside_what_a_library_writes_on_its_own_path(
    estate: Estate, explain: Explain
) -> None:
    found = explain(
        estate.url("mw-socketio-2671", "/socket.io/"),
        origin="http://website.example",
        hop=estate.hops(nginx="mw-socketio-2671", service="socketio"),
    )
    assert found.is_that_of("mw-socketio-2671"), found
    assert found.confidence == "certain"
    assert "at nginx access-control-allow-origin stands 2 times" in found.evidence
    assert "proxy_hide_header" in found.told["diagnosis"]["fix"]


def test_the_command_itself_draws_the_hops(estate: Estate) -> None:
    hops = estate.hops(nginx="mw-socketio-2671", service="socketio")
    options = [word for hop in hops for word in ("--hop", hop)]
    url = estate.url("mw-socketio-2671", "/socket.io/")
    page = ["--origin", "http://website.example", *options]
    command = [sys.executable, "-m", "corsage", "explain", url, *page]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "")
    rows = [line.split() for line in ran.stdout.splitlines()]
    assert ["nginx", "200", "200", "2", "x", "http://website.example", "nginx,", "Express"] in rows
    assert ["service", "200", "200", "http://website.example", "Express"] in rows


def test_a_gateway_appends_to_what_the_service_has_written(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(gateway="mw-apisix-1704", service="open-service")
    found = explain(estate.url("mw-apisix-1704"), credentials=True, hop=hops)
    assert found.is_that_of("mw-apisix-1704"), found
    doubled = "at gateway access-control-allow-origin of the answer is doubled"
    assert any(line.startswith(doubled) for line in found.told["changes"])


def test_the_grant_of_credentials_alone_is_doubled(estate: Estate, explain: Explain) -> None:
    hops = estate.hops(Tyk="mw-tyk-2629", service="open-service")
    found = explain(estate.url("mw-tyk-2629"), credentials=True, hop=hops)
    assert found.is_that_of("mw-tyk-2629"), found
    assert "access-control-allow-credentials stands 2 times: true, true" in found.evidence


def test_the_wildcard_of_a_component_stands_beside_the_tenants_origin(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(Caddy="mw-supacloud-232", GoTrue="wildcard-service")
    found = explain(estate.url("mw-supacloud-232"), hop=hops)
    assert found.is_that_of("mw-supacloud-232"), found
    assert "GoTrue sends the wildcard" in found.evidence


def test_both_writers_are_inside_where_the_gateway_changes_nothing(
    estate: Estate, explain: Explain
) -> None:
    hops = estate.hops(Traefik="mw-traefik-10057", service="twice-service")
    found = explain(estate.url("mw-traefik-10057"), hop=hops)
    assert found.is_that_of("mw-traefik-10057"), found
    assert "at service access-control-allow-origin stands 2 times" in found.evidence
