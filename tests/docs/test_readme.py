import json
import shlex
from pathlib import Path

import pytest

from corsage.cli import main
from corsage.policy import load_policy
from tests.docs.conftest import ROOT, blocks

README = ROOT / "README.md"


@pytest.fixture
def cors_yaml(tmp_path, monkeypatch):
    (policy,) = blocks(README, "yaml")
    (tmp_path / "cors.yaml").write_text(policy)
    monkeypatch.chdir(tmp_path)
    return policy


def test_the_policy_is_valid_without_a_finding(cors_yaml, capsys):
    load_policy(cors_yaml)
    assert main(["check", "cors.yaml"]) == 0


def test_the_question_is_answered_as_printed(cors_yaml, capsys):
    (session,) = blocks(README, "console")
    command, *expected = session.splitlines()
    main(shlex.split(command.removeprefix("$ corsage ")))
    printed = capsys.readouterr().out.splitlines()
    assert expected[-1] == "..."
    assert printed[: len(expected) - 1] == expected[:-1]


def commands() -> list[list[str]]:
    """What the README's shell blocks tell a reader to type, without `corsage`."""
    text = "".join(blocks(README, "sh")).replace("\\\n", "")
    lines = text.splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("corsage ")]


# What needs a file that only the reader has, or never ends.
_INSTEAD = {"serve": ["serve", "--check"]}


@pytest.mark.nginx
@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words[:3]))
def test_every_command_runs(cors_yaml, capsys, words):
    if words[1] == "trace.har":
        har = {"log": {"entries": []}}
        Path("trace.har").write_text(json.dumps(har))
    code = main([*_INSTEAD.get(words[0], words[:1]), *words[1:]])
    # A pasted failure is answered with 1, as a blocked request is.
    assert code == (1 if "--console" in words else 0)
    assert capsys.readouterr().out


def test_the_first_two_commands_are_targets_of_the_makefile():
    first = blocks(README, "sh")[0].split("\n")
    makefile = (ROOT / "Makefile").read_text()
    for line in filter(None, first):
        target = line.split()[1]
        assert f"\n{target}:" in makefile
