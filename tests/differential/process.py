"""A browser as a child: started in its own process group with a fresh profile, and killed by it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

_START = 60.0  # seconds; a cold start on a loaded machine takes about ten


class BrowserProcess:
    """Starts ``command`` and waits until it says where its remote protocol listens."""

    def __init__(self, name: str) -> None:
        self.profile = Path(tempfile.mkdtemp(prefix=f"corsage-{name}-"))
        self._process: asyncio.subprocess.Process | None = None
        self._drain: asyncio.Task[None] | None = None

    async def start(self, command: Sequence[str], announced: str) -> str:
        """The first group of ``announced``, a pattern for a line on standard error."""
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "MOZ_CRASHREPORTER_DISABLE": "1"},
        )
        async with asyncio.timeout(_START):
            address = await self._read_until(re.compile(announced))
        self._drain = asyncio.create_task(self._read_on())
        return address

    async def stop(self) -> None:
        """Kills the whole group and removes the profile."""
        if self._drain is not None:
            self._drain.cancel()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    async def _read_until(self, announced: re.Pattern[str]) -> str:
        assert self._process is not None
        assert self._process.stderr is not None
        said = []
        async for line in self._process.stderr:
            text = line.decode(errors="replace")
            if found := announced.search(text):
                return found[1]
            said.append(text)
        raise RuntimeError(f"the browser ended at once: {''.join(said)}")

    async def _read_on(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        while await self._process.stderr.read(65536):
            pass
