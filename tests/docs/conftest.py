"""The documents, and the code blocks in them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for folder in (".", "docs", "examples")
    for path in ROOT.joinpath(folder).glob("**/*.md" if folder != "." else "*.md")
    if "node_modules" not in path.parts
)


def blocks(document: Path, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    pattern = rf"^```{language}\n(.*?)^```$"
    return re.findall(pattern, document.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def root() -> Path:
    return ROOT
