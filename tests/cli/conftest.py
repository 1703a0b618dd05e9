"""Run the command line in this process, and the policy that its tests speak of."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from corsage.cli import main

POLICY = """\
version: 1
gateway:
  public: https://api.example.com
origins:
  app: [https://app.example.com, https://admin.example.com]
services:
  billing: http://127.0.0.1:3002
  search: http://127.0.0.1:3003
policies:
  session:
    allow_origins: [app]
    allow_credentials: true
    allow_methods: [GET, POST]
    allow_headers: [Authorization]
  public:
    allow_origins: "*"
routes:
  - {path: /billing, service: billing, cors: session}
  - {path: /search, service: search, cors: public}
  - {path: /own, service: search, cors: session, owner: service}
  - {path: /internal, service: billing, cors: none}
"""


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def corsage(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def run(*arguments: str) -> Ran:
        try:
            code = main(arguments)
        except SystemExit as stopped:
            code = stopped.code if isinstance(stopped.code, int) else 1
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "cors.yaml"
    path.write_text(POLICY)
    return str(path)
