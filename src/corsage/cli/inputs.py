"""Reading what the user named: a policy file, or ``-`` for standard input."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from corsage.cli.errors import UsageError

LARGEST = 8 * 1024 * 1024
"""Bytes. 10,000 origins and 2,000 routes are half a MiB; what is far larger is no policy."""


def read_text(name: str) -> str:
    """The text of a file, or of standard input for ``-``.

    Raises UsageError for what is missing, no regular file, too large or not UTF-8.
    """
    shown = "<stdin>" if name == "-" else name
    try:
        raw = _read_stdin() if name == "-" else _read_file(Path(name))
    except OSError as error:
        raise UsageError(f"{shown}: {_explain_policy(name, error)}") from error
    if len(raw) > LARGEST:
        raise UsageError(
            f"{shown}: larger than {LARGEST // 2**20} MiB, which no policy is; "
            "keep long origin lists in files of their own (origins: {name: {file: ...}})"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{shown}: byte {error.start} (line {line}) is not UTF-8; save the file as UTF-8"
        ) from error


def opened(name: str) -> AbstractContextManager[BinaryIO]:
    """A file to read bytes from, or standard input for ``-``. Raises UsageError."""
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"{name}: {_explain(name, error)}") from error


def lines(file: BinaryIO, longest: int) -> Iterator[bytes]:
    """The lines of ``file``; of one over ``longest`` bytes only its beginning, which is longer."""
    while line := file.readline(longest + 2):
        yield line
        while len(line) > longest and not line.endswith(b"\n"):
            line = file.readline(longest)


def _read_file(path: Path) -> bytes:
    # O_NONBLOCK: opening a pipe that nobody writes to must not hang.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise IsADirectoryError
        os.set_blocking(descriptor, True)
        return file.read(LARGEST + 1)


def _read_stdin() -> bytes:
    return _whole(sys.stdin.buffer)


@lru_cache(1)
def _whole(stream: BinaryIO) -> bytes:
    # Once: what it holds is found out before it is read for what it is.
    return stream.read(LARGEST + 1)


def _explain_policy(name: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file; `corsage init > cors.yaml` writes a starting policy"
    if isinstance(error, IsADirectoryError):
        return "a directory; name the policy file in it"
    return _explain(name, error)


def _explain(name: str, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"may not be read by this user; chmod +r {name}"
    return error.strerror or str(error)
