import json

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


def test_an_origin_that_no_browser_sends_is_misuse_with_the_right_text(corsage, policy):
    ran = explain(corsage, policy, "GET", "/billing", "--origin", "https://App.example.com/")
    assert ran.code == 2
    assert "https://app.example.com" in ran.err
