"""FastAPI on uvicorn: an app with the rendered middleware around hostile handlers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch
from tests.conformance.engines.worker import worker

HOST = Path(__file__).parent / "python" / "fastapi_host.py"

OWN = {"a redirect to the slash": ("GET", "/slash"), "a method not allowed": ("TRACE", "/x")}


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    # Starlette registers methods in upper case, so that no route takes `patch`.
    command = [sys.executable, str(HOST)]
    with worker(command, workspace, "cors_policy.py", OWN, parses=str.isupper) as launch:
        yield launch
