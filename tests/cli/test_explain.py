import json
from pathlib import Path

import pytest

from tests.gateway.upstream import Upstream, reply, serving

APP = "https://app.example.com"


def explain(corsage, policy, *arguments):
    return corsage("explain", policy, *arguments)


def test_an_allowed_request_is_exit_code_0_with_the_preflight_and_its_answer(corsage, policy):
    ran = explain(
        corsage, policy, "POST", "/billing/invoices", "--origin", APP,
        "-H", "authorization", "--credentials",
    )  # fmt: skip
    assert ran.code == 0
    assert ran.out.startswith("ALLOWED POST https://api.example.com/billing/invoices")
    assert "Access-Control-Request-Headers: authorization" in ran.out
    assert "Access-Control-Allow-Methods: GET, POST" in ran.out
    assert "route /billing -> billing; policy session" in ran.out


def test_a_blocked_request_is_exit_code_1_with_the_reason(corsage, policy):
    ran = explain(corsage, policy, "PUT", "/billing", "--origin", APP)
    assert ran.code == 1
    assert ran.out.startswith("BLOCKED PUT")
    assert "policy session does not list the method PUT" in ran.out


def test_a_refused_origin_is_told_who_is_allowed(corsage, policy):
    ran = explain(corsage, policy, "GET", "/billing", "--origin", "https://evil.example")
    assert ran.code == 1
    assert "policy session admits app" in ran.out


def test_a_header_that_is_not_listed_is_named(corsage, policy):
    ran = explain(corsage, policy, "GET", "/billing", "--origin", APP, "-H", "x-trace: 1")
    assert "policy session does not list the header x-trace" in ran.out


def test_a_route_for_no_browser_says_so(corsage, policy):
    ran = explain(corsage, policy, "GET", "/internal", "--origin", APP)
    assert ran.code == 1
    assert "cors: none" in ran.out


def test_credentials_on_a_public_route_are_explained(corsage, policy):
    ran = explain(corsage, policy, "GET", "/search", "--origin", APP, "--credentials")
    assert ran.code == 1
    assert "policy public does not allow credentials" in ran.out


def test_a_service_that_owns_its_cors_is_told_what_it_must_answer(corsage, policy):
    ran = explain(corsage, policy, "GET", "/own", "--origin", APP)
    assert ran.code == 0
    assert "the service owns CORS, and this is what search must answer" in ran.out


def test_a_path_that_no_route_takes_is_the_gateways_own_404(corsage, policy):
    ran = explain(corsage, policy, "GET", "/nowhere", "--origin", APP)
    assert "the gateway answers 404 itself" in ran.out


def test_header_values_never_reach_the_output(corsage, policy):
    for form in ("text", "json"):
        ran = explain(
            corsage, policy, "GET", "/billing", "--origin", APP,
            "-H", "authorization: Bearer s3cret", "--format", form,
        )  # fmt: skip
        assert "s3cret" not in ran.out + ran.err


def test_json_holds_verdict_route_and_exchanges(corsage, policy):
    ran = explain(corsage, policy, "POST", "/billing", "--origin", APP, "--format", "json")
    answer = json.loads(ran.out)
    assert answer["allowed"] is True
    assert answer["route"]["service"] == "billing"
    assert [exchange["kind"] for exchange in answer["exchanges"]] == ["actual"]


def test_an_upload_with_progress_costs_a_preflight(corsage, policy):
    ran = explain(
        corsage, policy, "POST", "/billing", "--origin", APP, "--xhr-upload", "--format", "json"
    )
    assert [e["kind"] for e in json.loads(ran.out)["exchanges"]] == ["preflight", "actual"]


def test_a_path_without_a_slash_or_on_another_host_is_misuse(corsage, policy):
    ran = explain(corsage, policy, "GET", "billing", "--origin", APP)
    assert (ran.code, "/billing" in ran.err) == (2, True)
    ran = explain(corsage, policy, "GET", "https://other.example/x", "--origin", APP)
    assert (ran.code, "https://api.example.com" in ran.err) == (2, True)


def test_a_path_before_its_method_is_told_where_it_stands(corsage, policy):
    ran = explain(corsage, policy, "/billing", "GET", "--origin", APP)
    assert (ran.code, ran.err) == (2, "corsage: METHOD stands before PATH: GET /billing\n")


def test_an_origin_that_no_browser_sends_is_misuse_with_the_right_text(corsage, policy):
    ran = explain(corsage, policy, "GET", "/billing", "--origin", "https://App.example.com/")
    assert ran.code == 2
    assert "https://app.example.com" in ran.err


WEB_VIEWS = (
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
    "app://-",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://0d5f2e2c-7d0a-4f5e-9d61-1f1f6f7a2b3c",
)


@pytest.mark.parametrize("origin", WEB_VIEWS)
def test_the_web_view_of_an_app_is_asked_about_as_any_page(corsage, policy, origin):
    file = Path(policy)
    file.write_text(file.read_text().replace("https://admin.example.com", origin))
    ran = explain(
        corsage, policy, "POST", "/billing", "--origin", origin, "--credentials",
        "-H", "authorization",
    )  # fmt: skip
    assert ran.code == 0
    assert ran.out.count(f"  Origin: {origin}\n") == 2  # the preflight and the request
    assert f"Access-Control-Allow-Origin: {origin}" in ran.out
    stranger = explain(corsage, policy, "GET", "/billing", "--origin", f"{origin}2")
    assert stranger.code == 1
    assert "policy session admits app" in stranger.out


def test_configuration_is_asked_about_the_web_view_of_an_app(corsage, tmp_path):
    nginx = tmp_path / "nginx.conf"
    nginx.write_text("""\
server {
    server_name api.example.com;
    location / {
        if ($http_origin = "capacitor://localhost") {
            add_header Access-Control-Allow-Origin $http_origin;
        }
        proxy_pass http://orders:3000;
    }
}
""")
    admitted = explain(corsage, str(nginx), "GET", "/", "--origin", "capacitor://localhost")
    assert (admitted.code, "nginx.conf:3" in admitted.out) == (0, True)
    refused = explain(corsage, str(nginx), "GET", "/", "--origin", "ionic://localhost")
    assert refused.code == 1


def test_a_server_is_asked_as_the_web_view_of_an_app_asks(corsage):
    with serving(Upstream()) as upstream:
        upstream.answer = lambda seen: reply(
            200, (("Access-Control-Allow-Origin", seen.values("Origin")[0]),)
        )
        ran = explain(
            corsage, upstream.url, "GET", "/", "--origin", "tauri://localhost",
            "--probes", "none",
        )  # fmt: skip
    assert ran.code == 0
    assert [seen.values("Origin") for seen in upstream.seen] == [["tauri://localhost"]]


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ("Capacitor://localhost/", "; write capacitor://localhost\n"),
        ("app.example.com", "; write https://app.example.com\n"),
        ("localhost:3000", "; write http://localhost:3000\n"),
        ("file:///android_asset/index.html", "; its pages send null\n"),
        ("capacitor://", "is not as a browser sends an origin\n"),
        ("capacitor://a b", "is not as a browser sends an origin\n"),
        (f"capacitor://{'a' * 100_000}", "is not as a browser sends an origin\n"),
        ("", "is not as a browser sends an origin\n"),
    ],
)
def test_what_is_no_origin_is_misuse_with_what_was_meant(corsage, policy, origin, said):
    ran = explain(corsage, policy, "GET", "/billing", "--origin", origin)
    assert ran.code == 2
    assert ran.err.endswith(said)
