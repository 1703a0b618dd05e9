"""FastAPI on uvicorn: an app with the rendered middleware around hostile handlers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch
from tests.conformance.engines.worker import worker

_HOST = Path(__file__).parent / "python" / "fastapi_host.py"


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    with worker([sys.executable, str(_HOST)], workspace, "cors_policy.py") as launch:
        yield launch
