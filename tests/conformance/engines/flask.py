"""Flask on Werkzeug: an app with the rendered hooks and hostile views."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch
from tests.conformance.engines.worker import worker

HOST = Path(__file__).parent / "python" / "flask_host.py"

OWN = {"a redirect to the slash": ("GET", "/slash"), "a method not allowed": ("TRACE", "/x")}


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    with worker([sys.executable, str(HOST)], workspace, "cors_policy.py", OWN) as launch:
        yield launch
