"""Loading the policy that a verb was given, with every problem at once when it is not valid."""

from __future__ import annotations

from pathlib import Path

from corsage.cli.errors import UsageError
from corsage.cli.inputs import read_text
from corsage.policy import Policy, PolicyError, load_policy


def load(name: str, text: str | None = None) -> Policy:
    """The policy in the file ``name`` (``-``: standard input); ``text``: what was read of it.

    Raises UsageError that names every problem with its line, why, and the corrected text.
    """
    text = read_text(name) if text is None else text
    try:
        return load_policy(text, shown(name), read_file=beside(name))
    except PolicyError as error:
        count = len(error.problems)
        problems = "1 problem" if count == 1 else f"{count} problems"
        raise UsageError(f"{shown(name)} is not a valid policy ({problems})\n{error}") from error


def shown(name: str) -> str:
    """The name under which messages speak of an input."""
    return "<stdin>" if name == "-" else name


def beside(name: str) -> _Beside:
    """Reads the files that the policy ``name`` refers to: paths are relative to its folder."""
    return _Beside(Path() if name == "-" else Path(name).parent)


class _Beside:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, path: str) -> str:
        return read_text(str(self._folder / path))
