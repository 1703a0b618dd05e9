import io
import json
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import POLICY

REFUSED = """\
version: 1
gateway:
  public: https://api.example.com
services:
  api: http://127.0.0.1:3000
policies:
  all:
    allow_origins: "*"
    allow_credentials: true
routes:
  - {path: /, service: api, cors: all}
"""


@pytest.fixture
def refused(tmp_path):
    path = tmp_path / "refused.yaml"
    path.write_text(REFUSED)
    return str(path)


@pytest.fixture
def unmet(tmp_path):
    path = tmp_path / "unmet.yaml"
    path.write_text(POLICY + "expect:\n  - GET /internal from app: allowed\n")
    return str(path)


def test_a_good_policy_is_exit_code_0(corsage, policy):
    ran = corsage("check", policy)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{policy}: no findings\n"


def test_a_finding_is_exit_code_1_with_line_underline_reason_and_mend(corsage, refused):
    ran = corsage("check", refused)
    assert ran.code == 1
    assert f"{refused}:8:20: error: " in ran.out
    assert '    8 |     allow_origins: "*"\n      |                    ^\n' in ran.out
    assert "[CORS012]" in ran.out
    assert "write: " in ran.out


def test_an_expectation_that_does_not_hold_is_a_finding(corsage, unmet):
    ran = corsage("check", unmet)
    assert ran.code == 1
    assert "GET /internal from app: allowed does not hold" in ran.out


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_the_exit_code_does_not_depend_on_the_format(corsage, policy, refused, form):
    assert corsage("check", policy, "--format", form).code == 0
    assert corsage("check", refused, "--format", form).code == 1
    assert corsage("check", "nowhere.yaml", "--format", form).code == 2


def test_what_is_no_policy_is_exit_code_2_also_beside_good_ones(corsage, policy, tmp_path):
    path = tmp_path / "typo.yaml"
    path.write_text("verison: 1\n")
    ran = corsage("check", policy, str(path))
    assert ran.code == 2
    assert "version" in ran.out


def test_fail_on_sets_the_mildest_finding_that_counts(corsage, tmp_path):
    path = tmp_path / "unused.yaml"
    path.write_text(POLICY.replace("services:\n", "services:\n  idle: http://a\n"))
    codes = {
        level: corsage("check", str(path), "--fail-on", level).code
        for level in ("error", "warning", "note", "never")
    }
    assert codes == {"error": 0, "warning": 1, "note": 1, "never": 0}


def test_json_has_findings_unreadable_and_summary(corsage, refused):
    answer = json.loads(corsage("check", refused, "nowhere.yaml", "--format", "json").out)
    (finding,) = answer["findings"]
    assert (finding["rule"], finding["severity"]) == ("CORS012", "error")
    assert (finding["file"], finding["line"], finding["column"]) == (refused, 8, 20)
    assert answer["unreadable"][0]["file"] == "nowhere.yaml"
    assert answer["summary"]["error"] == 1


def test_sarif_results_refer_to_their_rules(corsage, refused):
    log = json.loads(corsage("check", refused, "--format", "sarif").out)
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 8, "startColumn": 20}


def test_junit_is_xml_whatever_stands_in_the_file(corsage, tmp_path):
    path = tmp_path / "odd.yaml"
    path.write_text('version: 1\n"<&\\e\\u0001>": 1\n')
    root = ElementTree.fromstring(corsage("check", str(path), "--format", "junit").out.encode())
    assert root.findall("testcase/failure")


def test_github_annotations_stay_on_one_line_each(corsage, refused):
    lines = corsage("check", refused, "--format", "github").out.splitlines()
    assert all(line.startswith("::error file=") for line in lines)


def test_globs_and_standard_input_are_read(corsage, policy, tmp_path, monkeypatch):
    ran = corsage("check", str(tmp_path / "c*.yaml"))
    assert f"{policy}: no findings" in ran.out

    class Stdin:
        buffer = io.BytesIO(POLICY.encode())

    monkeypatch.setattr("sys.stdin", Stdin)
    assert corsage("check", "-").out == "<stdin>: no findings\n"


def test_no_colour_where_nobody_looks(corsage, refused):
    assert "\x1b" not in corsage("check", refused).out


def test_a_file_that_cannot_be_read_is_named_once(corsage, tmp_path):
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"version: 1\n\xff")
    ran = corsage("check", str(path))
    assert ran.code == 2
    assert ran.out.count(str(path)) == 1
    assert "byte 11 (line 2) is not UTF-8" in ran.out
