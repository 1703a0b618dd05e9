"""What docs/middleware.md shows runs, and its facts are tested."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from corsage import Cors
from corsage.cli import main
from corsage.middleware.options import Options
from corsage.policy import load_policy
from tests.docs.conftest import blocks
from tests.middleware.test_routes import TEXT

DOCUMENT = Path(__file__).parents[2] / "docs" / "middleware.md"
BLOCKS = [block for block in blocks(DOCUMENT, "python") if "import Cors" in block]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_example_makes_a_middleware(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cors.yaml").write_text(TEXT, "utf-8")
    names: dict[str, Any] = {"__name__": "example"}

    exec(compile(block, str(DOCUMENT), "exec"), names)  # the document is ours

    app = names["app"]
    assert isinstance(app, Cors) or isinstance(app.wsgi_app, Cors)


def test_the_command_that_it_shows_writes_a_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    settings = 'CORS_ALLOWED_ORIGINS = ["https://app.example.com"]\n'
    (tmp_path / "shop" / "settings.py").write_text(settings, "utf-8")
    [command] = [
        line.split()
        for block in blocks(DOCUMENT, "sh")
        for line in block.splitlines()
        if line.startswith("corsage ")
    ]

    assert main(command[1:]) == 0
    assert load_policy((tmp_path / "cors.yaml").read_text("utf-8")).policies


def test_the_examples_are_found() -> None:
    assert len(BLOCKS) == 7


def test_every_keyword_is_documented() -> None:
    text = DOCUMENT.read_text("utf-8")
    keywords = [name for name in Options.__annotations__ if not name.startswith("dangerously_")]
    hatches = [name.removeprefix("dangerously_allow_") for name in Options.__annotations__]

    assert [name for name in keywords if f"`{name}`" not in text] == []
    assert all(name in text for name in hatches)
    assert all(f"{name}:" in (Cors.__doc__ or "") for name in Options.__annotations__)


def test_the_documented_versions_are_those_that_are_installed() -> None:
    """A newer library has to be looked at again."""

    found = re.search(
        r"Starlette ([\d.]+), django-cors-headers ([\d.]+) and flask-cors ([\d.]+)",
        DOCUMENT.read_text("utf-8"),
    )
    assert found is not None
    for name, documented in zip(
        ("starlette", "django-cors-headers", "flask-cors"), found.groups(), strict=True
    ):
        assert version(name).startswith(documented.rstrip("."))
