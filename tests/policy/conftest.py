"""The fixed policies, and a short way to a policy with one thing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from corsage.browser import Server
from corsage.policy import Policy, load_policy, serve
from corsage.policy.load import Reading, read_policy_text

# How long an example takes depends on the machine; a hang is caught by the test's own timeout.
settings.register_profile("corsage", deadline=None)
settings.load_profile("corsage")

FILES = sorted((Path(__file__).parents[1] / "data" / "policies").glob("*.yaml"))

MINIMAL = """\
version: 1
services:
  api: http://127.0.0.1:3000
policies:
  open:
    allow_origins: {origins}
{more}routes:
  - {{path: /, service: api, cors: open}}
"""


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def policy_file(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def fixed_policy(policy_file: Path) -> Policy:
    return load_policy(policy_file.read_text("utf-8"), policy_file.name)


@pytest.fixture
def faithful() -> Callable[[Policy], Server]:
    """A policy served with services that do as the policy says on the routes they own."""

    def server(policy: Policy) -> Server:
        owned = tuple(replace(route, owner="gateway") for route in policy.routes)
        return serve(policy, serve(replace(policy, routes=owned)))

    return server


@pytest.fixture
def read() -> Callable[..., Reading]:
    """Read a policy with these ``allow_origins`` and further lines of the policy."""

    def reading(origins: str = '"*"', **keys: str) -> Reading:
        more = "".join(f"    {key}: {value}\n" for key, value in keys.items())
        return read_policy_text(MINIMAL.format(origins=origins, more=more))

    return reading
