"""``corsage audit`` as people run it."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from corsage.cli import main
from corsage.live.audit import Journal, JournalError, Outcome, Secrets, Settings, Target
from tests.audit.conftest import Zoo, run_audit
from tests.audit.zoo import HOST, ZOO


class Ran(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def audit(zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """Run the command on the zoo, in this process and in an empty folder."""
    monkeypatch.chdir(tmp_path)
    resolve = [f"https://{HOST}=127.0.0.1:{zoo.https}", f"http://{HOST}=127.0.0.1:{zoo.http}"]
    options = [word for pair in resolve for word in ("--resolve", pair)]

    def run(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        try:
            code = main(["audit", *arguments, *options, "--insecure", "--rate", "0"])
        except SystemExit as stopped:
            code = stopped.code
        return Ran(code, *capsys.readouterr())

    return run


POLICY = """\
version: 1
gateway: {public: https://api.example.com}
services: {a: 'http://127.0.0.1:1'}
policies:
  partner: {allow_origins: https://app.partner.io, allow_credentials: true}
  everyone:
    allow_origins: ['https://*.example.com', https://example.com]
    allow_credentials: true
  public: {allow_origins: "*"}
routes:
  - {path: /prefix-partner, service: a, cors: partner}
  - {path: /subdomain, service: a, cors: everyone}
  - {path: /safe-public, service: a, cors: public}
  - {path: /reflect-without-credentials, service: a, cors: public}
"""


def test_a_finding_has_its_proof_the_browsers_and_a_command_that_shows_it_again(audit):
    ran = audit(f"https://{HOST}/prefix-startswith")
    assert ran.returncode == 1
    assert "[CORS202]" in ran.stdout
    assert "GET with Origin: https://app.example.com.attacker.test was answered 200" in ran.stdout
    assert "Chromium and Firefox let the page read it" in ran.stdout
    assert (
        f"curl -si https://{HOST}/prefix-startswith "
        "-H 'Origin: https://app.example.com.attacker.test'" in ran.stdout
    )
    assert ran.stdout.endswith("requests\n")


def test_the_exit_code_follows_the_worst_finding(audit):
    assert audit(f"https://{HOST}/safe-list").returncode == 0
    assert audit(f"https://{HOST}/subdomain").returncode == 0
    assert audit(f"https://{HOST}/subdomain", "--fail-on", "warning").returncode == 1
    assert audit(f"https://{HOST}/reflect", "--fail-on", "never").returncode == 0


def test_nothing_secret_is_printed_written_or_kept(audit, tmp_path: Path):
    """Not the cookies, not the headers, not a token in the URL; a server may send them back."""
    secrets = ("c00kieValue", "t0kenValue", "urlT0ken99")
    for form in ("text", "json", "sarif", "junit", "github", "html"):
        ran = audit(
            f"https://{HOST}/reflect?access_token=urlT0ken99",
            f"https://{HOST}/max-age-missing?access_token=urlT0ken99",
            "--cookie", "session=1; id=c00kieValue",
            "-H", "Authorization: Bearer t0kenValue",
            "--state", str(tmp_path / f"state-{form}"),
            "--format", form,
        )  # fmt: skip
        assert ran.returncode == 1
        kept = (tmp_path / f"state-{form}").read_text()
        for secret in secrets:
            assert secret not in ran.stdout + ran.stderr + kept
        if form != "github":
            assert "$AUTHORIZATION" in ran.stdout
            assert "$COOKIE" in ran.stdout
            assert "$ACCESS_TOKEN" in ran.stdout


def test_secrets_may_stand_in_files(audit, zoo: Zoo, tmp_path: Path):
    (tmp_path / "cookies").write_text("session=1\n")
    (tmp_path / "headers").write_text("X-One: 1\nAuthorization: Bearer x\n")
    ran = audit(f"https://{HOST}/reflect", "--cookie", "@cookies", "-H", "@headers")
    assert (
        '-H "X-One: $X_ONE" -H "Authorization: $AUTHORIZATION" -H "Cookie: $COOKIE"' in ran.stdout
    )


def test_values_that_a_server_sends_back_are_masked():
    secrets = Secrets((("X-Key", "abcd-1234"),), "id=wxyz-9876")
    assert secrets.mask("got abcd-1234 and id=wxyz-9876, wxyz-9876") == (
        "got [redacted] and [redacted], [redacted]"
    )


def test_the_command_that_shows_it_again_is_one_a_shell_takes(zoo: Zoo, tmp_path: Path):
    """Run by sh with curl, it shows the header that the finding speaks of."""
    cages = ("reflect", "special-browser-behind-proxy", "any-header")
    targets = [Target(zoo.url(name) + "?a=1&b='$(touch owned)") for name in cages]
    resolve = f"--insecure --resolve {HOST}:443:127.0.0.1 --connect-to ::127.0.0.1:{zoo.https}"
    for outcome in run_audit(targets, zoo.resolve):
        for finding in outcome.findings:
            command = finding.reproduce.replace("curl ", f"curl {resolve} ", 1)
            ran = subprocess.run(
                ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
            )
            assert f"Access-Control-Allow-Origin: {finding.witness}" in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_every_route_of_a_policy_is_asked_and_every_allowed_origin_imitated(audit, tmp_path: Path):
    """The partner's name is known from the policy alone; what the policy allows is no finding."""
    (tmp_path / "cors.yaml").write_text(POLICY)
    ran = audit("--policy", "cors.yaml", f"https://{HOST}", "--format", "json")
    found = [(f["file"], f["rule"]) for f in json.loads(ran.stdout)["findings"]]
    assert found == [(f"https://{HOST}/prefix-partner", "CORS202")]
    without = json.loads(audit(f"https://{HOST}/prefix-partner", "--format", "json").stdout)
    assert without["findings"] == []


def test_a_list_on_standard_input_is_asked_line_by_line_and_a_bad_line_disturbs_nobody(audit):
    ran = audit(
        "-", "--format", "json", stdin=f"https://{HOST}/null\nftp://x\n# no\n{HOST}/safe-list\n"
    )
    report = json.loads(ran.stdout)
    assert ran.returncode == 2
    assert [finding["rule"] for finding in report["findings"]] == ["CORS201"]
    assert report["unreadable"] == [{"file": "ftp://x", "message": "not an http or https URL"}]
    assert report["summary"]["files"] == 2


def test_a_redirect_to_a_host_that_nobody_named_is_not_followed(audit):
    ran = audit(f"https://{HOST}/safe-redirect-to-a-stranger")
    assert ran.returncode == 0
    assert "redirects to https://elsewhere.example.org were not followed" in ran.stdout


def test_what_the_journal_has_as_finished_is_not_asked_again(audit, tmp_path: Path):
    targets = [f"https://{HOST}/{name}" for name in ("reflect", "dot-all", "safe-list")]
    first = audit(*targets[:2], "--state", "state", "--format", "json")
    # As a crash would leave it.
    with (tmp_path / "state").open("a") as state:
        state.write('{"key": "x", "fin')
    again = audit(*targets, "--state", "state")
    third = audit(*targets, "--state", "state")
    assert [f["rule"] for f in json.loads(first.stdout)["findings"]] == ["CORS200", "CORS206"]
    for ran in (again, third):
        assert "[CORS200]" in ran.stdout
        assert "[CORS206]" in ran.stdout
    assert third.stdout.endswith("\n0 requests\n")
    assert not again.stdout.endswith("\n0 requests\n")


def test_a_target_that_gave_no_answer_is_asked_again(tmp_path: Path):
    with Journal(tmp_path / "state") as journal:
        journal.add(Outcome("a", "https://a.example/", problem="no answer"))
        journal.add(Outcome("b", "https://b.example/"))
    with Journal(tmp_path / "state") as journal:
        assert list(journal.finished) == ["b"]


@pytest.mark.parametrize("text", ["version: 1\n", "[]\n", "{}\n", "\x00\n"])
def test_a_file_that_is_no_journal_is_left_as_it_is(tmp_path: Path, text: str):
    (tmp_path / "cors.yaml").write_text(text)
    with pytest.raises(JournalError, match="not the state of an audit"):
        Journal(tmp_path / "cors.yaml").__enter__()
    assert (tmp_path / "cors.yaml").read_text() == text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "no such file"),
        (["openapi.yaml"], "no such file"),
        (["../openapi.yaml"], "no such file"),
        (["/"], "a folder"),
        (["ftp://a.example"], "not an http or https URL"),
        (["https://u:p4ss@a.example/"], "a URL with a password"),
        (["https://a.example", "--trust", "https://A.example/"], "write https://a.example"),
        (["https://a.example", "--trust", "null"], "every sandboxed frame"),
        (["https://a.example", "-H", "s3cret"], "-H takes a name and a value"),
        (["https://a.example", "--cookie", "a\nb"], "not one line of printable ASCII"),
        (["https://a.example", "-H", "a b: c"], "-H takes a name and a value"),
        (["https://a.example", "-H", "cookie: a=b"], "--cookie"),
        (["https://a.example", "-H", "Origin: https://b.example"], "--trust"),
        (["https://a.example", "--resolve", "x"], "api.example.com:443:127.0.0.1"),
        (["https://a.example", "--resolve", "x:99999:y"], "is not an http or https URL"),
        (["https://a.example", "--cacert", "nowhere.pem"], "--cacert nowhere.pem"),
        (["https://a.example", "--state", "/"], "--state /"),
        (["https://a.example", "--policy", "nowhere.yaml"], "no such file"),
        (["https://a.example", "--probes", "0"], "must be 1 or more"),
        (["-"], "every source was empty"),
        (["cors.yaml"], "corsage audit --policy cors.yaml"),
        (["--policy", "cors.yaml", "cors.yaml"], "name the URL of the deployment"),
    ],
)
def test_misuse_is_exit_code_2_and_says_what_to_write(
    audit, tmp_path: Path, arguments: list[str], said: str
):
    (tmp_path / "cors.yaml").write_text(POLICY)
    ran = audit(*arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "s3cret" not in ran.stderr
    assert "p4ss" not in ran.stderr


def test_every_format_holds_the_same_findings(audit):
    targets = [f"https://{HOST}/reflect", f"https://{HOST}/two-lines", f"https://{HOST}/safe-list"]
    report = json.loads(audit(*targets, "--format", "json").stdout)
    rules = sorted(finding["rule"] for finding in report["findings"])
    assert rules == ["CORS200", "CORS241"]
    assert all(finding["reproduce"].startswith("curl ") for finding in report["findings"])
    (run,) = json.loads(audit(*targets, "--format", "sarif").stdout)["runs"]
    assert sorted(result["ruleId"] for result in run["results"]) == rules
    suite = ElementTree.fromstring(audit(*targets, "--format", "junit").stdout)
    assert sorted(failure.get("type") for failure in suite.iter("failure")) == rules
    assert suite.get("tests") == "3"
    page = audit(*targets, "--format", "html").stdout
    assert [page.count(f"<p>{rule}: ") for rule in rules] == [1, 1]


def test_the_budget_of_all_ends_the_run_and_the_journal_goes_on(audit):
    targets = [f"https://{HOST}/{name}" for name in ("reflect", "safe-list", "null", "dot-all")]
    options = ("--state", "state", "--format", "json", "--concurrency", "1")
    first = audit(*targets, "--max-requests", "12", *options)
    report = json.loads(first.stdout)
    assert first.returncode == 2
    assert [finding["rule"] for finding in report["findings"]] == ["CORS200"]
    assert "--max-requests" in report["unreadable"][-1]["message"]
    rest = audit(*targets, *options)
    assert rest.returncode == 1
    found = sorted(finding["rule"] for finding in json.loads(rest.stdout)["findings"])
    assert found == ["CORS200", "CORS201", "CORS206"]


def test_the_budget_of_a_target_is_kept_and_told(zoo: Zoo):
    settings = Settings(probes=10)
    (outcome,) = run_audit([Target(zoo.url("dot-all"))], zoo.resolve, settings=settings)
    assert outcome.requests <= 10
    assert outcome.notes == ("10 requests were not enough for all probes (--probes)",)


def test_every_one_of_many_trusted_origins_is_imitated(zoo: Zoo):
    """The rule that has no end is the last one's."""
    trusted = ZOO["last-of-sixty"].trust
    (outcome,) = run_audit([Target(zoo.url("last-of-sixty"), trusted)], zoo.resolve)
    assert outcome.notes == ()
    (finding,) = outcome.findings
    assert (finding.rule, finding.witness) == (
        "CORS202",
        "https://app59.example.org.attacker.test",
    )


def test_what_the_probes_have_shown_is_proved_even_if_the_budget_is_short(zoo: Zoo):
    """The first probes find the hole; some of the budget is kept for its proof."""
    (outcome,) = run_audit([Target(zoo.url("me"))], zoo.resolve, settings=Settings(probes=25))
    assert [finding.rule for finding in outcome.findings] == ["CORS202"]


def test_fewer_questions_are_asked_where_the_first_answers_tell_enough(zoo: Zoo):
    targets = [Target(zoo.url(name)) for name in ("safe-public", "reflect", "safe-exact")]
    few = [outcome.requests for outcome in run_audit(targets, zoo.resolve)]
    all_of_them = run_audit(targets, zoo.resolve, settings=Settings(exhaustive=True))
    assert few[0] < 12
    assert few[1] < 12
    assert [outcome.requests for outcome in all_of_them] > few


@pytest.mark.parametrize("name", ["safe-public", "reflect-http"])
def test_a_private_answer_that_strangers_may_read_is_found(zoo: Zoo, name: str):
    """The same server is no finding under a public name."""
    (outcome,) = run_audit([Target(f"http://127.0.0.1:{zoo.http}/{name}")])
    (finding,) = [f for f in outcome.findings if f.rule == "CORS222"]
    assert "Chromium and Firefox ask the visitor for permission first" in finding.evidence
    (outcome,) = run_audit([Target(zoo.url("safe-public"))], zoo.resolve)
    assert outcome.findings == ()


def test_a_hundred_targets_of_a_dead_host_do_not_wait_a_hundred_times():
    targets = [Target(f"http://127.0.0.1:9/{number}") for number in range(100)]
    outcomes = run_audit(targets)
    assert sum(outcome.requests for outcome in outcomes) < 100
    assert all(outcome.problem for outcome in outcomes)
    assert any("got no answer" in outcome.problem for outcome in outcomes)
