"""The sessions on the page about Kubernetes are what the commands print."""

import shlex

import pytest

from corsage.cli import main
from tests.docs.conftest import ROOT, blocks

PAGE = ROOT / "docs" / "kubernetes.md"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (manifest,) = blocks(PAGE, "yaml")
    (tmp_path / "api.yaml").write_text(manifest)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("session", blocks(PAGE, "console"))
def test_a_session_is_printed_as_on_the_page(session, folder, capsys):
    command, _, expected = session.partition("\n")
    main(shlex.split(command.removeprefix("$ "))[1:])
    assert capsys.readouterr().out.strip("\n") == expected.strip("\n")


def test_what_is_mended_is_right(folder, capsys):
    assert main(["check", "--fix", "api.yaml"]) == 0
    assert main(["check", "api.yaml"]) == 0
    assert '"https://app.example.com"' in (folder / "api.yaml").read_text()
