"""What a README of the examples tells its reader to type works as it stands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from tests.examples.processes import ROOT

READMES = sorted((ROOT / "examples").rglob("README.md"))
COMMAND = re.compile(r"^\$ corsage (.*)$", re.MULTILINE)
FILE = re.compile(r"(?:examples|src)/[\w./-]+\.\w+")
LINK = re.compile(r"\]\(([\w./-]+)\)")

# Those that serve are started by the tests of the expectations, each on ports of its own.
COMMANDS = [
    command
    for readme in READMES
    for command in COMMAND.findall(readme.read_text())
    if not command.startswith("serve ")
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_a_readme_succeeds(command):
    arguments = [sys.executable, "-m", "corsage", *shlex.split(command)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.parent.name)
def test_a_readme_names_only_what_is_there(readme):
    text = readme.read_text()
    named = [ROOT / name for name in FILE.findall(text)]
    linked = [readme.parent / name for name in LINK.findall(text)]
    assert [path for path in (*named, *linked) if not path.exists()] == []
