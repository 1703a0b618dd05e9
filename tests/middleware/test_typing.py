"""Users get help from their type checker: nothing right is refused, nothing wrong passes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TYPED = Path(__file__).parent / "typed"
RIGHT, WRONG = TYPED / "right.py", TYPED / "wrong.py"

CHECKERS = [
    pytest.param(
        ["mypy", "--strict", "--output=json", "--no-incremental", "--cache-dir=/dev/null"],
        id="mypy",
    ),
    pytest.param(
        ["pyright", "--outputjson", f"--pythonpath={sys.executable}"],
        id="pyright",
        marks=pytest.mark.node,
    ),
]


@pytest.mark.parametrize("command", CHECKERS)
def test_a_type_checker_agrees_with_users_and_not_with_their_mistakes(command: list[str]) -> None:
    expected = {
        (WRONG.name, number)
        for number, line in enumerate(WRONG.read_text("utf-8").splitlines(), 1)
        if line.endswith("# wrong")
    }

    done = subprocess.run(
        [sys.executable, "-m", *command, str(RIGHT), str(WRONG)],
        check=False,
        capture_output=True,
        text=True,
        timeout=280,
    )

    assert _errors(command[0], done.stdout) == expected, done.stdout + done.stderr


def _errors(checker: str, output: str) -> set[tuple[str, int]]:
    if checker == "mypy":
        found = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        return {(Path(e["file"]).name, e["line"]) for e in found if e["severity"] == "error"}
    found = json.loads(output[output.index("{") :])["generalDiagnostics"]
    return {
        (Path(e["file"]).name, e["range"]["start"]["line"] + 1)
        for e in found
        if e["severity"] == "error"
    }
