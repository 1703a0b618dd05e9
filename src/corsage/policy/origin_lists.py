"""Lists of origins in files of their own: one origin a line, ``#`` begins a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from corsage.policy import rules
from corsage.policy.nodes import LARGEST_FILE
from corsage.policy.problems import Fault, quoted

ReadFile: TypeAlias = Callable[[str], str]
"""Returns the text of a file named in the policy; raises OSError or ValueError if it cannot."""


def read_list(name: str, read_file: ReadFile | None) -> str:
    """The content of a list; raises :class:`Fault` if it cannot be had."""
    why = "Only a list that can be read and is valid as a whole is used."
    if read_file is None:
        message = f"the list {quoted(name)} cannot be read: no files are read here"
        raise Fault(rules.ORIGIN_LIST, message, why)
    try:
        text = read_file(name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"the list {quoted(name)} cannot be read: {reason}"
        raise Fault(rules.ORIGIN_LIST, message, why) from None
    if len(text) > LARGEST_FILE:
        why = f"A list has at most {LARGEST_FILE // 1024 // 1024} MiB."
        raise Fault(rules.ORIGIN_LIST, f"the list {quoted(name)} is too large", why)
    return text.removeprefix("\ufeff")


def listed(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column and text of every entry of a list."""
    for number, line in enumerate(text.split("\n"), 1):
        word = line.partition("#")[0].strip()
        if word:
            yield number, line.index(word) + 1, word
