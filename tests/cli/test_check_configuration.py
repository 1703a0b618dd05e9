"""``corsage check`` on configuration: files, folders, globs, standard input."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree

import pytest

from tests.cli.configuration import MEANT, NGINX, SLOPPY, ingress, write


@pytest.fixture
def sloppy(tmp_path, monkeypatch):
    """A folder with one file of which two things are wrong, and here it is."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, nginx_conf=SLOPPY)
    return tmp_path


def _found(ran) -> list[str]:
    return [f"{one['rule']}:{one['line']}" for one in json.loads(ran.out)["findings"]]


def test_a_folder_that_is_right_is_exit_code_0(corsage, tmp_path):
    folder = write(tmp_path, nginx_conf=NGINX)
    ran = corsage("check", folder)
    assert (ran.code, ran.err) == (0, "")
    assert "no findings" in ran.out


@pytest.mark.parametrize("source", [".", "nginx.conf", "*.conf"])
def test_files_folders_and_globs_are_the_same(corsage, sloppy, source):
    ran = corsage("check", source, "--format", "json")
    assert (ran.code, _found(ran)) == (0, ["CORS115:5"])


def test_json_has_the_promised_shape(corsage, sloppy):
    answer = json.loads(corsage("check", ".", "--format", "json").out)
    assert list(answer) == ["findings", "unreadable", "summary"]
    [finding] = answer["findings"]
    assert {
        "rule",
        "severity",
        "message",
        "file",
        "line",
        "column",
        "evidence",
        "witness",
        "fix",
    } <= set(finding)
    assert (finding["file"], finding["line"], finding["column"]) == ("nginx.conf", 5, 9)
    assert answer["summary"]["warning"] == 1


def test_sarif_junit_and_github_name_the_line(corsage, sloppy):
    [result] = json.loads(corsage("check", ".", "--format", "sarif").out)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("nginx.conf", 5)
    root = ElementTree.fromstring(corsage("check", ".", "--format", "junit").out.encode())
    assert "nginx.conf" in ElementTree.tostring(root, encoding="unicode")
    assert "file=nginx.conf,line=5" in corsage("check", ".", "--format", "github").out


def test_what_a_tool_renders_is_read_from_standard_input(corsage, monkeypatch):
    class Stdin:
        buffer = io.BytesIO(ingress('cors-allow-origin: "*"').encode())

    monkeypatch.setattr("sys.stdin", Stdin)
    assert _found(corsage("check", "-", "--format", "json")) == ["CORS101:6"]


def test_a_policy_and_configuration_are_compared(corsage, tmp_path):
    folder = write(tmp_path, nginx_conf=NGINX, cors_yaml=MEANT)
    assert corsage("check", folder).code == 0
    write(tmp_path, cors_yaml=MEANT.replace("[GET, PUT]", "[GET, PUT, PATCH]"))
    ran = corsage("check", folder, "--format", "json")
    assert (ran.code, _found(ran)) == (1, ["CORS162:8"])


def test_a_file_that_cannot_be_read_does_not_stop_the_rest(corsage, sloppy):
    write(sloppy, broken_conf="server { add_header Access-Control-Allow-Origin *;\n")
    ran = corsage("check", ".", "--format", "json")
    answer = json.loads(ran.out)
    assert ran.code == 2
    assert [one["rule"] for one in answer["findings"]] == ["CORS115"]
    [unreadable] = answer["unreadable"]
    assert unreadable["file"].startswith("broken.conf")


def test_templates_below_a_folder_are_told_of_and_are_no_fault(corsage, sloppy):
    write(
        sloppy, chart__ingress_yaml="apiVersion: v1\nkind: Ingress\n{{- if .Values.x }}\n{{ end }"
    )
    ran = corsage("check", ".", "--format", "json")
    assert (ran.code, json.loads(ran.out)["unreadable"]) == (0, [])
    assert "chart/ingress.yaml: templates are not read; check what they render to" in ran.err
    assert corsage("check", "chart/ingress.yaml").code == 2


def test_fix_writes_what_is_safe_and_shows_it(corsage, sloppy):
    ran = corsage("check", ".", "--fix", "--diff")
    assert '+        add_header Access-Control-Allow-Origin "https://app.example.com" always;' in (
        ran.err
    )
    assert (sloppy / "nginx.conf").read_text() == SLOPPY
    assert corsage("check", ".", "--fix").err == ran.err
    assert "always" in (sloppy / "nginx.conf").read_text()
    assert _found(corsage("check", ".", "--format", "json")) == []
    assert corsage("check", ".", "--fix").err == ""


def test_a_baseline_leaves_out_what_is_known_and_nothing_new(corsage, sloppy):
    assert corsage("check", ".", "--write-baseline", "known.json").code == 0
    options = ("--baseline", "known.json", "--format", "json", "--fail-on", "warning")
    assert corsage("check", ".", *options).code == 0
    moved = "# a line above\n" + SLOPPY.replace("server {", "server { # here")
    write(sloppy, nginx_conf=moved)
    assert corsage("check", ".", *options).code == 0
    write(sloppy, other_conf=SLOPPY)
    ran = corsage("check", ".", *options)
    assert ran.code == 1
    assert [one["file"] for one in json.loads(ran.out)["findings"]] == ["other.conf"]
    write(sloppy, broken_json='{"findings": 1}')
    assert corsage("check", ".", "--baseline", "broken.json").code == 2


def test_a_comment_silences_its_line_and_needs_a_reason(corsage, sloppy):
    line = '        add_header Access-Control-Allow-Origin "https://app.example.com";'
    comment = "        # corsage: ignore[CORS115] the app retries\n"
    write(sloppy, nginx_conf=SLOPPY.replace(line, comment + line))
    assert _found(corsage("check", ".", "--format", "json")) == []
    write(sloppy, nginx_conf=SLOPPY.replace(line, comment.replace(" the app retries", "") + line))
    assert "it gives no reason" in corsage("check", ".").out


def test_a_comment_silences_no_other_place(corsage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    add = '        add_header Access-Control-Allow-Origin "https://app.example.com";'
    first = SLOPPY.replace(add, f"        # corsage: ignore[CORS115] known\n{add}")
    write(tmp_path, nginx_conf=first + SLOPPY.replace("api.", "other."))
    assert _found(corsage("check", ".", "--format", "json")) == ["CORS115:14"]


def test_hostile_names_and_text_reach_no_terminal(corsage, tmp_path):
    name = "\x1b]0;x\x07.conf"
    (tmp_path / name).write_text(SLOPPY.replace("/orders", "/\x1b[31m"))
    ran = corsage("check", str(tmp_path))
    assert ran.code in (0, 2)
    assert "\x1b" not in ran.out + ran.err
    root = corsage("check", str(tmp_path), "--format", "junit").out.encode()
    ElementTree.fromstring(root)


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1), ("never", 0)])
def test_fail_on_decides_the_exit_code(corsage, sloppy, level, code):
    assert corsage("check", ".", "--fail-on", level).code == code


def test_diff_without_fix_is_a_mistake(corsage, sloppy):
    ran = corsage("check", ".", "--diff")
    assert ran.code == 2
    assert "give both" in ran.err


def test_a_page_has_every_finding_and_no_markup_of_the_files(corsage, tmp_path):
    conf = tmp_path / "nginx.conf"
    conf.write_text(
        'server { location / { if ($http_origin ~ "https://.*<b>?example.com") {\n'
        "add_header Access-Control-Allow-Origin $http_origin; } root /srv; } }\n"
    )
    ran = corsage("check", str(conf), "--format", "html")
    assert ran.out.startswith("<!doctype html>")
    assert "line 1, CORS110" in ran.out
    assert "&lt;b&gt;?example" in ran.out
    assert "<b>?" not in ran.out
