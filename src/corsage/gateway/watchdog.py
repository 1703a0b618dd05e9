"""Nothing is left behind when the gateway itself is killed.

A tiny shell waits on a pipe that only the gateway holds. When the gateway is gone, however it
went, the pipe ends, and the shell ends nginx and removes its folder. (A signal at the death of
the parent, Linux's PR_SET_PDEATHSIG, would follow the starting thread, spare the workers of a
dead master, and is Linux alone.)
"""

from __future__ import annotations

import contextlib
import os
import subprocess

_SCRIPT = """
read -r group || group=
read -r word && exit 0
if [ -n "$group" ]; then
    kill -s TERM -- "-$group"
    sleep 1
    kill -s KILL -- "-$group"
fi
rm -rf -- "$1"
"""


class Watchdog:
    """Guards ``directory`` from the start, and a process group once :meth:`guard` names it."""

    def __init__(self, directory: str) -> None:
        reader, self._writer = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- a constant script
                ["/bin/sh", "-c", _SCRIPT, "corsage-watchdog", directory],
                stdin=reader,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Ctrl-C and a kill of the gateway's process group must not reach it.
                start_new_session=True,
            )
        finally:
            os.close(reader)

    def guard(self, group: int) -> None:
        """End this process group as well."""
        os.write(self._writer, f"{group}\n".encode())

    def dismiss(self) -> None:
        """Everything has been cleaned up."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._writer, b"\ndone\n")
        os.close(self._writer)
        self._process.wait()
