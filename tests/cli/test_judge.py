import json
import subprocess
import sys

CASE = {
    "id": "one",
    "page": "page",
    "origin": "https://app.example.com",
    "request": {
        "url": "https://api.example.com/c/one/0",
        "method": "PUT",
        "headers": [["X-Trace", "1"]],
        "body": None,
        "credentials": "omit",
        "mode": "cors",
        "redirect": "follow",
    },
    "hops": [
        {
            "url": "https://api.example.com/c/one/0",
            "preflight": {
                "status": 204,
                "headers": [
                    ["Access-Control-Allow-Origin", "*"],
                    ["Access-Control-Allow-Methods", "PUT"],
                    ["Access-Control-Allow-Headers", "x-trace"],
                ],
            },
            "actual": {
                "status": 200,
                "headers": [["Access-Control-Allow-Origin", "*"], ["Content-Type", "text/plain"]],
            },
        }
    ],
    "observed": {"outcome": "ignored"},
}


def judged(*lines, arguments=()):
    ran = subprocess.run(
        [sys.executable, "-m", "corsage", "judge", *arguments],
        input="\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    return ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()]


def test_a_case_is_answered_once_for_each_profile():
    code, answers = judged(CASE)
    assert code == 0
    assert [a["profile"] for a in answers] == ["standard", "chromium", "firefox"]
    for answer in answers:
        assert (answer["id"], answer["outcome"], answer["reason"]) == ("one", "allowed", None)
        assert answer["readable"] == [["content-type", "text/plain"]]
        assert answer["preflights"] == [
            {
                "url": "https://api.example.com/c/one/0",
                "method": "PUT",
                "headers": "x-trace",
                "origin": "https://app.example.com",
            }
        ]


def test_chromiums_verdict_names_the_devtools_error():
    blocked = json.loads(json.dumps(CASE).replace('"PUT"]', '"GET"]'))
    _, (answer,) = judged(blocked, arguments=["--profile", "chromium"])
    assert answer["outcome"] == "blocked"
    assert answer["reason"] == "method-not-allowed"
    assert answer["cors_error"] == "MethodDisallowedByPreflightResponse"
    assert answer["failed_parameter"] == "PUT"
    assert answer["console"][0] == (
        "Access to fetch at 'https://api.example.com/c/one/0' from origin "
        "'https://app.example.com' has been blocked by CORS policy: Method PUT is not allowed by "
        "Access-Control-Allow-Methods in preflight response."
    )


def test_a_broken_line_is_answered_and_the_rest_goes_on():
    lines = ["nonsense", "[" * 100_000, '{"id": 1}', '{"id": "x", "request": {}}', CASE]
    code, answers = judged(*lines, arguments=["--profile", "standard"])
    assert code == 2
    assert [a.get("line") for a in answers] == [1, 2, 3, 4, None]
    assert "request" in answers[2]["error"]


def test_an_empty_input_is_no_error():
    assert judged("", "  ") == (0, [])


def test_an_unknown_url_on_a_known_server_is_404_and_elsewhere_a_network_error():
    lost = json.loads(json.dumps(CASE))
    lost["request"] |= {"url": "https://api.example.com/elsewhere", "method": "GET", "headers": []}
    gone = json.loads(json.dumps(CASE))
    gone["request"] |= {"url": "https://nowhere.example/", "method": "GET", "headers": []}
    _, answers = judged(lost, gone, arguments=["--profile", "standard"])
    assert [a["reason"] for a in answers] == ["missing-allow-origin", "network-failure"]


def entry(method, url, status, request_headers, response_headers):
    def pairs(headers):
        return [{"name": name, "value": value} for name, value in headers]

    return {
        "request": {"method": method, "url": url, "headers": pairs(request_headers)},
        "response": {"status": status, "headers": pairs(response_headers)},
    }


ORIGIN = ("Origin", "https://app.example.com")
READ = entry(
    "GET",
    "https://api.example.com/a",
    200,
    [ORIGIN, ("Cookie", "session=1")],
    [("Access-Control-Allow-Origin", "*")],
)
SAVED = entry(
    "PUT",
    "https://api.example.com/b",
    200,
    [ORIGIN, ("X-Trace", "1")],
    [("Access-Control-Allow-Origin", "https://app.example.com")],
)


def test_a_har_file_and_its_entries_line_by_line_are_judged_alike():
    """A preflight that the archive does not hold has passed: the request was sent."""
    whole = json.dumps({"log": {"entries": [READ, SAVED]}}, indent=2)
    for lines in ([whole], [READ, SAVED]):
        code, answers = judged(*lines, arguments=["--har", "--profile", "chromium"])
        assert code == 0
        assert [(a["outcome"], a["reason"]) for a in answers] == [
            ("blocked", "wildcard-with-credentials"),
            ("allowed", None),
        ]
        assert [len(a["preflights"]) for a in answers] == [0, 1]


def test_a_preflight_in_the_archive_is_judged_with_its_request():
    asked = [ORIGIN, ("Access-Control-Request-Method", "PUT")]
    refused = entry("OPTIONS", SAVED["request"]["url"], 403, asked, [])
    whole = json.dumps({"log": {"entries": [refused, SAVED]}})
    _, (answer,) = judged(whole, arguments=["--har", "--profile", "standard"])
    assert answer["reason"] == "preflight-missing-allow-origin"


def test_what_is_no_har_is_answered_with_an_error():
    same_origin = entry("GET", "https://app.example.com/", 200, [], [])
    for text in ("nonsense", "[]", '{"log": 1}', "{}", json.dumps(same_origin), "[" * 100_000):
        code, (answer,) = judged(text, arguments=["--har"])
        assert code == 2
        assert answer["line"] == 1
        assert answer["error"]
