"""docs/check.md, migrate.md and map.md: every command runs, and prints what is shown."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import yaml

from corsage.cli import main
from tests.cli.configuration import MEANT, NGINX, SLOPPY, ingress
from tests.docs.conftest import ROOT, blocks

PAGES = {name: ROOT / "docs" / f"{name}.md" for name in ("check", "migrate", "map")}
COMMANDS = [
    (name, line)
    for name, page in PAGES.items()
    for block in blocks(page, "sh")
    for line in block.splitlines()
]
APP = """\
const express = require("express");
const cors = require("cors");
const app = express();
app.listen(3000);
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the pages speak of."""
    for path, text in {
        "nginx.conf": SLOPPY,
        "ingress.yaml": ingress('cors-allow-origin: "https://app.example.com"'),
        "deploy/ingress.yaml": ingress('cors-allow-origin: "https://app.example.com"'),
        "services/app.js": APP,
        "orders/app.js": APP,
        "before/nginx.conf": NGINX,
        "after/nginx.conf": NGINX.replace("PUT", "PATCH"),
        "cors.yaml": MEANT,
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(line: str) -> int:
    words = shlex.split(line)
    return main(words[1 : words.index(">") if ">" in words else None])


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[line for _, line in COMMANDS])
def test_a_command_of_the_page_runs(here: Path, capsys, page: str, line: str):
    if "--baseline" in line:
        main(["check", ".", "--write-baseline", "corsage-baseline.json"])
    if line.startswith("corsage init"):
        (here / "cors.yaml").unlink()
    assert _run(line) in {0, 1}, capsys.readouterr().err
    printed = capsys.readouterr()
    assert printed.out or "-o" in line


def test_the_finding_is_printed_as_shown(here: Path, capsys):
    [session] = blocks(PAGES["check"], "console")
    command, *expected = session.splitlines()
    assert _run(command.removeprefix("$ ")) == 0
    assert capsys.readouterr().out.splitlines() == expected


def test_json_is_as_shown(here: Path, capsys):
    [shown] = map(json.loads, blocks(PAGES["check"], "json"))
    main(["check", "nginx.conf", "--format", "json"])
    answer = json.loads(capsys.readouterr().out)
    assert shown["findings"][0].items() <= answer["findings"][0].items()
    assert shown["summary"].items() <= answer["summary"].items()
    assert {"evidence", "witness", "fix", "why"} <= answer["findings"][0].keys()


def test_the_stated_chain_is_found(here: Path, capsys):
    [chains] = blocks(PAGES["check"], "yaml")
    assert yaml.safe_load(chains)
    (here / "corsage.yaml").write_text(chains)
    allowing = 'app.use(cors({ origin: "https://app.example.com" }));\n'
    (here / "orders" / "app.js").write_text(APP.replace("app.listen", f"{allowing}app.listen"))
    main(["map", "nginx.conf", "orders", "corsage.yaml"])
    assert "Express" in capsys.readouterr().out


def test_the_comment_silences_what_it_says(here: Path, capsys):
    [comment] = blocks(PAGES["check"], "nginx")
    line = '        add_header Access-Control-Allow-Origin "https://app.example.com";\n'
    (here / "nginx.conf").write_text(SLOPPY.replace(line, comment))
    main(["check", "nginx.conf"])
    assert "no findings" in capsys.readouterr().out
