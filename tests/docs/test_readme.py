import shlex

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


@pytest.mark.nginx
def test_every_command_of_the_fix_runs(cors_yaml, capsys):
    commands = [line for block in blocks(README, "sh") for line in block.splitlines()]
    verbs = [shlex.split(line, comments=True)[1:] for line in commands if "corsage " in line]
    verbs = [words for words in verbs if words and words[0] in {"check", "serve", "render", "map"}]
    assert len(verbs) == 4
    for words in verbs:
        arguments = ["serve", "--check", *words[1:]] if words[0] == "serve" else words
        assert main(arguments) == 0, words


def test_the_first_two_commands_are_targets_of_the_makefile():
    first = blocks(README, "sh")[0].split("\n")
    makefile = (ROOT / "Makefile").read_text()
    for line in filter(None, first):
        target = line.split()[1]
        assert f"\n{target}:" in makefile
