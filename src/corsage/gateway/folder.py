"""The private folder of an engine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_LONGEST_SOCKET_PATH = 100  # bytes; a Unix socket's address holds 104 (macOS) or 108
_LONGEST_NAME = len("control.sock")


def make_folder() -> Path:
    """A new folder that only this user may enter, with a path short enough for sockets in it."""
    directory = tempfile.mkdtemp(prefix="corsage-")  # mode 0700
    if len(os.fsencode(directory)) + _LONGEST_NAME < _LONGEST_SOCKET_PATH:
        return Path(directory)
    Path(directory).rmdir()
    return Path(tempfile.mkdtemp(prefix="corsage-", dir="/tmp"))
