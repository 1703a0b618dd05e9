"""The policy as tests: ``pytest --corsage cors.yaml --corsage-url https://api.example.com``.

One test for each route, group of origins and clause. Without ``--corsage`` this module adds a
few options and a fixture and imports nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from corsage.pytest_plugin.app import CheckApp


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("corsage", "a deployment against its CORS policy")
    group.addoption("--corsage", metavar="POLICY", help="the policy file")
    group.addoption(
        "--corsage-url",
        metavar="URL",
        help="the origin of the deployment (default: the policy's gateway.public)",
    )
    group.addoption("--corsage-resolve", metavar="ADDRESS", help="host:port where URL is asked")
    group.addoption("--corsage-sample", type=int, metavar="N", help="at most N cases")
    group.addoption(
        "--corsage-send", action="store_true", help="send other methods than GET and HEAD, too"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect the policy file as if it stood among the arguments."""
    if config.getoption("--corsage") is None:
        return
    try:
        from corsage.pytest_plugin.items import Deployed
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        needed = f"--corsage needs the Python package {package}: pip install 'corsage[tools]'"
        raise pytest.UsageError(needed) from error

    config.pluginmanager.register(Deployed(config), "corsage-deployed")


@pytest.fixture
def corsage_app() -> CheckApp:
    """``corsage_app(app, "cors.yaml")`` holds a WSGI or ASGI app, in this process, to a policy."""
    from corsage.pytest_plugin.app import check_app

    return check_app
