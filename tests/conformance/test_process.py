"""The fixture that starts products says what went wrong, whatever the product does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.engines.process import free_port, process


def test_a_product_that_ends_early_is_reported_with_what_it_printed(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo no such directive; exit 1"]
    with (
        pytest.raises(AssertionError, match="no such directive"),
        process(command, tmp_path, free_port()),
    ):
        pass
