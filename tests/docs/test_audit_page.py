"""What docs/audit.md shows is what the command prints, and its commands run."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from corsage.check.audit_rules import RULES
from corsage.cli import main
from tests.audit.conftest import Zoo, open_zoo
from tests.audit.zoo import HOST
from tests.docs.conftest import ROOT, blocks

PAGE = ROOT / "docs" / "audit.md"

POLICY = """\
version: 1
gateway: {public: https://api.example.com}
services: {a: 'http://127.0.0.1:1'}
policies:
  app: {allow_origins: https://app.example.com, allow_credentials: true}
routes:
  - {path: /safe-exact, service: a, cors: app}
"""
OPENAPI = "openapi: 3.1.0\npaths:\n  /safe-list: {get: {}}\n"
SITEMAP = f"<urlset><url><loc>https://{HOST}/safe-regex</loc></url></urlset>"


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    with open_zoo(tmp_path_factory.mktemp("zoo")) as opened:
        yield opened


@pytest.fixture
def run(zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """Run a line of the page where its files are, with the names leading to the zoo."""
    (tmp_path / "cors.yaml").write_text(POLICY)
    (tmp_path / "openapi.yaml").write_text(OPENAPI)
    (tmp_path / "urls.txt").write_text(f"{HOST}/safe-list\n")
    (tmp_path / "sitemap.xml").write_text(SITEMAP)
    monkeypatch.chdir(tmp_path)
    # Nobody here needs to be spared.
    resolve = ["--resolve", f"https://{HOST}=127.0.0.1:{zoo.https}", "--insecure", "--rate", "0"]

    def run(line: str) -> tuple[int, str]:
        words = shlex.split(line)
        if ">" in words:
            words = words[: words.index(">")]
        if "<" in words:
            with Path(words[-1]).open() as stdin:
                monkeypatch.setattr("sys.stdin", stdin)
                code = main([*words[1:-2], *resolve])
        else:
            code = main([*words[1:], *resolve])
        return code, capsys.readouterr().out

    return run


def test_the_finding_is_printed_as_shown(run):
    (session,) = blocks(PAGE, "console")
    command, *expected = session.splitlines()
    code, printed = run(command.removeprefix("$ "))
    assert code == 1
    assert printed.splitlines() == expected


@pytest.mark.parametrize(
    "line", [line for block in blocks(PAGE, "sh") for line in block.splitlines()]
)
def test_a_command_of_the_page_runs(run, line: str):
    code, printed = run(line)
    assert code in {0, 1}, printed
    assert printed


def test_the_rules_of_the_page_are_all_there_are():
    spans = re.findall(r"^\| (CORS\d+)(?:(?: to |, )(CORS\d+))? \|", PAGE.read_text(), re.MULTILINE)
    named = {rule for first, last in spans for rule in RULES if first <= rule <= (last or first)}
    assert named == set(RULES)


def test_the_options_of_the_page_exist(run, capsys):
    with pytest.raises(SystemExit):
        main(["audit", "--help"])
    known = capsys.readouterr().out
    text = PAGE.read_text()
    for option in set(re.findall(r"`(--[a-z-]+)", text)):
        assert option in known, option
    # As the table says what can be asked, the formats are those that can be written.
    for form in ("text", "json", "sarif", "junit", "github", "html"):
        assert f"`{form}`" in text
        assert form in known


def test_the_journal_of_the_page_is_json_lines(run, tmp_path: Path):
    run("corsage audit urls.txt --state audit.jsonl --format html")
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert [min(json.loads(line)) for line in lines] == ["corsage-audit", "findings"]
